// SPDX-License-Identifier: Apache-2.0
#include "tpm/capabilities.hpp"

#include "tpm/connection.hpp"
#include "tpm/handles.hpp"
#include "tpm/key_template.hpp"
#include "tpm/parent.hpp"
#include "tpm/properties.hpp"
#include "tpm/tpm.hpp"
#include "tpm/tpm2b.hpp"

#include <array>

namespace tpmvsc::tpm {

namespace {

/// Library specification 1.38: the first with TPM_NT_PIN_FAIL.
constexpr unsigned pin_index_revision = 138;

/// Throws for what is no TPM 2.0: a TPM 1.2 does not know the tag of our commands.
SelfTest read_self_test(Connection& connection) {
    TPM2B_MAX_BUFFER details{};
    TPM2_RC result = TPM2_RC_SUCCESS;
    try {
        connection.executor().run(
            {.name = "TPM2_GetTestResult", .code = TPM2_CC_GetTestResult},
            [](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetTestResult_Prepare(sys); },
            [&](TSS2_SYS_CONTEXT* sys) {
                return Tss2_Sys_GetTestResult_Complete(sys, &details, &result);
            });
    } catch (const Error& error) {
        // tpm2-tss passes on neither the tag nor the code of a TPM 1.2.
        if (error.code() != TPM2_RC_BAD_TAG && error.code() != TSS2_SYS_RC_GENERAL_FAILURE)
            throw;
        throw Error(Fault::unsupported, error.code(),
                    "this is no TPM 2.0 but, it seems, a TPM 1.2: cards need a TPM 2.0");
    }
    if (result == TPM2_RC_SUCCESS)
        return SelfTest::passed;
    const bool unfinished = result == TPM2_RC_NEEDS_TEST || result == TPM2_RC_TESTING;
    return unfinished ? SelfTest::unfinished : SelfTest::failed;
}

void describe_identity(const Properties& properties, TpmFacts& facts) {
    facts.manufacturer = properties.letters({TPM2_PT_MANUFACTURER});
    facts.vendor = properties.letters({TPM2_PT_VENDOR_STRING_1, TPM2_PT_VENDOR_STRING_2,
                                       TPM2_PT_VENDOR_STRING_3, TPM2_PT_VENDOR_STRING_4});
    const std::uint32_t high = properties.value(TPM2_PT_FIRMWARE_VERSION_1);
    const std::uint32_t low = properties.value(TPM2_PT_FIRMWARE_VERSION_2);
    facts.firmware = std::to_string(high >> 16) + "." + std::to_string(high & 0xFFFF) + "." +
                     std::to_string(low >> 16) + "." + std::to_string(low & 0xFFFF);
    facts.spec_revision = properties.value(TPM2_PT_REVISION);
    facts.has_pin_indices = facts.spec_revision >= pin_index_revision;
}

void describe_state(const Properties& properties, TpmFacts& facts) {
    const std::uint32_t permanent = properties.value(TPM2_PT_PERMANENT);
    facts.owner_auth_set = (permanent & TPMA_PERMANENT_OWNERAUTHSET) != 0;
    facts.endorsement_auth_set = (permanent & TPMA_PERMANENT_ENDORSEMENTAUTHSET) != 0;
    const std::uint32_t enabled = properties.value(TPM2_PT_STARTUP_CLEAR);
    facts.owner_enabled = (enabled & TPMA_STARTUP_CLEAR_SHENABLE) != 0;
    facts.endorsement_enabled = (enabled & TPMA_STARTUP_CLEAR_EHENABLE) != 0;
    facts.largest_index = properties.value(TPM2_PT_NV_INDEX_MAX);
    facts.nv_indices = properties.value(TPM2_PT_HR_NV_INDEX);
    facts.persistent_objects = properties.value(TPM2_PT_HR_PERSISTENT);
    facts.persistent_available = properties.value(TPM2_PT_HR_PERSISTENT_AVAIL);
}

void describe_parent(Connection& connection, TpmFacts& facts) {
    const auto parent = read_parent(connection, storage_root_handle);
    facts.parent_present = parent.has_value();
    if (!parent) {
        facts.parent_description =
            "0x81000001 is empty: creating a card makes a P-256 storage key there";
        return;
    }
    const std::string reason = unfitness(*parent);
    facts.parent_fit = reason.empty();
    facts.parent_description =
        reason.empty() ? "0x81000001 holds a storage key that cards can use"
                       : "0x81000001 is taken by a key that cards cannot use (" + reason +
                             "): creating a card makes its own storage key at another handle";
}

bool takes(Connection& connection, const TPMT_PUBLIC_PARMS& parameters) {
    try {
        connection.executor().run(
            {.name = "TPM2_TestParms", .code = TPM2_CC_TestParms},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_TestParms_Prepare(sys, &parameters); });
        return true;
    } catch (const Error& error) {
        if (error.fault() == Fault::unsupported || error.fault() == Fault::bad_input ||
            error.fault() == Fault::other)
            return false;
        throw;
    }
}

bool has_algorithm(Connection& connection, KeyAlgorithm algorithm) {
    TPMT_PUBLIC_PARMS parameters = key_parameters(algorithm);
    if (!is_rsa(algorithm)) {
        // A curve without the hash that ECDSA goes with on it (P-384: SHA-384) could not sign.
        parameters.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
        parameters.parameters.eccDetail.scheme.details.ecdsa.hashAlg = hash_of(algorithm);
    }
    return takes(connection, parameters);
}

void describe_ciphers(Connection& connection, TpmFacts& facts) {
    for (const std::uint16_t bits : std::array<std::uint16_t, 2>{128, 256}) {
        TPMT_PUBLIC_PARMS parameters{};
        parameters.type = TPM2_ALG_SYMCIPHER;
        TPMT_SYM_DEF_OBJECT& cipher = parameters.parameters.symDetail.sym;
        cipher.algorithm = TPM2_ALG_AES;
        cipher.keyBits.aes = bits;
        cipher.mode.aes = TPM2_ALG_CFB;
        if (takes(connection, parameters))
            facts.session_ciphers.push_back("AES-" + std::to_string(bits) + "-CFB");
    }
}

} // namespace

std::vector<std::uint32_t> list_handles(Connection& connection, std::uint32_t first,
                                        std::uint8_t type) {
    std::vector<std::uint32_t> handles;
    TPMI_YES_NO more = TPM2_YES;
    while (more == TPM2_YES) {
        const auto data = get_capability(connection, TPM2_CAP_HANDLES, first, &more);
        const TPML_HANDLE& list = data.data.handles;
        if (list.count == 0)
            break;
        for (std::uint32_t i = 0; i < list.count; ++i) {
            if ((list.handle[i] >> 24) != type)
                return handles;
            handles.push_back(list.handle[i]);
        }
        first = handles.back() + 1;
    }
    return handles;
}

std::vector<std::uint32_t> list_loaded(Connection& connection, std::uint8_t type) {
    TPMI_YES_NO more = TPM2_NO;
    const std::uint32_t first = static_cast<std::uint32_t>(type) << 24;
    const TPML_HANDLE list =
        get_capability(connection, TPM2_CAP_HANDLES, first, &more).data.handles;
    return {list.handle, list.handle + list.count};
}

std::vector<KeyAlgorithm> supported_algorithms(Connection& connection) {
    std::vector<KeyAlgorithm> found;
    for (const KeyAlgorithm algorithm : all_key_algorithms) {
        if (has_algorithm(connection, algorithm))
            found.push_back(algorithm);
    }
    return found;
}

TpmFacts read_facts(Tpm& tpm, OfFailedTpm of_failed) {
    TpmFacts facts;
    tpm.run([&](Connection& connection) {
        facts = {};
        facts.self_test = read_self_test(connection);
        const bool failed = facts.self_test == SelfTest::failed;
        if (failed && of_failed == OfFailedTpm::thrown)
            throw make_error("TPM2_GetTestResult", TPM2_RC_FAILURE);
        Properties properties;
        properties.read(connection, TPM2_PT_FIXED);
        describe_identity(properties, facts);
        if (failed)
            return;
        properties.read(connection, TPM2_PT_VAR);
        describe_state(properties, facts);
        facts.lockout = read_lockout(connection);
        facts.algorithms = supported_algorithms(connection);
        describe_ciphers(connection, facts);
        describe_parent(connection, facts);
    });
    return facts;
}

} // namespace tpmvsc::tpm
