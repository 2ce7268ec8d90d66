// SPDX-License-Identifier: Apache-2.0
#include "tpm/capabilities.hpp"

#include "tpm/connection.hpp"
#include "tpm/handles.hpp"
#include "tpm/key_template.hpp"
#include "tpm/parent.hpp"
#include "tpm/tpm.hpp"
#include "tpm/tpm2b.hpp"

#include <map>

namespace tpmvsc::tpm {

namespace {

constexpr unsigned most_at_once = 64;
/// Library specification 1.38: the first with TPM_NT_PIN_FAIL.
constexpr unsigned pin_index_revision = 138;

TPMS_CAPABILITY_DATA get_capability(Connection& connection, TPM2_CAP capability,
                                    std::uint32_t property, TPMI_YES_NO* more) {
    TPMS_CAPABILITY_DATA data{};
    connection.executor().run(
        {.name = "TPM2_GetCapability", .code = TPM2_CC_GetCapability},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_GetCapability_Prepare(sys, capability, property, most_at_once);
        },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetCapability_Complete(sys, more, &data); });
    return data;
}

using Properties = std::map<std::uint32_t, std::uint32_t>;

void read_properties(Connection& connection, std::uint32_t first, Properties& into) {
    TPMI_YES_NO more = TPM2_YES;
    while (more == TPM2_YES) {
        const auto data = get_capability(connection, TPM2_CAP_TPM_PROPERTIES, first, &more);
        const TPML_TAGGED_TPM_PROPERTY& list = data.data.tpmProperties;
        if (list.count == 0)
            return;
        for (std::uint32_t i = 0; i < list.count; ++i)
            into[list.tpmProperty[i].property] = list.tpmProperty[i].value;
        first = list.tpmProperty[list.count - 1].property + 1;
        // One group a call: PT_FIXED ends where PT_VAR begins.
        if ((first & 0xFF00) != (list.tpmProperty[0].property & 0xFF00))
            return;
    }
}

std::string letters(const Properties& properties, std::initializer_list<std::uint32_t> wanted) {
    std::string text;
    for (const std::uint32_t property : wanted) {
        const auto found = properties.find(property);
        if (found == properties.end())
            continue;
        for (const std::uint8_t byte : big_endian32(found->second)) {
            if (byte >= 0x20 && byte < 0x7F)
                text.push_back(static_cast<char>(byte));
        }
    }
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

std::uint32_t value(const Properties& properties, std::uint32_t property) {
    const auto found = properties.find(property);
    return found == properties.end() ? 0 : found->second;
}

void describe_identity(const Properties& properties, TpmFacts& facts) {
    facts.manufacturer = letters(properties, {TPM2_PT_MANUFACTURER});
    facts.vendor = letters(properties, {TPM2_PT_VENDOR_STRING_1, TPM2_PT_VENDOR_STRING_2,
                                        TPM2_PT_VENDOR_STRING_3, TPM2_PT_VENDOR_STRING_4});
    const std::uint32_t high = value(properties, TPM2_PT_FIRMWARE_VERSION_1);
    const std::uint32_t low = value(properties, TPM2_PT_FIRMWARE_VERSION_2);
    facts.firmware = std::to_string(high >> 16) + "." + std::to_string(high & 0xFFFF) + "." +
                     std::to_string(low >> 16) + "." + std::to_string(low & 0xFFFF);
    facts.spec_revision = value(properties, TPM2_PT_REVISION);
    facts.has_pin_indices = facts.spec_revision >= pin_index_revision;
}

void describe_state(const Properties& properties, TpmFacts& facts) {
    const std::uint32_t permanent = value(properties, TPM2_PT_PERMANENT);
    facts.owner_auth_set = (permanent & TPMA_PERMANENT_OWNERAUTHSET) != 0;
    facts.nv_indices = value(properties, TPM2_PT_HR_NV_INDEX);
    facts.persistent_objects = value(properties, TPM2_PT_HR_PERSISTENT);
    facts.persistent_available = value(properties, TPM2_PT_HR_PERSISTENT_AVAIL);
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

bool has_algorithm(Connection& connection, KeyAlgorithm algorithm) {
    TPMT_PUBLIC_PARMS parameters = key_parameters(algorithm);
    if (!is_rsa(algorithm)) {
        // A curve without the hash that ECDSA goes with on it (P-384: SHA-384) could not sign.
        parameters.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
        parameters.parameters.eccDetail.scheme.details.ecdsa.hashAlg = hash_of(algorithm);
    }
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

TpmFacts read_facts(Tpm& tpm) {
    TpmFacts facts;
    tpm.run([&](Connection& connection) {
        facts = {};
        Properties properties;
        read_properties(connection, TPM2_PT_FIXED, properties);
        read_properties(connection, TPM2_PT_VAR, properties);
        describe_identity(properties, facts);
        describe_state(properties, facts);
        facts.lockout = read_lockout(connection);
        facts.algorithms = supported_algorithms(connection);
        describe_parent(connection, facts);
    });
    return facts;
}

} // namespace tpmvsc::tpm
