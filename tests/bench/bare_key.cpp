// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bare_key.hpp"

#include "tpm/check.hpp"
#include "tpm/key_template.hpp"
#include "tpm/tpm2b.hpp"

#include <tss2/tss2_tctildr.h>

namespace tpmvsc::bench {

namespace {

constexpr std::string_view password = "bare key";

TSS2L_SYS_AUTH_COMMAND with_password(std::string_view value) {
    TSS2L_SYS_AUTH_COMMAND auths{};
    auths.count = 1;
    auths.auths[0].sessionHandle = TPM2_RS_PW;
    auths.auths[0].hmac = tpm::to_tpm2b<TPM2B_AUTH>(as_bytes(value));
    return auths;
}

} // namespace

BareKey::BareKey(const std::string& tcti, tpm::KeyAlgorithm algorithm) {
    open(tcti);
    try {
        create(algorithm);
    } catch (...) {
        close();
        throw;
    }
}

BareKey::~BareKey() {
    Tss2_Sys_FlushContext(sys_, key_);
    close();
}

void BareKey::open(const std::string& tcti) {
    tpm::check("Tss2_TctiLdr_Initialize", Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_));
    const std::size_t size = Tss2_Sys_GetContextSize(0);
    memory_.assign((size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t), 0);
    sys_ = reinterpret_cast<TSS2_SYS_CONTEXT*>(memory_.data());
    TSS2_ABI_VERSION abi = TSS2_ABI_VERSION_CURRENT;
    tpm::check("Tss2_Sys_Initialize", Tss2_Sys_Initialize(sys_, size, tcti_, &abi));
}

void BareKey::close() {
    Tss2_Sys_Finalize(sys_);
    Tss2_TctiLdr_Finalize(&tcti_);
}

void BareKey::create(tpm::KeyAlgorithm algorithm) {
    const TSS2L_SYS_AUTH_COMMAND owner = with_password("");
    TPM2B_SENSITIVE_CREATE sensitive{};
    sensitive.sensitive.userAuth = tpm::to_tpm2b<TPM2B_AUTH>(as_bytes(password));
    // A card's key without PIN: only the authorisation value stands before it.
    const TPM2B_PUBLIC wanted = tpm::key_template(algorithm, {});
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION no_pcrs{};
    TPM2B_PUBLIC made{};
    TPM2B_CREATION_DATA data{};
    TPM2B_DIGEST hash{};
    TPMT_TK_CREATION ticket{};
    TPM2B_NAME name{};
    TSS2L_SYS_AUTH_RESPONSE answer{};
    tpm::check("TPM2_CreatePrimary",
               Tss2_Sys_CreatePrimary(sys_, TPM2_RH_OWNER, &owner, &sensitive, &wanted, &outside,
                                      &no_pcrs, &key_, &made, &data, &hash, &ticket, &name,
                                      &answer));
}

void BareKey::rsa_private(ByteView block) {
    const TSS2L_SYS_AUTH_COMMAND auths = with_password(password);
    const auto cipher = tpm::to_tpm2b<TPM2B_PUBLIC_KEY_RSA>(block);
    TPMT_RSA_DECRYPT scheme{};
    scheme.scheme = TPM2_ALG_NULL;
    const TPM2B_DATA label{};
    TPM2B_PUBLIC_KEY_RSA message{};
    TSS2L_SYS_AUTH_RESPONSE answer{};
    tpm::check("TPM2_RSA_Decrypt", Tss2_Sys_RSA_Decrypt(sys_, key_, &auths, &cipher, &scheme,
                                                        &label, &message, &answer));
}

void BareKey::ecdsa_sign(ByteView digest) {
    const TSS2L_SYS_AUTH_COMMAND auths = with_password(password);
    const auto to_sign = tpm::to_tpm2b<TPM2B_DIGEST>(digest);
    TPMT_SIG_SCHEME scheme{};
    scheme.scheme = TPM2_ALG_ECDSA;
    scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    TPMT_TK_HASHCHECK no_ticket{};
    no_ticket.tag = TPM2_ST_HASHCHECK;
    no_ticket.hierarchy = TPM2_RH_NULL;
    TPMT_SIGNATURE signature{};
    TSS2L_SYS_AUTH_RESPONSE answer{};
    tpm::check("TPM2_Sign", Tss2_Sys_Sign(sys_, key_, &auths, &to_sign, &scheme, &no_ticket,
                                          &signature, &answer));
}

} // namespace tpmvsc::bench
