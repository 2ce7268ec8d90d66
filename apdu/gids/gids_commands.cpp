// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/gids_commands.hpp"

#include "apdu/gids/parse_data.hpp"
#include "base/tlv.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Command;

/// Key references of PIN and PUK in GIDS. 00 is the global PIN, which is the same here.
constexpr std::uint8_t global_pin = 0x00;
constexpr std::uint8_t pin_reference = 0x80;
constexpr std::uint8_t puk_reference = 0x81;
constexpr std::uint8_t clear_security_status = 0x82;

constexpr std::uint32_t tag_algorithm = 0x80;
constexpr std::uint32_t tag_key_reference = 0x83;
constexpr std::uint32_t tag_private_key_reference = 0x84;

std::optional<card::PinKind> pin_kind(std::uint8_t reference) {
    switch (reference) {
    case global_pin:
    case pin_reference:
        return card::PinKind::pin;
    case puk_reference:
        return card::PinKind::puk;
    default:
        return std::nullopt;
    }
}

/// A value of one byte under `tag`.
std::optional<std::uint8_t> byte_of(ByteView objects, std::uint32_t tag) {
    const auto object = TlvReader(objects).find(tag);
    if (!object || object->value.size() != 1) {
        return std::nullopt;
    }
    return object->value.front();
}

/// Commands without parameters and data.
GidsCommand plain(const Command& command, const GidsCommand& understood) {
    if (command.p1_p2() != 0) {
        return sw::wrong_p1_p2;
    }
    return command.data.empty() ? understood : GidsCommand(sw::wrong_length);
}

/// By identifier only: OpenSC looks for other cards by path and must not find them.
GidsCommand parse_select(const Command& command) {
    constexpr std::uint8_t by_identifier = 0x00;
    constexpr std::uint8_t answers = 0x0C;
    if (command.p1 != by_identifier || (command.p2 & ~answers) != 0) {
        return sw::wrong_p1_p2;
    }
    if (command.data.size() != 2) {
        return sw::lc_inconsistent_with_p1_p2;
    }
    return SelectFile{static_cast<FileId>(read_big_endian(command.data)),
                      static_cast<SelectAnswer>(command.p2)};
}

/// A PIN of any length counts as a try: the TPM says that it is wrong.
GidsCommand parse_verify(const Command& command) {
    if (command.p1 != 0) {
        return sw::wrong_p1_p2;
    }
    if (command.p2 == clear_security_status) {
        return ClearSecurityStatus{};
    }
    if (pin_kind(command.p2) != card::PinKind::pin) {
        return sw::reference_not_found;
    }
    return command.data.empty() ? GidsCommand(VerifyStatus{}) : VerifyPin{command.data};
}

/// P1 is 00 for a change, 01 for the first value.
GidsCommand parse_change_reference(const Command& command) {
    constexpr std::uint8_t change = 0x00;
    constexpr std::uint8_t first_value = 0x01;
    if (command.p1 != change && command.p1 != first_value) {
        return sw::wrong_p1_p2;
    }
    const auto kind = pin_kind(command.p2);
    if (!kind) {
        return sw::reference_not_found;
    }
    if (command.data.empty()) {
        return sw::wrong_length;
    }
    return command.p1 == change ? GidsCommand(ChangeReference{*kind, command.data})
                                : SetReference{*kind, command.data};
}

/// P1 is 00 with the PUK in front, 02 after an authentication by the admin key.
GidsCommand parse_reset_retry_counter(const Command& command) {
    constexpr std::uint8_t by_puk = 0x00;
    constexpr std::uint8_t by_administrator = 0x02;
    if (command.p1 != by_puk && command.p1 != by_administrator) {
        return sw::wrong_p1_p2;
    }
    if (pin_kind(command.p2) != card::PinKind::pin) {
        return sw::reference_not_found;
    }
    if (command.data.empty()) {
        return sw::wrong_length;
    }
    return command.p1 == by_puk ? GidsCommand(ResetByPuk{command.data})
                                : ResetByAdministrator{command.data};
}

GidsCommand parse_select_admin_key(const Command& command) {
    const auto key = byte_of(command.data, tag_key_reference);
    if (!key) {
        return sw::wrong_data;
    }
    return *key == static_cast<std::uint8_t>(admin_key_file) ? GidsCommand(SelectAdminKey{})
                                                             : sw::reference_not_found;
}

GidsCommand parse_select_key(const Command& command, Usage usage) {
    const auto algorithm = byte_of(command.data, tag_algorithm);
    const auto key = byte_of(command.data, tag_private_key_reference);
    if (!algorithm || !key) {
        return sw::wrong_data;
    }
    const auto meant = key_usage(usage, *algorithm);
    return meant ? GidsCommand(SelectKey{*key, *meant}) : sw::function_not_supported;
}

GidsCommand parse_manage_security_environment(const Command& command) {
    constexpr std::uint16_t sign = 0x41B6;
    constexpr std::uint16_t decipher = 0x41B8;
    constexpr std::uint16_t mutual_authentication = 0xC1A4; // OpenSC
    constexpr std::uint16_t external_authentication = 0x81A4;
    const std::uint16_t parameters = command.p1_p2();
    if (parameters != sign && parameters != decipher && parameters != mutual_authentication &&
        parameters != external_authentication) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || has_duplicates(*objects)) {
        return sw::wrong_data;
    }
    switch (parameters) {
    case sign:
        return parse_select_key(command, Usage::sign);
    case decipher:
        return parse_select_key(command, Usage::decipher);
    default:
        return parse_select_admin_key(command);
    }
}

GidsCommand parse_perform_security_operation(const Command& command) {
    constexpr std::uint16_t compute_signature = 0x9E9A;
    constexpr std::uint16_t decipher = 0x8086;
    switch (command.p1_p2()) {
    case compute_signature:
        return command.data.empty() ? GidsCommand(sw::wrong_length) : Sign{command.data};
    case decipher:
        return command.data.empty() ? GidsCommand(sw::wrong_length) : Decipher{command.data};
    default:
        return sw::wrong_p1_p2;
    }
}

GidsCommand parse_generate(const Command& command) {
    constexpr std::uint32_t tag_control_template = 0xAC;
    if (command.p1_p2() != 0) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() != 1 || objects->front().tag != tag_control_template) {
        return sw::wrong_data;
    }
    const ByteView parameters = objects->front().value;
    const auto reference = byte_of(parameters, tag_algorithm);
    const auto key = byte_of(parameters, tag_key_reference);
    if (!reference || !key) {
        return sw::wrong_data;
    }
    const auto algorithm = generate_algorithm(*reference);
    return algorithm ? GidsCommand(GenerateKey{*key, *algorithm}) : sw::function_not_supported;
}

/// One object in the dynamic authentication template, a challenge or a response,
/// whose length tells the protocol.
GidsCommand parse_general_authenticate(const Command& command) {
    constexpr std::uint32_t tag_template = 0x7C;
    constexpr std::uint32_t tag_challenge = 0x81;
    constexpr std::uint32_t tag_response = 0x82;
    constexpr std::size_t host_random_bytes = 16;
    constexpr std::size_t mutual_cryptogram_bytes = 40;
    constexpr std::size_t external_cryptogram_bytes = 8;
    if (command.p1_p2() != 0) {
        return sw::wrong_p1_p2;
    }
    const auto outer = parse_all(command.data);
    if (!outer || outer->size() != 1 || outer->front().tag != tag_template) {
        return sw::wrong_data;
    }
    const auto inner = parse_all(outer->front().value);
    if (!inner || inner->size() != 1) {
        return sw::wrong_data;
    }
    const Tlv& step = inner->front();
    if (step.tag == tag_challenge && step.value.empty()) {
        return ExternalChallenge{};
    }
    if (step.tag == tag_challenge && step.value.size() == host_random_bytes) {
        return MutualChallenge{step.value};
    }
    if (step.tag == tag_response && step.value.size() == mutual_cryptogram_bytes) {
        return MutualResponse{step.value};
    }
    if (step.tag == tag_response && step.value.size() == external_cryptogram_bytes) {
        return ExternalResponse{step.value};
    }
    return sw::wrong_data;
}

GidsCommand parse_create_file(const Command& command) {
    if (command.p1_p2() != 0) {
        return sw::wrong_p1_p2;
    }
    auto file = parse_file_control(command.data);
    if (const auto* refused = std::get_if<apdu::StatusWord>(&file)) {
        return *refused;
    }
    return CreateFile{std::get<FileControl>(std::move(file))};
}

/// The one command of our own.
GidsCommand parse_put_pin_rules(const Command& command) {
    if (command.p1_p2() != apdu::pin_rules_data) {
        return sw::instruction_not_supported;
    }
    const auto rules = apdu::decode_pin_rules(command.data);
    return rules ? GidsCommand(*rules) : sw::wrong_data;
}

struct Instruction {
    std::uint8_t ins;
    bool chained;
    GidsCommand (*parse)(const Command&);
};

constexpr std::array instructions{
    Instruction{0x20, true, parse_verify},
    Instruction{0x22, true, parse_manage_security_environment},
    Instruction{0x24, true, parse_change_reference},
    Instruction{0x2A, true, parse_perform_security_operation},
    Instruction{0x2C, true, parse_reset_retry_counter},
    Instruction{0x44, false, [](const Command& c) { return plain(c, Activate{}); }},
    Instruction{0x47, true, parse_generate},
    Instruction{0x87, true, parse_general_authenticate},
    Instruction{0xA4, false, parse_select},
    // GET DATA with a tag in P1 P2: what Windows and OpenSC ask for, this card does not have.
    Instruction{0xCA, false, [](const Command&) { return GidsCommand(sw::reference_not_found); }},
    Instruction{0xCB, true, parse_get_data},
    Instruction{apdu::ins_put_simple_data, false, parse_put_pin_rules},
    Instruction{0xDB, true, parse_put_data},
    Instruction{0xE0, true, parse_create_file},
    Instruction{0xE4, false, [](const Command& c) { return plain(c, DeleteFile{}); }},
    Instruction{0xE6, false, [](const Command& c) { return plain(c, Terminate{}); }},
};

const Instruction* find(std::uint8_t ins) {
    const auto found = std::find_if(instructions.begin(), instructions.end(),
                                    [ins](const Instruction& row) { return row.ins == ins; });
    return found == instructions.end() ? nullptr : &*found;
}

} // namespace

GidsCommand parse(const Command& command) {
    const Instruction* const instruction = find(command.ins);
    return instruction == nullptr ? sw::instruction_not_supported : instruction->parse(command);
}

bool may_be_chained(std::uint8_t ins) {
    const Instruction* const instruction = find(ins);
    return instruction != nullptr && instruction->chained;
}

} // namespace tpmvsc::gids
