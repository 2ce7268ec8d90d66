// SPDX-License-Identifier: Apache-2.0
#include "tpm/properties.hpp"

#include "base/bytes.hpp"
#include "tpm/connection.hpp"

namespace tpmvsc::tpm {

namespace {

constexpr unsigned most_at_once = 64;
constexpr std::uint32_t group_mask = 0xFF00;

} // namespace

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

void Properties::read(Connection& connection, std::uint32_t first) {
    const std::uint32_t group = first & group_mask;
    TPMI_YES_NO more = TPM2_YES;
    while (more == TPM2_YES) {
        const auto data = get_capability(connection, TPM2_CAP_TPM_PROPERTIES, first, &more);
        const TPML_TAGGED_TPM_PROPERTY& list = data.data.tpmProperties;
        for (std::uint32_t i = 0; i < list.count; ++i)
            values_[list.tpmProperty[i].property] = list.tpmProperty[i].value;
        if (list.count == 0 || list.tpmProperty[list.count - 1].property < first)
            return;
        first = list.tpmProperty[list.count - 1].property + 1;
        if ((first & group_mask) != group) // PT_FIXED ends where PT_VAR begins
            return;
    }
}

std::uint32_t Properties::value(std::uint32_t property) const {
    const auto found = values_.find(property);
    return found == values_.end() ? 0 : found->second;
}

std::string Properties::letters(std::initializer_list<std::uint32_t> wanted) const {
    std::string text;
    for (const std::uint32_t property : wanted) {
        for (const std::uint8_t byte : big_endian32(value(property))) {
            if (byte >= 0x20 && byte < 0x7F)
                text.push_back(static_cast<char>(byte));
        }
    }
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

} // namespace tpmvsc::tpm
