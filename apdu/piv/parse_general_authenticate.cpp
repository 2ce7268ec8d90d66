// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_commands.hpp"

#include "base/tlv.hpp"

/// Dynamic authentication template, SP 800-73-4 part 2 section 3.2.4 and table 7.
namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Command;

constexpr std::uint32_t dynamic_authentication_template = 0x7C;

/// The four objects of the template. Absent and empty differ: an empty one asks for its value.
struct Template {
    std::optional<ByteView> witness;   ///< 80
    std::optional<ByteView> challenge; ///< 81
    std::optional<ByteView> response;  ///< 82
    std::optional<ByteView> point;     ///< 85
};

bool asks_for(const std::optional<ByteView>& object) {
    return object && object->empty();
}

bool carries(const std::optional<ByteView>& object) {
    return object && !object->empty();
}

std::optional<ByteView>* place_of(std::uint32_t tag, Template& parts) {
    switch (tag) {
    case 0x80:
        return &parts.witness;
    case 0x81:
        return &parts.challenge;
    case 0x82:
        return &parts.response;
    case 0x85:
        return &parts.point;
    default:
        return nullptr;
    }
}

/// Nothing unless `data` is one template of known objects, each at most once.
std::optional<Template> read_template(ByteView data) {
    const auto outer = parse_all(data);
    if (!outer || outer->size() != 1 || outer->front().tag != dynamic_authentication_template) {
        return std::nullopt;
    }
    const auto objects = parse_all(outer->front().value);
    if (!objects) {
        return std::nullopt;
    }
    Template parts;
    for (const Tlv& object : *objects) {
        auto* const place = place_of(object.tag, parts);
        if (place == nullptr || *place) {
            return std::nullopt;
        }
        *place = object.value;
    }
    return parts;
}

PivCommand with_private_key(const KeyReference& reference, std::uint8_t identifier,
                            const Template& parts) {
    const auto algorithm = key_algorithm(identifier);
    if (!algorithm || parts.witness || !asks_for(parts.response)) {
        return sw::wrong_data;
    }
    if (carries(parts.challenge) && !parts.point) {
        return PrivateOperation{&reference, *algorithm, *parts.challenge};
    }
    if (carries(parts.point) && !parts.challenge && !card::is_rsa(*algorithm)) {
        return KeyAgreement{&reference, *algorithm, *parts.point};
    }
    return sw::wrong_data;
}

/// Every block of the administration protocols has the cipher's size. A challenge from the host is
/// taken only together with a witness: a card that encrypted for strangers would answer its own
/// challenges.
PivCommand with_admin_key(card::AdminAlgorithm algorithm, const Template& parts) {
    const std::size_t block = card::block_bytes(algorithm);
    if (parts.point) {
        return sw::wrong_data;
    }
    if (carries(parts.witness) && carries(parts.challenge) && !carries(parts.response)) {
        const bool fits = parts.witness->size() == block && parts.challenge->size() == block;
        return fits ? PivCommand(WitnessResponse{algorithm, *parts.witness, *parts.challenge})
                    : sw::wrong_data;
    }
    if (asks_for(parts.witness) && !parts.challenge && !parts.response) {
        return WitnessRequest{algorithm};
    }
    if (asks_for(parts.challenge) && !parts.witness && !parts.response) {
        return ExternalChallenge{algorithm};
    }
    if (carries(parts.response) && !parts.witness && !parts.challenge) {
        return parts.response->size() == block
                   ? PivCommand(ExternalResponse{algorithm, *parts.response})
                   : sw::wrong_data;
    }
    return sw::wrong_data;
}

PivCommand with_admin_key(std::uint8_t identifier, const Template& parts) {
    const auto algorithm = admin_algorithm(identifier);
    if (!algorithm) {
        return sw::wrong_data;
    }
    const PivCommand command = with_admin_key(*algorithm, parts);
    if (identifier == 0 && std::holds_alternative<ExternalChallenge>(command)) {
        return RandomBlock{};
    }
    return command;
}

} // namespace

PivCommand parse_general_authenticate(const Command& command) {
    const KeyReference* const reference = find_key_reference(command.p2);
    if (reference == nullptr && command.p2 != admin_key_reference) {
        return sw::wrong_p1_p2;
    }
    const auto parts = read_template(command.data);
    if (!parts) {
        return sw::wrong_data;
    }
    return reference != nullptr ? with_private_key(*reference, command.p1, *parts)
                                : with_admin_key(command.p1, *parts);
}

} // namespace tpmvsc::piv
