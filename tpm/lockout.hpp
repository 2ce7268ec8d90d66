// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <chrono>
#include <cstdint>

namespace tpmvsc::tpm {

class Connection;

/// LockoutLimits are the parameters of the TPM's dictionary-attack logic, the same for all users of
/// the TPM.
struct LockoutLimits {
    std::uint32_t max_tries = 0;
    std::chrono::seconds recovery{}; ///< one failure is forgotten in this time
    /// The lockout password itself is refused for so long after a wrong one; zero: until the TPM is
    /// restarted.
    std::chrono::seconds password_recovery{};

    /// False where wrong values have no consequence at all: a recovery time of zero switches the
    /// logic off (part 3, TPM2_DictionaryAttackParameters).
    bool protects() const { return recovery.count() != 0; }
    friend bool operator==(const LockoutLimits&, const LockoutLimits&) = default;
};

/// Lockout is the state of the TPM's dictionary-attack logic. Wrong authorisation values of all
/// users of the TPM count together (other than those of entities with the attribute noDA); a right
/// one sets nothing back, only time does, and who has the lockout password. A loss of power after a
/// right value may count as a wrong one (part 1, "Dictionary Attack Protection").
struct Lockout {
    bool active = false; ///< everything under the logic is refused, right values too
    std::uint32_t failed = 0;
    LockoutLimits limits;
    bool password_set = false; ///< else everybody who can open the TPM may reset and change it

    std::uint32_t tries_left() const;
    /// How long it is until something is heard again, when no more is known than this; zero while
    /// it is not active. A restart of the TPM begins the time of the present failure anew.
    std::chrono::seconds longest_wait() const;
};

/// read_lockout asks for the present state: one command.
Lockout read_lockout(Connection& connection);

/// reset_lockout forgets all failures, set_lockout gives new limits, each by the lockout password.
/// It does not travel: it is proven in a salted HMAC session. Throws Error(auth_failed) for a wrong
/// one, after which the TPM refuses any with Error(locked_out) for `password_recovery`.
void reset_lockout(Connection& connection, ByteView password);
void set_lockout(Connection& connection, ByteView password, const LockoutLimits& limits);

} // namespace tpmvsc::tpm
