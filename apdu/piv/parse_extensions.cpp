// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/parse_extensions.hpp"

#include "apdu/piv/key_attributes.hpp"
#include "base/tlv.hpp"

#include <array>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Command;

/// A command that is its header and nothing else.
PivCommand without_data(const Command& command, PivCommand meaning) {
    return command.data.empty() ? meaning : sw::wrong_data;
}

PivCommand without_parameters(const Command& command, PivCommand meaning) {
    return command.p1_p2() == 0 ? without_data(command, meaning) : sw::wrong_p1_p2;
}

/// Tags of a private key's numbers: 01 to 05 the RSA parts, 06 the scalar of a NIST curve.
constexpr std::uint32_t first_rsa_part = 0x01;
constexpr std::uint32_t last_rsa_part = 0x05;
constexpr std::uint32_t tag_scalar = 0x06;

/// KeyData is what an import carries, by tag; absent numbers are empty.
struct KeyData {
    std::array<ByteView, tag_scalar> numbers;
    card::PinPolicy pin_policy;

    ByteView number(std::uint32_t tag) const { return numbers[tag - first_rsa_part]; }
};

/// Takes one data object of an import; false when it cannot be met.
bool take_key_data(const Tlv& object, const KeyReference& reference, KeyData& data) {
    if (object.tag >= first_rsa_part && object.tag <= tag_scalar) {
        data.numbers[object.tag - first_rsa_part] = object.value;
        return !object.value.empty();
    }
    if (object.tag == tag_pin_policy) {
        const auto policy = read_pin_policy(object, reference);
        data.pin_policy = policy.value_or(data.pin_policy);
        return policy.has_value();
    }
    return object.tag == tag_touch_policy && is_touch_policy(object);
}

std::optional<KeyData> read_key_data(ByteView bytes, const KeyReference& reference) {
    const auto objects = parse_all(bytes);
    if (!objects || has_duplicates(*objects)) {
        return std::nullopt;
    }
    KeyData data{{}, reference.pin_policy};
    for (const Tlv& object : *objects) {
        if (!take_key_data(object, reference, data)) {
            return std::nullopt;
        }
    }
    return data;
}

/// True when all five numbers are there, in the size of a prime, and no scalar is.
bool is_rsa_key(const KeyData& data, card::KeyAlgorithm algorithm) {
    for (std::uint32_t tag = first_rsa_part; tag <= last_rsa_part; ++tag) {
        const std::size_t size = data.number(tag).size();
        if (size == 0 || size > card::key_bytes(algorithm) / 2) {
            return false;
        }
    }
    return data.number(tag_scalar).empty();
}

/// True when the scalar is there, in the size of the field, and no other number is.
bool is_ec_key(const KeyData& data, card::KeyAlgorithm algorithm) {
    for (std::uint32_t tag = first_rsa_part; tag <= last_rsa_part; ++tag) {
        if (!data.number(tag).empty()) {
            return false;
        }
    }
    return data.number(tag_scalar).size() == card::key_bytes(algorithm);
}

} // namespace

PivCommand parse_get_version(const Command& command) {
    return without_parameters(command, GetVersion{});
}

PivCommand parse_get_serial(const Command& command) {
    return without_parameters(command, GetSerial{});
}

PivCommand parse_get_metadata(const Command& command) {
    return command.p1 == 0 ? without_data(command, GetMetadata{command.p2}) : sw::wrong_p1_p2;
}

PivCommand parse_attest(const Command& command) {
    if (command.p2 != 0 || find_key_reference(command.p1) == nullptr) {
        return sw::wrong_p1_p2;
    }
    return without_data(command, AttestKey{command.p1});
}

PivCommand parse_import(const Command& command) {
    const KeyReference* const reference = find_key_reference(command.p2);
    if (reference == nullptr) {
        return sw::wrong_p1_p2;
    }
    const auto algorithm = key_algorithm(command.p1);
    const auto data = read_key_data(command.data, *reference);
    if (!algorithm || !data) {
        return sw::wrong_data;
    }
    const ImportTarget target{reference->slot, *algorithm, data->pin_policy};
    if (!card::is_rsa(*algorithm)) {
        return is_ec_key(*data, *algorithm)
                   ? PivCommand(ImportEcKey{target, data->number(tag_scalar)})
                   : sw::wrong_data;
    }
    if (!is_rsa_key(*data, *algorithm)) {
        return sw::wrong_data;
    }
    const auto& numbers = data->numbers;
    return ImportRsaKey{target, {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]}};
}

/// P2 is FF, or FE for a key that asks for a touch, which there is nothing to do with.
PivCommand parse_set_admin_key(const Command& command) {
    constexpr std::uint16_t plain = 0xFFFF;
    constexpr std::uint16_t with_touch = 0xFFFE;
    if (command.p1_p2() == with_touch) {
        return sw::wrong_data;
    }
    if (command.p1_p2() != plain) {
        return sw::wrong_p1_p2;
    }
    if (command.data.empty()) {
        return sw::wrong_data;
    }
    const auto algorithm = admin_algorithm(command.data.front());
    const auto objects = parse_all(ByteView(command.data).subspan(1));
    if (!algorithm || !objects || objects->size() != 1 ||
        objects->front().tag != admin_key_reference) {
        return sw::wrong_data;
    }
    const ByteView key = objects->front().value;
    return key.size() == card::key_bytes(*algorithm) ? PivCommand(SetAdminKey{*algorithm, key})
                                                     : sw::wrong_data;
}

/// P1 and P2 are the tries. With none the PIN would be blocked for ever.
PivCommand parse_set_tries(const Command& command) {
    if (command.p1 == 0 || command.p2 == 0) {
        return sw::wrong_p1_p2;
    }
    return without_data(command, SetTries{command.p1, command.p2});
}

PivCommand parse_reset(const Command& command) {
    return without_parameters(command, ResetCard{});
}

/// P1 is where the key of P2 goes; FF deletes it.
PivCommand parse_move(const Command& command) {
    constexpr std::uint8_t nowhere = 0xFF;
    const KeyReference* const from = find_key_reference(command.p2);
    const KeyReference* const to = find_key_reference(command.p1);
    if (from == nullptr || (to == nullptr && command.p1 != nowhere)) {
        return sw::wrong_p1_p2;
    }
    return without_data(command, to == nullptr ? PivCommand(DeleteKey{from->slot})
                                               : PivCommand(MoveKey{from->slot, to->slot}));
}

PivCommand parse_put_pin_rules(const Command& command) {
    if (command.p1_p2() != apdu::pin_rules_data) {
        return sw::instruction_not_supported;
    }
    const auto rules = apdu::decode_pin_rules(command.data);
    return rules ? PivCommand(*rules) : sw::wrong_data;
}

} // namespace tpmvsc::piv
