// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tpm/authority.hpp"
#include "tpm/types.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace tpmvsc::tpm {

class Connection;
class Session;

/// PinIndexKind is what the TPM does with the authorisation value of an index.
enum class PinIndexKind {
    pin_fail, ///< counts wrong values in the index, and refuses all when the limit is reached
    pin_pass, ///< counts right values: it can be used that often, then no more
    ordinary, ///< wrong values count in the TPM's dictionary-attack logic, with all others'
};

/// PinIndex is a PIN or PUK as the TPM holds it: an NV index, mostly of type PIN_FAIL, whose
/// authorisation value is made from the PIN and whose content counts wrong ones. Its policy has
/// these branches:
///   R  PolicyCommandCode(NV_Read): anybody reads the count;
///   I  PolicySigned(creator) + PolicyNvWritten(NO): the one first write;
///   C  PolicyAuthorize(creator): what the creator approved before it went. Always
///      PolicySecret(this index) + PolicyCommandCode(NV_ChangeAuth), change by who knows the old
///      value; and see Approval;
///   U  for each index that may unblock this one: PolicySecret(it) + PolicyCommandCode, once for
///      NV_Write (the count) and once for NV_ChangeAuth (the value).
/// The creator's key is gone when creation ends. Nothing else may write, the owner included, and an
/// index that the owner defines anew never gets this Name again, since WRITTEN is part of the Name.
struct PinIndex {
    /// Approval is a policy that the creator has approved, and the TPM's receipt (TPMT_TK_VERIFIED)
    /// for that signature.
    struct Approval {
        Bytes policy;
        Bytes ticket;
    };

    /// Branches that every index has: R, I, C.
    static constexpr std::size_t own_branches = 3;

    PinIndexKind kind = PinIndexKind::pin_fail;
    std::uint32_t handle = 0;
    Bytes name;                  ///< of the written index: what key policies are bound to
    std::vector<Bytes> branches; ///< policy digests in order R, I, C, U...
    Bytes creator_name;
    Approval change;         ///< change by who knows the old value
    Approval set_limit;      ///< NV_Write by who knows the PIN and the card's authority
    Approval set_value;      ///< PUK only: NV_ChangeAuth by the same two
    Approval grant;          ///< pin_pass only: making it usable again, see signed_reset.hpp
    std::uint32_t limit = 0; ///< tries; zero where the index does not count them
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

/// IndexNote is told the handle of an index about to be defined, and its Names before and after its
/// first write, so that the caller can note them before anything is in the TPM.
using IndexNote =
    std::function<void(std::uint32_t handle, ByteView unwritten_name, ByteView written_name)>;

/// PinIndexPlan is what a new index is to be.
struct PinIndexPlan {
    ByteView auth_value;
    std::uint32_t limit = 0;
    /// Names of the (written) indices and objects that may unblock it.
    std::vector<Bytes> unblockers{};
    PinIndexKind kind = PinIndexKind::pin_fail;
    /// Policies of further branches.
    std::vector<Bytes> branches{};
};

/// NewPinIndex is a PIN index together with its creator's key, which signs approvals and is
/// destroyed with this object.
class NewPinIndex {
  public:
    /// Defines the index at the first free handle of the owner's range, writes count zero
    /// (pin_pass: the limit, so that it is used up) and the limit, and approves the change of its
    /// value. Removes the index again when a later step fails.
    NewPinIndex(Connection& connection, const Parent& parent, ByteView owner_auth,
                const PinIndexPlan& plan, const IndexNote& before_define = {});
    ~NewPinIndex();
    NewPinIndex(NewPinIndex&&) noexcept;
    NewPinIndex& operator=(NewPinIndex&&) noexcept;

    const PinIndex& index() const;
    /// Approves writing the count and the limit, or changing the value, for who satisfies
    /// PolicySecret of both Names, in this order.
    PinIndex::Approval approve_write(Connection& connection, ByteView first_name,
                                     ByteView second_name) const;
    /// Approves `policy` as it is.
    PinIndex::Approval approve_policy(Connection& connection, Bytes policy) const;
    PinIndex::Approval approve_change(Connection& connection, ByteView first_name,
                                      ByteView second_name) const;

  private:
    PinIndex::Approval approve(Connection& connection, ByteView first_name, ByteView second_name,
                               std::uint32_t command_code) const;

    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// check_pin asks whether `auth_value` is right, by PolicySecret in a salted HMAC session. When
/// right and `ticket` is not null, it receives the TPM's ticket, good for `life`. Two commands.
PinCheck check_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                   ByteView auth_value, std::chrono::seconds life, Ticket* ticket);

/// satisfy_pin does the same on `policy`, where it satisfies PolicySecret of the index, for
/// whatever command comes next.
PinCheck satisfy_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                     ByteView auth_value, Session& policy);

/// change_pin sets a new value by who knows the old one. A wrong old value counts a try, a right
/// one restores them.
PinCheck change_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                    ByteView old_value, ByteView new_value);

/// change_pin sets a new value by a ticket of check_pin().
void change_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                const Ticket& proof, ByteView new_value);

/// unblock_pin sets a new value and restores the tries, by who knows the value of `unblocker` (a
/// wrong one counts there). If power fails in the middle the new value is set and the count is not.
/// An ordinary index has no tries to restore: a lockout of the TPM goes on.
PinCheck unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                     const PinIndex& unblocker, ByteView unblocker_value, ByteView new_value);

/// unblock_pin does the same by a ticket of check_pin() for the unblocker of this Name.
void unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                 ByteView unblocker_name, const Ticket& proof, ByteView new_value);

/// unblock_pin does the same by who knows the value of the card's authority. Throws
/// Error(auth_failed) when that is wrong, and policy_failed when the index was made without it.
void unblock_pin(Connection& connection, const Parent& parent, const PinIndex& index,
                 const Authority& authority, ByteView authority_value, ByteView new_value);

/// change_value sets a new value on a policy session that satisfies a branch for NV_ChangeAuth. The
/// value travels under a second session: the policy session's encryption key would want the old
/// value, which an unblocker does not know.
void change_value(Connection& connection, const Parent& parent, const PinIndex& index,
                  Session& policy, ByteView new_value);

/// ticket_holds asks the TPM whether `ticket` still stands for the PIN: its time may be over, or
/// the TPM was restarted.
bool ticket_holds(Connection& connection, const Parent& parent, const PinIndex& index,
                  const Ticket& ticket);

/// ManagedChange is what the holder of PIN and authority together may do to both indices.
struct ManagedChange {
    const Ticket& pin_ticket;
    const Authority& authority;
    ByteView authority_value;
    std::uint32_t pin_limit = 0;
    ByteView pin_value;
    std::uint32_t puk_limit = 0;
    ByteView puk_value;
};

/// set_limits gives the PIN, and the PUK where there is one, new limits and new values and restores
/// their tries. The caller then keeps the new limits in its records.
void set_limits(Connection& connection, const Parent& parent, const PinIndex& pin,
                const PinIndex* puk, const ManagedChange& change);

/// read_count reads tries used and limit, counting nothing.
PinCount read_count(Connection& connection, const Parent& parent, const PinIndex& index);

/// current_name is the Name of whatever is at the index' handle now; nothing when it is undefined.
std::optional<Bytes> current_name(Connection& connection, std::uint32_t handle);

/// public_area is the index' public area (TPMS_NV_PUBLIC, marshalled) as it stands in the TPM: who
/// has it can compute the Name, and see the type, the attributes and the policy.
Bytes public_area(Connection& connection, const PinIndex& index);

/// remove_index undefines the index with the owner's authorisation, if it is there and has this
/// Name. False when there was none of that Name.
bool remove_index(Connection& connection, std::uint32_t handle, ByteView name, ByteView owner_auth);

} // namespace tpmvsc::tpm
