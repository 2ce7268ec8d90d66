// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tpm/types.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace tpmvsc::tpm {

class Connection;

/// PinIndex is a PIN or PUK as the TPM holds it: an NV index of type PIN_FAIL, whose authorisation
/// value is made from the PIN and whose content counts wrong ones. Its policy has these branches:
///   R  PolicyCommandCode(NV_Read): anybody reads the count;
///   I  PolicySigned(creator) + PolicyNvWritten(NO): the one first write;
///   C  PolicyAuthorize(creator), approved once for PolicySecret(this index) +
///      PolicyCommandCode(NV_ChangeAuth): change by who knows the old value;
///   U  for each index that may unblock this one: PolicySecret(it) + PolicyCommandCode, once for
///      NV_Write (the count) and once for NV_ChangeAuth (the value).
/// The creator's key is gone when creation ends. Nothing else may write, the owner included, and an
/// index that the owner defines anew never gets this Name again, since WRITTEN is part of the Name.
struct PinIndex {
    std::uint32_t handle = 0;
    Bytes name;                  ///< of the written index: what key policies are bound to
    std::vector<Bytes> branches; ///< policy digests in order R, I, C, U...
    Bytes creator_name;
    Bytes change_policy;     ///< the policy that the creator approved for branch C
    Bytes change_ticket;     ///< the TPM's receipt for that approval, TPMT_TK_VERIFIED
    std::uint32_t limit = 0; ///< tries
};

/// PinCheck is the TPM's answer to an authorisation value.
enum class PinCheck {
    right,
    wrong,   ///< one try was counted
    blocked, ///< tries used up; nothing was checked or counted
    locked,  ///< the whole TPM is in dictionary-attack lockout
};

/// PinCount is the content of a PIN index.
struct PinCount {
    std::uint32_t used = 0;
    std::uint32_t limit = 0;
};

/// create_pin_index defines the index at the first free handle of the owner's range, writes count
/// zero and `limit`, and destroys the creator's key. `unblockers` are the Names of the (written)
/// indices that may unblock it. `before_define` is told the handle and the index' Names before and
/// after its first write, so that the caller can note them. Removes the index again when a later
/// step fails.
using IndexNote =
    std::function<void(std::uint32_t handle, ByteView unwritten_name, ByteView written_name)>;
PinIndex create_pin_index(Connection& connection, const Parent& parent, ByteView owner_auth,
                          ByteView auth_value, std::uint32_t limit,
                          const std::vector<Bytes>& unblockers,
                          const IndexNote& before_define = {});

/// check_pin asks whether `auth_value` is right, by PolicySecret in a salted HMAC session. When
/// right and `ticket` is not null, it receives the TPM's ticket, good for `life`. Two commands.
PinCheck check_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                   ByteView auth_value, std::chrono::seconds life, Ticket* ticket);

/// change_pin sets a new value by who knows the old one. A wrong old value counts a try, a right
/// one restores them.
PinCheck change_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                    ByteView old_value, ByteView new_value);

/// unblock_pin sets a new value and restores the tries, by who knows the value of `unblocker` (a
/// wrong one counts there). If power fails in the middle the new value is set and the count is not.
PinCheck unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                     const PinIndex& unblocker, ByteView unblocker_value, ByteView new_value);

/// read_count reads tries used and limit, counting nothing.
PinCount read_count(Connection& connection, const Parent& parent, const PinIndex& index);

/// current_name is the Name of whatever is at the index' handle now; nothing when it is undefined.
std::optional<Bytes> current_name(Connection& connection, std::uint32_t handle);

/// remove_index undefines the index with the owner's authorisation, if it is there and has this
/// Name. False when there was none of that Name.
bool remove_index(Connection& connection, std::uint32_t handle, ByteView name, ByteView owner_auth);

} // namespace tpmvsc::tpm
