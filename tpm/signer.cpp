// SPDX-License-Identifier: Apache-2.0
#include "tpm/signer.hpp"

#include "base/crypto.hpp"
#include "tpm/connection.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

void set_point(TPMT_PUBLIC& area, ByteView point) {
    area.type = TPM2_ALG_ECC;
    TPMS_ECC_PARMS& ecc = area.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_NULL;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    area.unique.ecc.x = to_tpm2b<TPM2B_ECC_PARAMETER>(point.subspan(1, 32));
    area.unique.ecc.y = to_tpm2b<TPM2B_ECC_PARAMETER>(point.subspan(33, 32));
}

void set_modulus(TPMT_PUBLIC& area, const crypto::VerifyingKey& key) {
    constexpr std::uint32_t default_exponent = 65537; // which the TPM writes as zero
    area.type = TPM2_ALG_RSA;
    TPMS_RSA_PARMS& rsa = area.parameters.rsaDetail;
    rsa.symmetric.algorithm = TPM2_ALG_NULL;
    rsa.scheme.scheme = TPM2_ALG_NULL;
    rsa.keyBits = static_cast<TPMI_RSA_KEY_BITS>(8 * key.modulus.size());
    rsa.exponent = key.exponent == default_exponent ? 0 : key.exponent;
    area.unique.rsa = to_tpm2b<TPM2B_PUBLIC_KEY_RSA>(key.modulus);
}

} // namespace

Signer::Signer(const crypto::VerifyingKey& key) {
    TPMT_PUBLIC& area = public_.publicArea;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT;
    if (key.is_rsa())
        set_modulus(area, key);
    else
        set_point(area, key.point);
    name_ = concat(
        {big_endian16(area.nameAlg), crypto::sha256({marshal(Tss2_MU_TPMT_PUBLIC_Marshal, area)})});
}

std::uint32_t Signer::load(Connection& connection) const {
    TPM2_HANDLE handle = 0;
    connection.unload();
    connection.executor().run(
        {.name = "TPM2_LoadExternal", .code = TPM2_CC_LoadExternal},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_LoadExternal_Prepare(sys, nullptr, &public_, TPM2_RH_OWNER);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            TPM2B_NAME name{};
            return Tss2_Sys_LoadExternal_Complete(sys, &handle, &name);
        });
    return handle;
}

TPMT_SIGNATURE Signer::signature(ByteView raw) const {
    if (public_.publicArea.type == TPM2_ALG_ECC)
        return ecdsa_signature(raw);
    TPMT_SIGNATURE result{};
    result.sigAlg = TPM2_ALG_RSASSA;
    result.signature.rsassa.hash = TPM2_ALG_SHA256;
    result.signature.rsassa.sig = to_tpm2b<TPM2B_PUBLIC_KEY_RSA>(raw);
    return result;
}

} // namespace tpmvsc::tpm
