// SPDX-License-Identifier: Apache-2.0
#include "tpm/pin_index.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/nv.hpp"
#include "tpm/policy.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/signer.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

constexpr std::uint16_t pin_counter_bytes = 8; // pinCount and pinLimit, part 2 section 13.3

/// The order of PinIndex::branches.
enum Branch : std::size_t { branch_read, branch_first_write, branch_change };

/// The creator: a P-256 key that signs the first write and approves branch C, and then is no more.
class Creator {
  public:
    Creator()
        : key_(crypto::EcKeyPair::generate(crypto::Curve::p256)), signer_({key_.point(), {}, 0}) {}
    const Bytes& name() const { return signer_.name(); }
    TPMT_SIGNATURE sign(ByteView digest) const { return signer_.signature(key_.sign(digest)); }
    std::uint32_t load(Connection& connection) const { return signer_.load(connection); }

  private:
    crypto::EcKeyPair key_;
    Signer signer_;
};

std::vector<Bytes> make_branches(ByteView creator_name, const std::vector<Bytes>& unblockers) {
    std::vector<Bytes> branches{
        policy::command_code(policy::start(), TPM2_CC_NV_Read),
        policy::nv_written(policy::signed_by(policy::start(), creator_name), false),
        policy::authorize(creator_name),
    };
    for (const Bytes& unblocker : unblockers) {
        const Bytes knows = policy::secret(policy::start(), unblocker);
        branches.push_back(policy::command_code(knows, TPM2_CC_NV_Write));
        branches.push_back(policy::command_code(knows, TPM2_CC_NV_ChangeAuth));
    }
    return branches;
}

/// Type and dictionary-attack attribute. NO_DA is demanded for PIN_FAIL.
TPMA_NV kind_attributes(PinIndexKind kind) {
    switch (kind) {
    case PinIndexKind::pin_pass:
        return (TPM2_NT_PIN_PASS << TPMA_NV_TPM2_NT_SHIFT) | TPMA_NV_NO_DA;
    case PinIndexKind::ordinary:
        return TPM2_NT_ORDINARY << TPMA_NV_TPM2_NT_SHIFT;
    default:
        return (TPM2_NT_PIN_FAIL << TPMA_NV_TPM2_NT_SHIFT) | TPMA_NV_NO_DA;
    }
}

TPMS_NV_PUBLIC index_template(std::uint32_t handle, PinIndexKind kind,
                              const std::vector<Bytes>& branches) {
    TPMS_NV_PUBLIC area{};
    area.nvIndex = handle;
    area.nameAlg = TPM2_ALG_SHA256;
    // No OWNERWRITE: an owner could restore the count. No ORDERLY: WRITTEN would be lost at each
    // restart, and with it the Name.
    area.attributes =
        kind_attributes(kind) | TPMA_NV_POLICYWRITE | TPMA_NV_POLICYREAD | TPMA_NV_AUTHREAD;
    area.authPolicy = to_tpm2b<TPM2B_DIGEST>(policy::any_of(branches));
    area.dataSize = pin_counter_bytes;
    return area;
}

void first_write(Connection& connection, const Parent& parent, const Creator& creator,
                 std::uint32_t creator_handle, const NvPublic& index, const PinIndex& pin) {
    Session& session = connection.policy_session(parent);
    connection.policy_left_over();
    policy_signed(connection, session, creator_handle, creator.sign(signed_policy_digest(session)));
    policy_nv_written(connection, session, false);
    policy_or(connection, session, pin.branches);
    const std::uint32_t used = pin.kind == PinIndexKind::pin_pass ? pin.limit : 0;
    write_nv(connection, session, index, concat({big_endian32(used), big_endian32(pin.limit)}));
    connection.policy_used();
}

/// Signs `policy` and keeps the TPM's receipt for the signature.
PinIndex::Approval sign_approval(Connection& connection, const Creator& creator,
                                 std::uint32_t creator_handle, Bytes policy) {
    const Bytes approval = crypto::sha256({policy}); // and an empty policyRef
    const auto digest = to_tpm2b<TPM2B_DIGEST>(approval);
    const TPMT_SIGNATURE signature = creator.sign(approval);
    TPMT_TK_VERIFIED ticket{};
    connection.executor().run(
        {.name = "TPM2_VerifySignature", .code = TPM2_CC_VerifySignature},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_VerifySignature_Prepare(sys, creator_handle, &digest, &signature);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_VerifySignature_Complete(sys, &ticket); });
    return {std::move(policy), marshal(Tss2_MU_TPMT_TK_VERIFIED_Marshal, ticket)};
}

/// All that comes after the definition.
void finish(Connection& connection, const Parent& parent, const Creator& creator,
            const NvPublic& index, PinIndex& pin) {
    const TransientObject loaded(connection, creator.load(connection));
    first_write(connection, parent, creator, loaded.handle(), index, pin);
    pin.change = sign_approval(
        connection, creator, loaded.handle(),
        policy::command_code(policy::secret(policy::start(), pin.name), TPM2_CC_NV_ChangeAuth));
    const auto there = read_nv_public(connection, pin.handle);
    if (!there || there->name != pin.name)
        throw Error(Fault::protocol, 0, "the TPM did not keep the new PIN index as defined");
}

} // namespace

struct NewPinIndex::Parts {
    Creator creator;
    PinIndex pin;
};

NewPinIndex::~NewPinIndex() = default;
NewPinIndex::NewPinIndex(NewPinIndex&&) noexcept = default;
NewPinIndex& NewPinIndex::operator=(NewPinIndex&&) noexcept = default;

NewPinIndex::NewPinIndex(Connection& connection, const Parent& parent, ByteView owner_auth,
                         const PinIndexPlan& plan, const IndexNote& before_define)
    : parts_(std::make_unique<Parts>()) {
    const Creator& creator = parts_->creator;
    PinIndex& pin = parts_->pin;
    pin.handle = free_index(connection);
    pin.kind = plan.kind;
    pin.limit = plan.limit;
    pin.creator_name = creator.name();
    pin.branches = make_branches(creator.name(), plan.unblockers);
    pin.branches.insert(pin.branches.end(), plan.branches.begin(), plan.branches.end());
    NvPublic index{index_template(pin.handle, pin.kind, pin.branches), {}};
    index.name = nv_name(index.area);
    NvPublic written = index;
    written.area.attributes |= TPMA_NV_WRITTEN;
    pin.name = nv_name(written.area);
    if (before_define)
        before_define(pin.handle, index.name, pin.name);
    define_nv(connection, parent, owner_auth, index.area, plan.auth_value);
    try {
        finish(connection, parent, creator, index, pin);
    } catch (const Error&) {
        discard_index(connection, pin.handle, owner_auth);
        throw;
    }
}

const PinIndex& NewPinIndex::index() const {
    return parts_->pin;
}

PinIndex::Approval NewPinIndex::approve_policy(Connection& connection, Bytes policy) const {
    const TransientObject loaded(connection, parts_->creator.load(connection));
    return sign_approval(connection, parts_->creator, loaded.handle(), std::move(policy));
}

PinIndex::Approval NewPinIndex::approve(Connection& connection, ByteView first_name,
                                        ByteView second_name, std::uint32_t command_code) const {
    const Bytes both = policy::secret(policy::secret(policy::start(), first_name), second_name);
    return approve_policy(connection, policy::command_code(both, command_code));
}

PinIndex::Approval NewPinIndex::approve_write(Connection& connection, ByteView first_name,
                                              ByteView second_name) const {
    return approve(connection, first_name, second_name, TPM2_CC_NV_Write);
}

PinIndex::Approval NewPinIndex::approve_change(Connection& connection, ByteView first_name,
                                               ByteView second_name) const {
    return approve(connection, first_name, second_name, TPM2_CC_NV_ChangeAuth);
}

std::optional<Bytes> current_name(Connection& connection, std::uint32_t handle) {
    const auto index = read_nv_public(connection, handle);
    if (!index)
        return std::nullopt;
    return index->name;
}

bool remove_index(Connection& connection, std::uint32_t handle, ByteView name,
                  ByteView owner_auth) {
    const auto there = current_name(connection, handle);
    if (!there || !equal(*there, name))
        return false;
    undefine_nv(connection, handle, name, owner_auth);
    return true;
}

} // namespace tpmvsc::tpm
