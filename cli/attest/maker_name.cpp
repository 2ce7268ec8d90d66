// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/maker_name.hpp"

#include "cli/output.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tpmvsc::cli {
namespace {

using Maker = std::pair<std::string_view, std::string_view>;

/// TCG TPM vendor ID registry, section 3.
constexpr std::array makers{
    Maker{"AMD", "AMD"},
    Maker{"ANT", "Ant Group"},
    Maker{"ATML", "Microchip (Atmel)"},
    Maker{"BRCM", "Broadcom"},
    Maker{"CSCO", "Cisco"},
    Maker{"FLYS", "Flyslice"},
    Maker{"GOOG", "Google"},
    Maker{"HISI", "Huawei"},
    Maker{"HPE", "HPE"},
    Maker{"HPI", "HP"},
    Maker{"IBM", "IBM"},
    Maker{"IFX", "Infineon"},
    Maker{"INTC", "Intel"},
    Maker{"LEN", "Lenovo"},
    Maker{"MSFT", "Microsoft"},
    Maker{"NSG", "NSING"},
    Maker{"NSM", "National Semiconductor"},
    Maker{"NTC", "Nuvoton"},
    Maker{"NTZ", "Nationz"},
    Maker{"QCOM", "Qualcomm"},
    Maker{"ROCC", "Rockchip"},
    Maker{"SEAL", "Wisekey"},
    Maker{"SECE", "Secure-IC"},
    Maker{"SMSC", "SMSC"},
    Maker{"SMSN", "Samsung"},
    Maker{"SNS", "Sinosun"},
    Maker{"STM", "STMicroelectronics"},
    Maker{"TXN", "Texas Instruments"},
    Maker{"VMW", "VMware"},
    Maker{"WEC", "Winbond"},
};

} // namespace

std::string maker_name(const std::string& letters) {
    const auto* const found = std::find_if(
        makers.begin(), makers.end(), [&](const Maker& maker) { return maker.first == letters; });
    return found == makers.end() ? printable(letters) : std::string(found->second);
}

} // namespace tpmvsc::cli
