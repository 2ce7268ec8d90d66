// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/security_condition.hpp"

namespace tpmvsc::gids {

namespace {

constexpr Condition all_of_them = 0x80;
constexpr Condition secure_messaging = 0x40;
constexpr Condition proofs = 0x70;
/// The lower half names a security environment, or none. Every command comes by contacts.
constexpr Condition environment = 0x0F;
constexpr Condition contacts = 0x01;

} // namespace

bool allows(Condition condition, const SecurityStatus& status) {
    if (condition == always) {
        return true;
    }
    if (condition == never || (condition & proofs) == 0 || (condition & environment) > contacts) {
        return false;
    }
    const bool wants_user = (condition & user) != 0;
    const bool wants_administrator = (condition & administrator) != 0;
    if ((condition & all_of_them) != 0) {
        return (condition & secure_messaging) == 0 && (!wants_user || status.user) &&
               (!wants_administrator || status.administrator);
    }
    return (wants_user && status.user) || (wants_administrator && status.administrator);
}

} // namespace tpmvsc::gids
