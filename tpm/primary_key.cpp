// SPDX-License-Identifier: Apache-2.0
#include "tpm/primary_key.hpp"

#include "tpm/connection.hpp"

namespace tpmvsc::tpm {

namespace {

/// TCG EK credential profile, template L-2 shape with the storage attributes of the TCG
/// provisioning guidance section 7.5.1: what every other tool makes for a P-256 storage root key.
TPM2B_PUBLIC storage_template() {
    TPM2B_PUBLIC result{};
    TPMT_PUBLIC& area = result.publicArea;
    area.type = TPM2_ALG_ECC;
    area.nameAlg = TPM2_ALG_SHA256;
    area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                            TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
    TPMS_ECC_PARMS& ecc = area.parameters.eccDetail;
    ecc.symmetric.algorithm = TPM2_ALG_AES;
    ecc.symmetric.keyBits.aes = 128;
    ecc.symmetric.mode.aes = TPM2_ALG_CFB;
    ecc.scheme.scheme = TPM2_ALG_NULL;
    ecc.curveID = TPM2_ECC_NIST_P256;
    ecc.kdf.scheme = TPM2_ALG_NULL;
    area.unique.ecc.x.size = 32;
    area.unique.ecc.y.size = 32;
    return result;
}

} // namespace

std::uint32_t create_primary(Connection& connection, std::uint32_t hierarchy,
                             const Authorization& authorization) {
    return create_primary(connection, hierarchy, authorization, storage_template());
}

std::uint32_t create_primary(Connection& connection, std::uint32_t hierarchy,
                             const Authorization& authorization, const TPM2B_PUBLIC& in_public) {
    TPM2B_SENSITIVE_CREATE sensitive{};
    sensitive.size = 4; // an empty userAuth and no data, as marshalled
    const TPM2B_DATA outside_info{};
    const TPML_PCR_SELECTION creation_pcr{};
    TPM2_HANDLE handle = 0;
    connection.executor().run(
        {.name = "TPM2_CreatePrimary",
         .code = TPM2_CC_CreatePrimary,
         .names = {handle_name(hierarchy)},
         .authorizations = {authorization}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_CreatePrimary_Prepare(sys, hierarchy, &sensitive, &in_public,
                                                  &outside_info, &creation_pcr);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            TPM2B_PUBLIC out_public{};
            TPM2B_CREATION_DATA creation_data{};
            TPM2B_DIGEST creation_hash{};
            TPMT_TK_CREATION creation_ticket{};
            TPM2B_NAME name{};
            return Tss2_Sys_CreatePrimary_Complete(sys, &handle, &out_public, &creation_data,
                                                   &creation_hash, &creation_ticket, &name);
        });
    return handle;
}

} // namespace tpmvsc::tpm
