// SPDX-License-Identifier: Apache-2.0
#include "tpm/objects.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/create_object.hpp"
#include "tpm/key_template.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

using namespace session_attribute;

/// Authorises one use of a loaded object: by ticket through the policy session, which then also
/// encrypts; or by an empty password, the session only encrypting.
class ObjectUse {
  public:
    ObjectUse(Connection& connection, const KeyUse& use, std::uint8_t encryption)
        : connection_(connection), handle_(connection.load(use.parent, use.blob)),
          by_ticket_(use.ticket != nullptr) {
        if (by_ticket_) {
            Session& session = connection.policy_session(use.parent);
            policy_ticket(connection, session, *use.ticket, use.pin_index_name);
            connection.policy_left_over();
            call_.authorizations = {{.session = &session, .encryption = encryption}};
        } else if (encryption != 0) {
            Session& session = connection.encryption_session(use.parent);
            call_.authorizations = {Authorization{},
                                    {.session = &session, .encryption = encryption}};
        } else {
            call_.authorizations = {Authorization{}};
        }
        call_.names = {to_bytes(use.name)};
    }

    template<typename Prepare, typename Complete>
    void run(const char* name, TPM2_CC code, Prepare&& prepare, Complete&& complete) {
        call_.name = name;
        call_.code = code;
        connection_.executor().run(call_, prepare, complete);
        if (by_ticket_)
            connection_.policy_used();
    }
    std::uint32_t handle() const { return handle_; }

  private:
    Connection& connection_;
    std::uint32_t handle_;
    bool by_ticket_;
    Call call_{};
};

std::size_t hash_bytes(KeyAlgorithm algorithm) {
    switch (algorithm) {
    case KeyAlgorithm::p384:
        return 48;
    case KeyAlgorithm::p521:
        return 64;
    default:
        return 32;
    }
}

/// Brings a digest to the size that the TPM wants beside the scheme's hash; see ecdsa_sign().
Bytes fit_digest(KeyAlgorithm algorithm, ByteView digest) {
    const std::size_t size = hash_bytes(algorithm);
    if (digest.size() <= size)
        return left_pad(digest, size);
    if (algorithm == KeyAlgorithm::p521)
        throw Error(Fault::bad_input, 0, "a digest for P-521 is longer than SHA-512's");
    return to_bytes(digest.first(size));
}

/// Copies a decrypted answer into a self-wiping buffer of `size`, zeros in front.
template<Tpm2b T>
SecretBytes take_secret(const T& sized, std::size_t size) {
    SecretBytes secret(size);
    const ByteView value = view_of(sized);
    const ByteView kept = value.size() > size ? value.last(size) : value;
    std::copy(kept.begin(), kept.end(), secret.span().last(kept.size()).begin());
    return secret;
}

/// TPM2_RSA_Decrypt; the answer is left in `message`, to be wiped by who takes it.
void rsa_decrypt(Connection& connection, const KeyUse& use, ByteView cipher,
                 const TPMT_RSA_DECRYPT& scheme, TPM2B_PUBLIC_KEY_RSA& message) {
    const auto block = to_tpm2b<TPM2B_PUBLIC_KEY_RSA>(cipher);
    const TPM2B_DATA label{};
    ObjectUse object(connection, use, decrypt | encrypt);
    object.run(
        "TPM2_RSA_Decrypt", TPM2_CC_RSA_Decrypt,
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_RSA_Decrypt_Prepare(sys, object.handle(), &block, &scheme, &label);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_RSA_Decrypt_Complete(sys, &message); });
}

} // namespace

NewKey create_key(Connection& connection, const Parent& parent, KeyAlgorithm algorithm,
                  ByteView pin_index_name) {
    NewKey key;
    TPM2B_PUBLIC made{};
    key.blob = create_object(connection, parent, key_template(algorithm, pin_index_name), {}, made);
    const TPMT_PUBLIC& area = made.publicArea;
    if (is_rsa(algorithm)) {
        key.modulus = to_bytes(view_of(area.unique.rsa));
        const std::uint32_t exponent = area.parameters.rsaDetail.exponent;
        key.exponent =
            exponent == 0 ? 65537 : exponent; // part 2 section 12.2.3.5: zero is the default
        return key;
    }
    const std::size_t size = key_bytes(algorithm);
    const std::uint8_t uncompressed = 4;
    key.point = concat({ByteView{&uncompressed, 1}, left_pad(view_of(area.unique.ecc.x), size),
                        left_pad(view_of(area.unique.ecc.y), size)});
    return key;
}

Bytes object_name(const KeyBlob& blob) {
    const auto public_area =
        unmarshal<TPM2B_PUBLIC>(Tss2_MU_TPM2B_PUBLIC_Unmarshal, blob.public_area);
    return concat({big_endian16(public_area.publicArea.nameAlg),
                   crypto::sha256({marshal(Tss2_MU_TPMT_PUBLIC_Marshal, public_area.publicArea)})});
}

SecretBytes rsa_private(Connection& connection, const KeyUse& use, ByteView block) {
    TPM2B_PUBLIC_KEY_RSA message{};
    const WipeAtEnd wiper(message);
    rsa_decrypt(connection, use, block, {.scheme = TPM2_ALG_NULL, .details = {}}, message);
    return take_secret(message, block.size());
}

std::optional<SecretBytes> rsa_decrypt(Connection& connection, const KeyUse& use, ByteView cipher,
                                       RsaPadding padding) {
    TPMT_RSA_DECRYPT scheme{.scheme = TPM2_ALG_RSAES, .details = {}};
    if (padding == RsaPadding::oaep_sha1) {
        scheme.scheme = TPM2_ALG_OAEP;
        scheme.details.oaep.hashAlg = TPM2_ALG_SHA1;
    }
    TPM2B_PUBLIC_KEY_RSA message{};
    const WipeAtEnd wiper(message);
    try {
        rsa_decrypt(connection, use, cipher, scheme, message);
    } catch (const Error& error) {
        // TPM_RC_VALUE by part 3 section 14.3; but libtpms 0.9.2 says TPM_RC_FAILURE, as a
        // TPM would that has broken down. If the bare operation works, it has not.
        if (error.fault() != Fault::bad_input && error.code() != TPM2_RC_FAILURE)
            throw;
        if (error.code() == TPM2_RC_FAILURE)
            rsa_private(connection, use, cipher);
        return std::nullopt;
    }
    return take_secret(message, message.size);
}

Bytes ecdsa_sign(Connection& connection, const KeyUse& use, KeyAlgorithm algorithm,
                 ByteView digest) {
    const auto to_sign = to_tpm2b<TPM2B_DIGEST>(fit_digest(algorithm, digest));
    TPMT_SIG_SCHEME scheme{};
    scheme.scheme = TPM2_ALG_ECDSA;
    scheme.details.ecdsa.hashAlg = hash_of(algorithm);
    TPMT_TK_HASHCHECK no_ticket{};
    no_ticket.tag = TPM2_ST_HASHCHECK;
    no_ticket.hierarchy = TPM2_RH_NULL;
    TPMT_SIGNATURE signature{};
    // The digest and the signature are public, so a key without PIN needs no session at all.
    ObjectUse object(connection, use, 0);
    object.run(
        "TPM2_Sign", TPM2_CC_Sign,
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Sign_Prepare(sys, object.handle(), &to_sign, &scheme, &no_ticket);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Sign_Complete(sys, &signature); });
    const std::size_t size = key_bytes(algorithm);
    return concat({left_pad(view_of(signature.signature.ecdsa.signatureR), size),
                   left_pad(view_of(signature.signature.ecdsa.signatureS), size)});
}

SecretBytes ecdh(Connection& connection, const KeyUse& use, KeyAlgorithm algorithm,
                 ByteView point) {
    const std::size_t size = key_bytes(algorithm);
    TPM2B_ECC_POINT in_point{};
    in_point.point.x = to_tpm2b<TPM2B_ECC_PARAMETER>(point.subspan(1, size));
    in_point.point.y = to_tpm2b<TPM2B_ECC_PARAMETER>(point.subspan(1 + size, size));
    TPM2B_ECC_POINT out_point{};
    const WipeAtEnd wiper(out_point);
    ObjectUse object(connection, use, decrypt | encrypt);
    object.run(
        "TPM2_ECDH_ZGen", TPM2_CC_ECDH_ZGen,
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_ECDH_ZGen_Prepare(sys, object.handle(), &in_point);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ECDH_ZGen_Complete(sys, &out_point); });
    return take_secret(out_point.point.x, size);
}

KeyBlob seal(Connection& connection, const Parent& parent, ByteView secret,
             ByteView pin_index_name) {
    TPM2B_PUBLIC made{};
    return create_object(connection, parent, seal_template(pin_index_name), {.data = secret}, made);
}

SecretBytes unseal(Connection& connection, const KeyUse& use) {
    TPM2B_SENSITIVE_DATA data{};
    const WipeAtEnd wiper(data);
    ObjectUse object(connection, use, encrypt);
    object.run(
        "TPM2_Unseal", TPM2_CC_Unseal,
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Prepare(sys, object.handle()); },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Unseal_Complete(sys, &data); });
    return take_secret(data, data.size);
}

SecretBytes random(Connection& connection, const Parent& parent, std::size_t size) {
    SecretBytes result(size);
    std::size_t filled = 0;
    while (filled < size) {
        // One call gives at most a digest's worth (part 3 section 16.1).
        const auto wanted =
            static_cast<std::uint16_t>(std::min(size - filled, crypto::sha256_bytes));
        TPM2B_DIGEST bytes{};
        const WipeAtEnd wiper(bytes);
        Session& session = connection.encryption_session(parent);
        connection.executor().run(
            {.name = "TPM2_GetRandom",
             .code = TPM2_CC_GetRandom,
             .authorizations = {{.session = &session, .encryption = encrypt}}},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetRandom_Prepare(sys, wanted); },
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetRandom_Complete(sys, &bytes); });
        if (bytes.size == 0)
            throw Error(Fault::protocol, 0, "the TPM gave no random bytes");
        const SecretBytes part = take_secret(bytes, bytes.size);
        std::copy(part.view().begin(), part.view().end(), result.span().subspan(filled).begin());
        filled += part.size();
    }
    return result;
}

} // namespace tpmvsc::tpm
