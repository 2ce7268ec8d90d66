// SPDX-License-Identifier: Apache-2.0
#include "tpm/party_seal.hpp"

#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/objects.hpp"
#include "tpm/policy.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

std::vector<Bytes> branches_of(std::span<const Bytes> parties) {
    std::vector<Bytes> branches;
    for (const Bytes& name : parties)
        branches.push_back(policy::secret(policy::start(), name));
    return branches;
}

} // namespace

KeyBlob seal_for_parties(Connection& connection, const Parent& parent, ByteView secret,
                         std::span<const Bytes> parties) {
    const std::vector<Bytes> branches = branches_of(parties);
    TPM2B_PUBLIC wanted = seal_template(parties.front());
    // PolicyOR takes two branches at least.
    const Bytes digest = branches.size() == 1 ? branches.front() : policy::any_of(branches);
    wanted.publicArea.authPolicy = to_tpm2b<TPM2B_DIGEST>(digest);
    TPM2B_PUBLIC made{};
    return create_object(connection, parent, wanted, {.data = secret}, made);
}

SecretBytes unseal_as_party(Connection& connection, const Parent& parent, const KeyBlob& blob,
                            std::span<const Bytes> parties, const PolicyStep& step) {
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    step(connection, policy); // may load an object of its own
    const std::uint32_t handle = connection.load(parent, blob);
    if (parties.size() > 1)
        policy_or(connection, policy, branches_of(parties));
    TPM2B_SENSITIVE_DATA data{};
    const WipeAtEnd wiper(data);
    connection.executor().run(
        {.name = "TPM2_Unseal",
         .code = TPM2_CC_Unseal,
         .names = {object_name(blob)},
         .authorizations = {{.session = &policy, .encryption = session_attribute::encrypt}}},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Prepare(sys, handle); },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Complete(sys, &data); });
    connection.policy_used();
    return SecretBytes(view_of(data));
}

} // namespace tpmvsc::tpm
