// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_commands.hpp"

#include "apdu/piv/key_attributes.hpp"
#include "apdu/piv/parse_extensions.hpp"
#include "apdu/piv/reference_data.hpp"
#include "base/tlv.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Command;

constexpr std::uint16_t any_object = 0x3FFF;
constexpr std::uint32_t tag_list = 0x5C;
constexpr std::uint32_t object_contents = 0x53;
constexpr std::uint32_t discovery_object = 0x7E;
constexpr std::uint32_t biometric_group_template = 0x7F61;

/// The object that a tag list names; nothing when it names none or more than one.
std::optional<std::uint32_t> named_object(const Tlv& list) {
    constexpr std::size_t longest_tag = 3;
    if (list.tag != tag_list || list.value.empty() || list.value.size() > longest_tag) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(read_big_endian(list.value));
}

/// Section 3.1.2.
PivCommand parse_get_data(const Command& command) {
    if (command.p1_p2() != any_object) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() != 1) {
        return sw::wrong_data;
    }
    const auto tag = named_object(objects->front());
    if (!tag) {
        return sw::wrong_data;
    }
    return GetData{*tag};
}

/// Section 3.3.1: a tag list and the contents, but for two objects that come as they are.
PivCommand parse_put_data(const Command& command) {
    if (command.p1_p2() != any_object) {
        return sw::wrong_p1_p2;
    }
    const auto objects = parse_all(command.data);
    if (!objects || objects->empty()) {
        return sw::wrong_data;
    }
    const Tlv& first = objects->front();
    if (first.tag == discovery_object || first.tag == biometric_group_template) {
        return objects->size() == 1 ? PivCommand(PutData{first.tag, first.value}) : sw::wrong_data;
    }
    const auto tag = named_object(first);
    if (!tag || objects->size() != 2 || objects->back().tag != object_contents) {
        return sw::wrong_data;
    }
    return PutData{*tag, objects->back().value};
}

/// Section 3.2.1. Data of a wrong length is no PIN, so it costs no try.
PivCommand parse_verify(const Command& command) {
    constexpr std::uint8_t end_session = 0xFF;
    if (command.p1 != 0 && command.p1 != end_session) {
        return sw::wrong_p1_p2;
    }
    if (command.p2 != pin_reference) {
        return sw::reference_not_found;
    }
    if (command.p1 == end_session) {
        return command.data.empty() ? PivCommand(Logout{}) : sw::wrong_data;
    }
    if (command.data.empty()) {
        return VerifyStatus{};
    }
    if (command.data.size() != reference_data_bytes) {
        return sw::wrong_data;
    }
    return VerifyPin{without_padding(command.data)};
}

/// Both values of a command that proves one secret to set another.
struct ValuePair {
    ByteView known;
    ByteView fresh;
};

std::optional<ValuePair> value_pair(const Command& command) {
    if (command.data.size() != 2 * reference_data_bytes) {
        return std::nullopt;
    }
    const ByteView data = command.data;
    return ValuePair{without_padding(data.first(reference_data_bytes)),
                     data.subspan(reference_data_bytes)};
}

/// Section 3.2.2.
PivCommand parse_change_reference(const Command& command) {
    if (command.p1 != 0) {
        return sw::wrong_p1_p2;
    }
    if (command.p2 != pin_reference && command.p2 != puk_reference) {
        return sw::reference_not_found;
    }
    const auto values = value_pair(command);
    if (!values) {
        return sw::wrong_data;
    }
    const auto kind = command.p2 == pin_reference ? card::PinKind::pin : card::PinKind::puk;
    return ChangeReference{kind, values->known, new_reference_data(kind, values->fresh)};
}

/// Section 3.2.3.
PivCommand parse_reset_retry_counter(const Command& command) {
    if (command.p1 != 0) {
        return sw::wrong_p1_p2;
    }
    if (command.p2 != pin_reference) {
        return sw::reference_not_found;
    }
    const auto values = value_pair(command);
    if (!values) {
        return sw::wrong_data;
    }
    return ResetRetryCounter{values->known, new_reference_data(card::PinKind::pin, values->fresh)};
}

/// Reads what one object of the template says into `wanted`; false when it cannot be met.
bool read_key_attribute(const Tlv& attribute, const KeyReference& reference,
                        std::optional<card::KeyAlgorithm>& algorithm, GenerateKey& wanted) {
    switch (attribute.tag) {
    case 0x80:
        algorithm =
            attribute.value.size() == 1 ? key_algorithm(attribute.value.front()) : std::nullopt;
        return algorithm.has_value();
    case tag_pin_policy: {
        const auto policy = read_pin_policy(attribute, reference);
        wanted.pin_policy = policy.value_or(reference.pin_policy);
        return policy.has_value();
    }
    case tag_touch_policy:
        return is_touch_policy(attribute);
    default:
        return false;
    }
}

/// Section 3.3.2.
PivCommand parse_generate_key(const Command& command) {
    constexpr std::uint32_t control_template = 0xAC;
    const KeyReference* const reference = find_key_reference(command.p2);
    if (command.p1 != 0 || reference == nullptr) {
        return sw::wrong_p1_p2;
    }
    const auto templates = parse_all(command.data);
    if (!templates || templates->size() != 1 || templates->front().tag != control_template) {
        return sw::wrong_data;
    }
    const auto attributes = parse_all(templates->front().value);
    if (!attributes) {
        return sw::wrong_data;
    }
    if (has_duplicates(*attributes)) {
        return sw::wrong_data;
    }
    std::optional<card::KeyAlgorithm> algorithm;
    GenerateKey wanted{reference->slot, card::KeyAlgorithm::p256, reference->pin_policy};
    for (const Tlv& attribute : *attributes) {
        if (!read_key_attribute(attribute, *reference, algorithm, wanted)) {
            return sw::wrong_data;
        }
    }
    if (!algorithm) {
        return sw::wrong_data;
    }
    wanted.algorithm = *algorithm;
    return wanted;
}

/// SELECT by anything but a name: a PIV card has no files. OpenSC and scdaemon look for other
/// cards' files and take any success for such a card.
PivCommand parse_select_file(const Command&) {
    return sw::file_not_found;
}

struct Instruction {
    std::uint8_t ins;
    bool may_be_chained;
    PivCommand (*parse)(const Command&);
};

/// SP 800-73-4 part 2 table 2. VERIFY and CHANGE REFERENCE DATA are chained there for biometric
/// comparison on the card alone, which this card has not. DA is our own, and from F6 on they are
/// YubiKeys'.
constexpr std::array instructions{
    Instruction{0xA4, false, parse_select_file},
    Instruction{0xCB, false, parse_get_data},
    Instruction{0x20, false, parse_verify},
    Instruction{0x24, false, parse_change_reference},
    Instruction{0x2C, false, parse_reset_retry_counter},
    Instruction{0x87, true, parse_general_authenticate},
    Instruction{0xDB, true, parse_put_data},
    Instruction{apdu::ins_put_simple_data, false, parse_put_pin_rules},
    Instruction{0x47, true, parse_generate_key},
    Instruction{0xF6, false, parse_move},
    Instruction{0xF7, false, parse_get_metadata},
    Instruction{0xF8, false, parse_get_serial},
    Instruction{0xF9, false, parse_attest},
    Instruction{0xFA, false, parse_set_tries},
    Instruction{0xFB, false, parse_reset},
    Instruction{0xFD, false, parse_get_version},
    Instruction{0xFE, true, parse_import},
    Instruction{0xFF, false, parse_set_admin_key},
};

const Instruction* find_instruction(std::uint8_t ins) {
    const auto found = std::find_if(instructions.begin(), instructions.end(),
                                    [ins](const Instruction& row) { return row.ins == ins; });
    return found == instructions.end() ? nullptr : &*found;
}

} // namespace

PivCommand parse(const Command& command) {
    const Instruction* const instruction = find_instruction(command.ins);
    return instruction == nullptr ? sw::instruction_not_supported : instruction->parse(command);
}

bool may_be_chained(std::uint8_t ins) {
    const Instruction* const instruction = find_instruction(ins);
    return instruction != nullptr && instruction->may_be_chained;
}

} // namespace tpmvsc::piv
