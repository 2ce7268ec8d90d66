// SPDX-License-Identifier: Apache-2.0
#include "apdu/pin_rules.hpp"

#include "base/tlv.hpp"
#include "card/card.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::apdu {

namespace {

constexpr std::uint32_t tag_rules = 0x8D;
constexpr std::uint32_t tag_session = 0x8E;
constexpr std::size_t seconds_bytes = 4;

std::uint8_t one_byte(unsigned value) {
    return static_cast<std::uint8_t>(std::min(value, 0xFFu));
}

Bytes seconds_value(std::chrono::seconds seconds) {
    constexpr std::chrono::seconds most{0xFFFFFFFF};
    return big_endian32(static_cast<std::uint32_t>(std::min(seconds, most).count()));
}

/// The kinds of characters, in the order of their bytes.
template<typename Rules>
auto kinds_of(Rules& rules) {
    return std::array{&rules.upper_case, &rules.lower_case, &rules.digits, &rules.special};
}

} // namespace

Bytes pin_rules_value(const card::PinRules& rules) {
    Bytes value{one_byte(rules.shortest), one_byte(rules.longest)};
    for (const card::CharacterRule* rule : kinds_of(rules)) {
        value.push_back(static_cast<std::uint8_t>(*rule));
    }
    value.push_back(rules.no_trivial ? 1 : 0);
    value.push_back(one_byte(rules.history));
    return value;
}

bool read_pin_rules(ByteView value, card::PinRules& rules) {
    if (value.size() != pin_rule_bytes) {
        return false;
    }
    rules.shortest = value[0];
    rules.longest = value[1];
    std::size_t next = 2;
    for (card::CharacterRule* rule : kinds_of(rules)) {
        const std::uint8_t code = value[next++];
        if (code > static_cast<std::uint8_t>(card::CharacterRule::forbidden)) {
            return false;
        }
        *rule = static_cast<card::CharacterRule>(code);
    }
    rules.no_trivial = value[6] != 0;
    rules.history = value[7];
    return true;
}

Bytes encode_pin_rules(const card::PinRules& rules) {
    return TlvWriter()
        .add(tag_rules, pin_rules_value(rules))
        .add(tag_session, concat({seconds_value(rules.session), seconds_value(rules.inactivity)}))
        .take();
}

std::optional<SetPinRules> decode_pin_rules(ByteView data) {
    const auto objects = parse_all(data);
    if (!objects || objects->size() != 2 || objects->front().tag != tag_rules ||
        objects->back().tag != tag_session || objects->back().value.size() != 2 * seconds_bytes) {
        return std::nullopt;
    }
    SetPinRules command;
    const ByteView session = objects->back().value;
    command.rules.session = std::chrono::seconds(read_big_endian(session.first(seconds_bytes)));
    command.rules.inactivity =
        std::chrono::seconds(read_big_endian(session.subspan(seconds_bytes)));
    return read_pin_rules(objects->front().value, command.rules) ? std::optional(command)
                                                                 : std::nullopt;
}

StatusWord set_pin_rules(card::Card& card, const card::AdminSession* admin,
                         const SetPinRules& command) {
    if (admin == nullptr) {
        return sw::security_status_not_satisfied;
    }
    return card.set_pin_rules(*admin, command.rules) ? sw::success : sw::wrong_data;
}

} // namespace tpmvsc::apdu
