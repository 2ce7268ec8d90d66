// SPDX-License-Identifier: Apache-2.0
#include "tpm/attestation.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/policy.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/tpm2b.hpp"

#include <algorithm>

namespace tpmvsc::tpm {

namespace {

/// What TPM2_SequenceUpdate takes at once, on every TPM (MAX_DIGEST_BUFFER of the PC Client
/// profile).
constexpr std::size_t most_hashed_at_once = 1024;

TPMT_SIG_SCHEME ecdsa_sha256() {
    TPMT_SIG_SCHEME scheme{};
    scheme.scheme = TPM2_ALG_ECDSA;
    scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    return scheme;
}

Bytes r_and_s(const TPMT_SIGNATURE& signature) {
    return concat({left_pad(view_of(signature.signature.ecdsa.signatureR), 32),
                   left_pad(view_of(signature.signature.ecdsa.signatureS), 32)});
}

/// Hash is a digest made by the TPM, with its ticket that the data is no statement of the TPM's.
struct Hash {
    TPM2B_DIGEST digest{};
    TPMT_TK_HASHCHECK ticket{};
};

std::uint32_t start_sequence(Connection& connection) {
    const TPM2B_AUTH no_auth{};
    TPM2_HANDLE handle = 0;
    connection.executor().run(
        {.name = "TPM2_HashSequenceStart", .code = TPM2_CC_HashSequenceStart},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_HashSequenceStart_Prepare(sys, &no_auth, TPM2_ALG_SHA256);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_HashSequenceStart_Complete(sys, &handle); });
    return handle;
}

Hash hash(Connection& connection, ByteView data) {
    const std::uint32_t sequence = start_sequence(connection);
    TransientObject unfinished(connection, sequence);
    while (data.size() > most_hashed_at_once) {
        const auto part = to_tpm2b<TPM2B_MAX_BUFFER>(data.first(most_hashed_at_once));
        data = data.subspan(most_hashed_at_once);
        connection.executor().run({.name = "TPM2_SequenceUpdate",
                                   .code = TPM2_CC_SequenceUpdate,
                                   .names = {Bytes{}}, // a sequence has no Name
                                   .authorizations = {Authorization{}}},
                                  [&](TSS2_SYS_CONTEXT* sys) {
                                      return Tss2_Sys_SequenceUpdate_Prepare(sys, sequence, &part);
                                  });
    }
    const auto last = to_tpm2b<TPM2B_MAX_BUFFER>(data);
    Hash result;
    connection.executor().run(
        {.name = "TPM2_SequenceComplete",
         .code = TPM2_CC_SequenceComplete,
         .names = {Bytes{}},
         .authorizations = {Authorization{}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_SequenceComplete_Prepare(sys, sequence, &last, TPM2_RH_OWNER);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_SequenceComplete_Complete(sys, &result.digest, &result.ticket);
        });
    unfinished.release(); // completing a sequence ends it
    return result;
}

} // namespace

NewKey create_attestation_key(Connection& connection, const Parent& parent) {
    TPM2B_PUBLIC area = key_template(KeyAlgorithm::p256, {});
    area.publicArea.objectAttributes &= ~static_cast<TPMA_OBJECT>(TPMA_OBJECT_DECRYPT);
    area.publicArea.objectAttributes |= TPMA_OBJECT_RESTRICTED;
    TPMT_ECC_SCHEME& scheme = area.publicArea.parameters.eccDetail.scheme;
    scheme.scheme = TPM2_ALG_ECDSA;
    scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    TPM2B_PUBLIC made{};
    NewKey key;
    key.blob = create_object(connection, parent, area, {}, made);
    const std::uint8_t uncompressed = 4;
    key.point =
        concat({ByteView{&uncompressed, 1}, left_pad(view_of(made.publicArea.unique.ecc.x), 32),
                left_pad(view_of(made.publicArea.unique.ecc.y), 32)});
    return key;
}

Statement certify(Connection& connection, const Parent& parent, const KeyBlob& attestation_key,
                  const KeyBlob& subject, ByteView nonce) {
    const std::uint32_t object = connection.load(parent, subject);
    const TransientObject signer(connection, connection.load_beside(parent, attestation_key));
    const auto bound = to_tpm2b<TPM2B_DATA>(nonce);
    const TPMT_SIG_SCHEME scheme = ecdsa_sha256();
    TPM2B_ATTEST attest{};
    TPMT_SIGNATURE signature{};
    connection.executor().run(
        {.name = "TPM2_Certify",
         .code = TPM2_CC_Certify,
         .names = {object_name(subject), object_name(attestation_key)},
         // Certifying is the object's ADMIN role, which its empty authorisation value may take;
         // using the key is not.
         .authorizations = {Authorization{}, Authorization{}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Certify_Prepare(sys, object, signer.handle(), &bound, &scheme);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Certify_Complete(sys, &attest, &signature); });
    return {to_bytes({attest.attestationData, attest.size}), r_and_s(signature)};
}

Bytes certifying_branch() {
    return policy::command_code(policy::start(), TPM2_CC_NV_Certify);
}

std::optional<Statement> certify_count(Connection& connection, const Parent& parent,
                                       const KeyBlob& attestation_key, const PinIndex& index,
                                       ByteView nonce) {
    constexpr std::uint16_t all = 8; // pinCount and pinLimit
    const auto& branches = index.branches;
    if (std::find(branches.begin(), branches.end(), certifying_branch()) == branches.end())
        return std::nullopt;
    const TransientObject signer(connection, connection.load_beside(parent, attestation_key));
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_command_code(connection, policy, TPM2_CC_NV_Certify);
    policy_or(connection, policy, branches);
    const auto bound = to_tpm2b<TPM2B_DATA>(nonce);
    const TPMT_SIG_SCHEME scheme = ecdsa_sha256();
    TPM2B_ATTEST attest{};
    TPMT_SIGNATURE signature{};
    connection.executor().run(
        {.name = "TPM2_NV_Certify",
         .code = TPM2_CC_NV_Certify,
         .names = {object_name(attestation_key), index.name, index.name},
         .authorizations = {Authorization{}, {.session = &policy}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_NV_Certify_Prepare(sys, signer.handle(), index.handle, index.handle,
                                               &bound, &scheme, all, 0);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_NV_Certify_Complete(sys, &attest, &signature);
        });
    connection.policy_used();
    return Statement{to_bytes({attest.attestationData, attest.size}), r_and_s(signature)};
}

Bytes qualified_name(Connection& connection, const Parent& parent) {
    TPM2B_PUBLIC area{};
    TPM2B_NAME name{};
    TPM2B_NAME qualified{};
    connection.executor().run(
        {.name = "TPM2_ReadPublic", .code = TPM2_CC_ReadPublic},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ReadPublic_Prepare(sys, parent.handle); },
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_ReadPublic_Complete(sys, &area, &name, &qualified);
        });
    return to_bytes({qualified.name, qualified.size});
}

Bytes sign_data(Connection& connection, const Parent& parent, const KeyBlob& attestation_key,
                ByteView data) {
    connection.unload();
    const Hash hashed = hash(connection, data);
    const TransientObject signer(connection, connection.load_beside(parent, attestation_key));
    const TPMT_SIG_SCHEME scheme = ecdsa_sha256();
    TPMT_SIGNATURE signature{};
    connection.executor().run(
        {.name = "TPM2_Sign",
         .code = TPM2_CC_Sign,
         .names = {object_name(attestation_key)},
         .authorizations = {Authorization{}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Sign_Prepare(sys, signer.handle(), &hashed.digest, &scheme,
                                         &hashed.ticket);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Sign_Complete(sys, &signature); });
    return r_and_s(signature);
}

} // namespace tpmvsc::tpm
