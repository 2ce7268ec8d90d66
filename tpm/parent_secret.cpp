// SPDX-License-Identifier: Apache-2.0
#include "tpm/parent_secret.hpp"

#include "base/crypto.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

void put(TPM2B_ENCRYPTED_SECRET& target, ByteView encrypted) {
    if (encrypted.size() > sizeof target.secret)
        throw Error(Fault::protocol, 0, "the parent key is larger than any that a TPM has");
    target.size = static_cast<std::uint16_t>(encrypted.size());
    std::copy(encrypted.begin(), encrypted.end(), target.secret);
}

/// An ephemeral key on the parent's curve (P-256), the shared point through KDFe.
ParentSecret by_ecdh(const TPMS_ECC_POINT& parent, std::string_view label) {
    const Bytes x = left_pad(view_of(parent.x), 32);
    const Bytes y = left_pad(view_of(parent.y), 32);
    const std::uint8_t uncompressed = 4;
    const auto ephemeral = crypto::EcKeyPair::generate(crypto::Curve::p256);
    const auto shared = ephemeral.agree(concat({ByteView{&uncompressed, 1}, x, y}));
    if (!shared)
        throw Error(Fault::protocol, 0, "the parent key's public point is not on its curve");
    const ByteView own_x = ByteView(ephemeral.point()).subspan(1, 32);
    const ByteView own_y = ByteView(ephemeral.point()).subspan(33, 32);
    ParentSecret secret;
    secret.value = kdf_e(shared->view(), label, own_x, x, 8 * crypto::sha256_bytes);
    TPMS_ECC_POINT point{};
    point.x = to_tpm2b<TPM2B_ECC_PARAMETER>(own_x);
    point.y = to_tpm2b<TPM2B_ECC_PARAMETER>(own_y);
    put(secret.encrypted, marshal(Tss2_MU_TPMS_ECC_POINT_Marshal, point));
    return secret;
}

/// Random bytes under OAEP, which takes the label with a terminating zero.
ParentSecret by_oaep(const TPMT_PUBLIC& parent, std::string_view label) {
    ParentSecret secret;
    secret.value = SecretBytes(crypto::sha256_bytes);
    crypto::random_fill(secret.value.span());
    Bytes label_with_zero = to_bytes(label);
    label_with_zero.push_back(0);
    const std::uint32_t exponent = parent.parameters.rsaDetail.exponent;
    put(secret.encrypted,
        crypto::rsa_oaep_encrypt(view_of(parent.unique.rsa), exponent == 0 ? 65537 : exponent,
                                 label_with_zero, secret.value.view()));
    return secret;
}

} // namespace

ParentSecret make_parent_secret(const Parent& parent, std::string_view label) {
    const auto area = unmarshal<TPMT_PUBLIC>(Tss2_MU_TPMT_PUBLIC_Unmarshal, parent.public_area);
    if (area.type == TPM2_ALG_ECC)
        return by_ecdh(area.unique.ecc, label);
    return by_oaep(area, label);
}

} // namespace tpmvsc::tpm
