// SPDX-License-Identifier: Apache-2.0
#include "tpm/endorsement.hpp"

#include "tpm/connection.hpp"
#include "tpm/handles.hpp"
#include "tpm/nv.hpp"
#include "tpm/objects.hpp"
#include "tpm/parent.hpp"
#include "tpm/policy.hpp"
#include "tpm/primary_key.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <algorithm>
#include <memory>

namespace tpmvsc::tpm {

namespace {

/// Where the TCG has them: EK credential profile section 2.2.1.4, registry of reserved handles.
struct Places {
    std::uint32_t certificate;
    std::uint32_t nonce;
    std::uint32_t area; ///< a template of the maker's own
    std::uint32_t persistent;
};
constexpr Places rsa_places{0x01C00002, 0x01C00003, 0x01C00004, 0x81010001};
constexpr Places ecc_places{0x01C0000A, 0x01C0000B, 0x01C0000C, 0x81010002};
constexpr std::uint32_t first_of_chain = 0x01C00100;
constexpr std::uint32_t last_of_chain = 0x01C001FF;
/// What every TPM takes at once (TPM2_PT_NV_BUFFER_MAX is at least that).
constexpr std::uint16_t read_at_once = 512;

const Places& places_of(EndorsementKind kind) {
    return kind == EndorsementKind::rsa ? rsa_places : ecc_places;
}

/// The owner may read it with an empty password, or everybody.
Bytes read_nv(Connection& connection, const NvPublic& index) {
    const bool by_index = (index.area.attributes & TPMA_NV_AUTHREAD) != 0;
    const std::uint32_t handle = by_index ? index.area.nvIndex : std::uint32_t{TPM2_RH_OWNER};
    Bytes content;
    while (content.size() < index.area.dataSize) {
        const auto offset = static_cast<std::uint16_t>(content.size());
        const auto size = std::min<std::uint16_t>(
            read_at_once, static_cast<std::uint16_t>(index.area.dataSize - offset));
        TPM2B_MAX_NV_BUFFER data{};
        connection.executor().run(
            {.name = "TPM2_NV_Read",
             .code = TPM2_CC_NV_Read,
             .names = {by_index ? index.name : handle_name(handle), index.name},
             .authorizations = {Authorization{}}},
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_NV_Read_Prepare(sys, handle, index.area.nvIndex, size, offset);
            },
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_NV_Read_Complete(sys, &data); });
        if (data.size == 0)
            break;
        append(content, view_of(data));
    }
    return content;
}

/// The content of an index; nothing when it is not there, or nobody may read it.
Bytes read_if_there(Connection& connection, std::uint32_t handle) {
    const auto index = read_nv_public(connection, handle);
    if (!index || (index->area.attributes & TPMA_NV_WRITTEN) == 0)
        return {};
    try {
        return read_nv(connection, *index);
    } catch (const Error& error) {
        if (error.fault() == Fault::unreachable)
            throw;
        return {};
    }
}

/// Splits a row of DER certificates; what pads the index behind the last one is dropped.
std::vector<Bytes> split_certificates(ByteView row) {
    constexpr std::size_t header = 4; // SEQUENCE with a length of two bytes: all of 256 and more
    std::vector<Bytes> found;
    while (row.size() > header && row[0] == 0x30 && row[1] == 0x82) {
        const std::size_t size = header + read_big_endian(row.subspan(2, 2));
        if (size > row.size())
            break;
        found.push_back(to_bytes(row.first(size)));
        row = row.subspan(size);
    }
    return found;
}

Bytes read_certificate(Connection& connection, EndorsementKind kind) {
    auto found = split_certificates(read_if_there(connection, places_of(kind).certificate));
    return found.empty() ? Bytes{} : std::move(found.front());
}

/// One certificate may go on from one index to the next.
std::vector<Bytes> read_chain(Connection& connection) {
    Bytes row;
    for (const std::uint32_t handle : list_handles(connection, first_of_chain, TPM2_HT_NV_INDEX)) {
        if (handle > last_of_chain)
            break;
        append(row, read_if_there(connection, handle));
    }
    return split_certificates(row);
}

Bytes endorsement_policy() {
    return policy::secret(policy::start(), handle_name(TPM2_RH_ENDORSEMENT));
}

TPM2B_PUBLIC tcg_template(EndorsementKind kind) {
    TPM2B_PUBLIC result{};
    TPMT_PUBLIC& area = result.publicArea;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
                            TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
    area.authPolicy = to_tpm2b<TPM2B_DIGEST>(endorsement_policy());
    TPMT_SYM_DEF_OBJECT cipher{};
    cipher.algorithm = TPM2_ALG_AES;
    cipher.keyBits.aes = 128;
    cipher.mode.aes = TPM2_ALG_CFB;
    if (kind == EndorsementKind::rsa) {
        constexpr std::uint16_t bits = 2048;
        area.type = TPM2_ALG_RSA;
        TPMS_RSA_PARMS& rsa = area.parameters.rsaDetail;
        rsa.symmetric = cipher;
        rsa.scheme.scheme = TPM2_ALG_NULL;
        rsa.keyBits = bits;
        area.unique.rsa.size = bits / 8;
        return result;
    }
    area.type = TPM2_ALG_ECC;
    TPMS_ECC_PARMS& ecc = area.parameters.eccDetail;
    ecc.symmetric = cipher;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    area.unique.ecc.x.size = 32;
    area.unique.ecc.y.size = 32;
    return result;
}

/// The maker may have made the certificate for a key of a template of its own.
TPM2B_PUBLIC template_of(Connection& connection, EndorsementKind kind) {
    TPM2B_PUBLIC result = tcg_template(kind);
    const Bytes area = read_if_there(connection, places_of(kind).area);
    const Bytes nonce = read_if_there(connection, places_of(kind).nonce);
    if (!area.empty())
        result.publicArea = unmarshal<TPMT_PUBLIC>(Tss2_MU_TPMT_PUBLIC_Unmarshal, area);
    if (nonce.empty())
        return result;
    TPMU_PUBLIC_ID& unique = result.publicArea.unique;
    if (kind == EndorsementKind::rsa) {
        if (nonce.size() <= unique.rsa.size)
            std::copy(nonce.begin(), nonce.end(), std::begin(unique.rsa.buffer));
    } else if (nonce.size() <= unique.ecc.x.size) {
        std::copy(nonce.begin(), nonce.end(), std::begin(unique.ecc.x.buffer));
    }
    return result;
}

/// Fit for activate_credential: what its template makes, whoever has made it persistent.
bool is_endorsement_key(const Parent& key, EndorsementKind kind) {
    const auto area = unmarshal<TPMT_PUBLIC>(Tss2_MU_TPMT_PUBLIC_Unmarshal, key.public_area);
    constexpr TPMA_OBJECT wanted = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                   TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_RESTRICTED |
                                   TPMA_OBJECT_DECRYPT;
    return (area.objectAttributes & wanted) == wanted && area.nameAlg == TPM2_ALG_SHA256 &&
           area.type == (kind == EndorsementKind::rsa ? TPM2_ALG_RSA : TPM2_ALG_ECC) &&
           equal(view_of(area.authPolicy), endorsement_policy());
}

/// True where the certificate is for this key; what is in the TPM holds the key's own bytes.
bool certifies(ByteView certificate, const Parent& key) {
    const auto area = unmarshal<TPMT_PUBLIC>(Tss2_MU_TPMT_PUBLIC_Unmarshal, key.public_area);
    const ByteView number =
        area.type == TPM2_ALG_RSA ? view_of(area.unique.rsa) : view_of(area.unique.ecc.x);
    return std::search(certificate.begin(), certificate.end(), number.begin(), number.end()) !=
           certificate.end();
}

/// OpenEndorsement is the key with a handle, for a few commands.
class OpenEndorsement {
  public:
    OpenEndorsement(Connection& connection, EndorsementKind kind, ByteView certificate) {
        const auto persistent = read_parent(connection, places_of(kind).persistent);
        if (persistent && is_endorsement_key(*persistent, kind) &&
            (certificate.empty() || certifies(certificate, *persistent))) {
            key_ = *persistent;
            return;
        }
        made_ = std::make_unique<TransientObject>(
            connection,
            create_primary(connection, TPM2_RH_ENDORSEMENT, {}, template_of(connection, kind)));
        const auto made = read_parent(connection, made_->handle());
        if (!made)
            throw Error(Fault::protocol, 0, "the endorsement key has vanished");
        key_ = *made;
    }
    const Parent& key() const { return key_; }

  private:
    Parent key_;
    std::unique_ptr<TransientObject> made_;
};

/// A sized buffer whose content is the member `content`.
template<typename T, std::size_t capacity>
T to_sized(ByteView bytes, BYTE (T::*content)[capacity]) {
    T result{};
    if (bytes.size() > capacity)
        throw Error(Fault::bad_input, 0, "value too long for the TPM");
    result.size = static_cast<std::uint16_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), result.*content);
    return result;
}

/// PolicySecret by the hierarchy's password, which is empty: then it is no secret.
void policy_endorsement(Connection& connection, const Session& policy) {
    const TPM2B_NONCE no_nonce{};
    const TPM2B_DIGEST no_cp_hash{};
    const TPM2B_NONCE no_policy_ref{};
    connection.executor().run(
        {.name = "TPM2_PolicySecret",
         .code = TPM2_CC_PolicySecret,
         .names = {handle_name(TPM2_RH_ENDORSEMENT), handle_name(policy.handle())},
         .authorizations = {Authorization{}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_PolicySecret_Prepare(sys, TPM2_RH_ENDORSEMENT, policy.handle(),
                                                 &no_nonce, &no_cp_hash, &no_policy_ref, 0);
        });
}

} // namespace

EndorsementKey read_endorsement(Connection& connection, std::optional<EndorsementKind> wish) {
    connection.unload();
    EndorsementKey result;
    result.kind = wish.value_or(EndorsementKind::ecc);
    result.certificate = read_certificate(connection, result.kind);
    if (!wish && result.certificate.empty()) {
        result.certificate = read_certificate(connection, EndorsementKind::rsa);
        if (!result.certificate.empty())
            result.kind = EndorsementKind::rsa;
    }
    if (!result.certificate.empty())
        result.chain = read_chain(connection);
    result.public_area =
        OpenEndorsement(connection, result.kind, result.certificate).key().public_area;
    return result;
}

SecretBytes activate_credential(Connection& connection, const Parent& parent,
                                const KeyBlob& attestation_key, EndorsementKind kind,
                                ByteView credential, ByteView encrypted_secret) {
    connection.unload();
    const OpenEndorsement endorsement(connection, kind, read_certificate(connection, kind));
    const TransientObject own(connection, connection.load_beside(parent, attestation_key));
    const auto blob = to_sized<TPM2B_ID_OBJECT>(credential, &TPM2B_ID_OBJECT::credential);
    const auto secret =
        to_sized<TPM2B_ENCRYPTED_SECRET>(encrypted_secret, &TPM2B_ENCRYPTED_SECRET::secret);
    Session& policy = connection.policy_session(parent);
    connection.policy_left_over();
    policy_endorsement(connection, policy);
    TPM2B_DIGEST opened{};
    const WipeAtEnd wiper(opened);
    connection.executor().run(
        {.name = "TPM2_ActivateCredential",
         .code = TPM2_CC_ActivateCredential,
         .names = {object_name(attestation_key), endorsement.key().name},
         .authorizations = {Authorization{},
                            {.session = &policy, .encryption = session_attribute::encrypt}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_ActivateCredential_Prepare(sys, own.handle(), endorsement.key().handle,
                                                       &blob, &secret);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ActivateCredential_Complete(sys, &opened); });
    connection.policy_used();
    return SecretBytes(view_of(opened));
}

} // namespace tpmvsc::tpm
