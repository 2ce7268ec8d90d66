// SPDX-License-Identifier: Apache-2.0
#include "tpm/import.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/key_template.hpp"
#include "tpm/objects.hpp"
#include "tpm/parent_secret.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

TPM2B_PUBLIC public_area(const ForeignKey& key, ByteView pin_index_name) {
    TPM2B_PUBLIC result = key_template(key.algorithm, pin_index_name);
    TPMT_PUBLIC& area = result.publicArea;
    area.objectAttributes &= ~static_cast<TPMA_OBJECT>(
        TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN);
    if (is_rsa(key.algorithm)) {
        area.unique.rsa = to_tpm2b<TPM2B_PUBLIC_KEY_RSA>(key.modulus);
        return result;
    }
    const std::size_t size = key_bytes(key.algorithm);
    area.unique.ecc.x = to_tpm2b<TPM2B_ECC_PARAMETER>(key.point.subspan(1, size));
    area.unique.ecc.y = to_tpm2b<TPM2B_ECC_PARAMETER>(key.point.subspan(1 + size, size));
    return result;
}

/// TPM2B_SENSITIVE: type, no authorisation value, no seed, the secret number (part 2
/// section 12.3.2.4).
SecretBytes marshal_sensitive(const ForeignKey& key) {
    const Bytes head =
        concat({big_endian16(is_rsa(key.algorithm) ? TPM2_ALG_RSA : TPM2_ALG_ECC), big_endian16(0),
                big_endian16(0), big_endian16(static_cast<std::uint16_t>(key.secret.size()))});
    const Bytes size = big_endian16(static_cast<std::uint16_t>(head.size() + key.secret.size()));
    SecretBytes result(size.size() + head.size() + key.secret.size());
    auto out = std::copy(size.begin(), size.end(), result.span().begin());
    out = std::copy(head.begin(), head.end(), out);
    std::copy(key.secret.begin(), key.secret.end(), out);
    return result;
}

/// The outer wrapper: sensitive area encrypted and authenticated under keys from the seed.
TPM2B_PRIVATE wrap(const ForeignKey& key, ByteView name, const SecretBytes& seed) {
    constexpr std::uint32_t parent_key_bits = 128;
    const Bytes zero_iv(16, 0);
    SecretBytes sensitive = marshal_sensitive(key);
    const SecretBytes symmetric_key = kdf_a(seed.view(), "STORAGE", name, {}, parent_key_bits);
    crypto::aes128_cfb_encrypt(symmetric_key.view(), zero_iv, sensitive.span());
    const SecretBytes hmac_key = kdf_a(seed.view(), "INTEGRITY", {}, {}, 8 * crypto::sha256_bytes);
    const Bytes integrity = crypto::hmac_sha256(hmac_key.view(), {sensitive.view(), name});
    return to_tpm2b<TPM2B_PRIVATE>(concat(
        {big_endian16(static_cast<std::uint16_t>(integrity.size())), integrity, sensitive.view()}));
}

} // namespace

KeyBlob import_key(Connection& connection, const Parent& parent, const ForeignKey& key,
                   ByteView pin_index_name) {
    const TPM2B_PUBLIC object_public = public_area(key, pin_index_name);
    KeyBlob blob;
    blob.public_area = marshal(Tss2_MU_TPM2B_PUBLIC_Marshal, object_public);
    const ParentSecret seed = make_parent_secret(parent, "DUPLICATE");
    const TPM2B_PRIVATE duplicate = wrap(key, object_name(blob), seed.value);
    const TPM2B_DATA no_inner_key{};
    TPMT_SYM_DEF_OBJECT no_inner_wrapper{};
    no_inner_wrapper.algorithm = TPM2_ALG_NULL;
    TPM2B_PRIVATE made{};
    connection.unload();
    connection.executor().run(
        {.name = "TPM2_Import",
         .code = TPM2_CC_Import,
         .names = {parent.name},
         .authorizations = {Authorization{}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Import_Prepare(sys, parent.handle, &no_inner_key, &object_public,
                                           &duplicate, &seed.encrypted, &no_inner_wrapper);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_Import_Complete(sys, &made); });
    blob.private_area = marshal(Tss2_MU_TPM2B_PRIVATE_Marshal, made);
    return blob;
}

} // namespace tpmvsc::tpm
