// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/object_id.hpp"

#include "apdu/piv/attestation.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "base/bytes.hpp"
#include "cli/failure.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 15> objects{{
    {"chuid", piv::tag_chuid},
    {"capability", piv::tag_capability_container},
    {"discovery", piv::tag_discovery},
    {"key-history", piv::tag_key_history},
    {"security", 0x5FC106},
    {"fingerprints", 0x5FC103},
    {"facial-image", 0x5FC108},
    {"printed-information", 0x5FC109},
    {"iris-images", 0x5FC121},
    {"biometric-group", piv::tag_biometric_group},
    {"secure-messaging-signer", 0x5FC122},
    {"pairing-code", 0x5FC123},
    {"authentication-certificate", 0x5FC105},
    {"signature-certificate", 0x5FC10A},
    {"attestation-certificate", piv::tag_attestation_certificate},
}};

std::string digits(std::uint32_t tag) {
    std::string text = to_hex(big_endian32(tag));
    while (text.starts_with("00")) {
        text.erase(0, 2);
    }
    return text;
}

} // namespace

std::string object_forms() {
    std::string text;
    for (const auto& [name, tag] : objects) {
        text += std::string(name) + ", ";
    }
    return text + "or a tag in hexadecimal digits, such as 5fff12";
}

std::uint32_t parse_object_id(const std::string& text) {
    constexpr std::size_t longest_tag = 3;
    for (const auto& [name, tag] : objects) {
        if (text == name) {
            return tag;
        }
    }
    const auto bytes = from_hex(text);
    if (!bytes || bytes->empty() || bytes->size() > longest_tag) {
        throw Failure(ExitCode::usage, "there is no such object: say " + object_forms());
    }
    return static_cast<std::uint32_t>(read_big_endian(*bytes));
}

std::string object_text(std::uint32_t tag) {
    for (const auto& [name, known] : objects) {
        if (tag == known) {
            return std::string(name);
        }
    }
    return digits(tag);
}

std::string object_title(std::uint32_t tag) {
    const std::string name = object_text(tag);
    return name == digits(tag) ? "object " + name : "object " + name + " (" + digits(tag) + ")";
}

} // namespace tpmvsc::cli
