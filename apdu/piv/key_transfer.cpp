// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/key_transfer.hpp"

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::StatusWord;

} // namespace

StatusWord import_key(card::Card& card, const ImportRsaKey& command, const Options& options) {
    const ImportTarget& target = command.target;
    if (!card.supports(target.algorithm) || !may_hold(target.slot, target.algorithm, options)) {
        return sw::wrong_data;
    }
    return card.import_rsa_key(target.slot, target.algorithm, target.pin_policy, command.parts)
               ? sw::success
               : sw::wrong_data;
}

StatusWord import_key(card::Card& card, const ImportEcKey& command) {
    const ImportTarget& target = command.target;
    if (!card.supports(target.algorithm)) {
        return sw::wrong_data;
    }
    return card.import_ec_key(target.slot, target.algorithm, target.pin_policy, command.scalar)
               ? sw::success
               : sw::wrong_data;
}

StatusWord move_key(card::Card& card, const MoveKey& command, const Options& options) {
    const auto key = card.key(command.from);
    if (!key) {
        return sw::reference_not_found;
    }
    const bool moved =
        may_hold(command.to, key->algorithm, options) && card.move_key(command.from, command.to);
    return moved ? sw::success : sw::wrong_data;
}

StatusWord delete_key(card::Card& card, const DeleteKey& command) {
    return card.delete_key(command.slot) ? sw::success : sw::reference_not_found;
}

} // namespace tpmvsc::piv
