// SPDX-License-Identifier: Apache-2.0
#include "tpm/key_template.hpp"

#include "tpm/policy.hpp"
#include "tpm/tpm2b.hpp"

namespace tpmvsc::tpm {

namespace {

TPM2_ECC_CURVE curve_of(KeyAlgorithm algorithm) {
    switch (algorithm) {
    case KeyAlgorithm::p384:
        return TPM2_ECC_NIST_P384;
    case KeyAlgorithm::p521:
        return TPM2_ECC_NIST_P521;
    default:
        return TPM2_ECC_NIST_P256;
    }
}

/// Either the PIN, through the policy, or nothing at all, through an empty authorisation value.
void bind_to_pin(TPMT_PUBLIC& area, ByteView pin_index_name) {
    if (pin_index_name.empty()) {
        area.objectAttributes |= TPMA_OBJECT_USERWITHAUTH;
        return;
    }
    area.authPolicy = to_tpm2b<TPM2B_DIGEST>(policy::secret(policy::start(), pin_index_name));
}

} // namespace

TPMT_PUBLIC_PARMS key_parameters(KeyAlgorithm algorithm) {
    TPMT_PUBLIC_PARMS result{};
    if (is_rsa(algorithm)) {
        result.type = TPM2_ALG_RSA;
        TPMS_RSA_PARMS& rsa = result.parameters.rsaDetail;
        rsa.symmetric.algorithm = TPM2_ALG_NULL;
        rsa.scheme.scheme = TPM2_ALG_NULL;
        rsa.keyBits = static_cast<TPMI_RSA_KEY_BITS>(8 * key_bytes(algorithm));
        return result;
    }
    result.type = TPM2_ALG_ECC;
    TPMS_ECC_PARMS& ecc = result.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_NULL;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = curve_of(algorithm);
    ecc.kdf.scheme = TPM2_ALG_NULL;
    return result;
}

TPMI_ALG_HASH hash_of(KeyAlgorithm algorithm) {
    switch (algorithm) {
    case KeyAlgorithm::p384:
        return TPM2_ALG_SHA384;
    case KeyAlgorithm::p521:
        return TPM2_ALG_SHA512;
    default:
        return TPM2_ALG_SHA256;
    }
}

TPM2B_PUBLIC key_template(KeyAlgorithm algorithm, ByteView pin_index_name) {
    TPM2B_PUBLIC result{};
    TPMT_PUBLIC& area = result.publicArea;
    const TPMT_PUBLIC_PARMS parameters = key_parameters(algorithm);
    area.type = parameters.type;
    area.parameters = parameters.parameters;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_NODA |
                            TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_DECRYPT;
    bind_to_pin(area, pin_index_name);
    return result;
}

TPM2B_PUBLIC seal_template(ByteView pin_index_name) {
    TPM2B_PUBLIC result{};
    TPMT_PUBLIC& area = result.publicArea;
    area.type = TPM2_ALG_KEYEDHASH;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA;
    area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
    bind_to_pin(area, pin_index_name);
    return result;
}

} // namespace tpmvsc::tpm
