// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/status.hpp"

#include "apdu/pin_rules.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tpmvsc::admin {

namespace {

constexpr std::array<std::uint8_t, 8> identifier{0xF0, 'T', 'P', 'M', 'V', 'S', 'C', 0x01};

constexpr std::uint32_t tag_status = 0xE1;
constexpr std::uint32_t tag_id = 0x80;
constexpr std::uint32_t tag_name = 0x81;
constexpr std::uint32_t tag_profile = 0x82;
constexpr std::uint32_t tag_slot = 0x83;
constexpr std::uint32_t tag_serial = 0x84;
constexpr std::uint32_t tag_created = 0x85;
constexpr std::uint32_t tag_pin = 0x86;
constexpr std::uint32_t tag_puk = 0x87;
constexpr std::uint32_t tag_defaults = 0x88;
constexpr std::uint32_t tag_admin_key = 0x89;
constexpr std::uint32_t tag_version = 0x8A;
constexpr std::uint32_t tag_anti_hammering = 0x8B;
constexpr std::uint32_t tag_reset = 0x8C;
constexpr std::uint32_t tag_pin_rules = 0x8D;
constexpr std::uint32_t tag_session = 0x8E;
constexpr std::uint32_t tag_authority = 0x8F;
constexpr std::uint32_t tag_locked_for = 0x90;
constexpr std::uint32_t tag_key = 0xAB;
constexpr std::uint32_t tag_key_slot = 0x80;
constexpr std::uint32_t tag_key_algorithm = 0x81;
constexpr std::uint32_t tag_key_pin_policy = 0x82;
constexpr std::uint32_t tag_key_origin = 0x83;

constexpr std::uint32_t tag_challenge = 0xE2;
constexpr std::uint32_t tag_challenge_kind = 0x80;
constexpr std::uint32_t tag_challenge_serial = 0x81;
constexpr std::uint32_t tag_challenge_value = 0x82;

constexpr std::uint8_t default_pin_bit = 0x01;
constexpr std::uint8_t default_puk_bit = 0x02;
constexpr std::uint8_t default_admin_key_bit = 0x04;

constexpr std::uint8_t puk_resets_bit = 0x01;
constexpr std::uint8_t admin_key_resets_bit = 0x02;
constexpr std::uint8_t authority_resets_bit = 0x04;

/// The order of these tables is the encoding: the first is 01.
constexpr std::array profiles{card::Profile::piv, card::Profile::gids};
constexpr std::array admin_algorithms{card::AdminAlgorithm::tdes, card::AdminAlgorithm::aes128,
                                      card::AdminAlgorithm::aes192, card::AdminAlgorithm::aes256};
constexpr std::array pin_policies{card::PinPolicy::never, card::PinPolicy::once,
                                  card::PinPolicy::always};
constexpr std::array anti_hammerings{card::AntiHammering::counter, card::AntiHammering::lockout};
constexpr std::array origins{card::KeyOrigin::generated, card::KeyOrigin::imported};

Bytes one_byte(unsigned value) {
    return {static_cast<std::uint8_t>(std::min(value, 0xFFu))};
}

template<typename Table, typename Value>
Bytes code_of(const Table& table, Value value) {
    const auto found = std::find(table.begin(), table.end(), value);
    return one_byte(static_cast<unsigned>(found - table.begin()) + 1);
}

Bytes tries(const card::PinTries& tries) {
    return concat({one_byte(tries.left), one_byte(tries.limit)});
}

Bytes default_bits(const CardStatus& status) {
    return one_byte((status.default_pin ? default_pin_bit : 0u) |
                    (status.default_puk ? default_puk_bit : 0u) |
                    (status.default_admin_key ? default_admin_key_bit : 0u));
}

Bytes reset_bits(const card::ResetParties& parties) {
    return one_byte((parties.puk ? puk_resets_bit : 0u) |
                    (parties.admin_key ? admin_key_resets_bit : 0u) |
                    (parties.authority ? authority_resets_bit : 0u));
}

Bytes seconds_bytes(std::chrono::seconds seconds) {
    constexpr std::chrono::seconds most{0xFFFFFFFF};
    return big_endian32(static_cast<std::uint32_t>(std::min(seconds, most).count()));
}

Bytes session_bytes(const CardStatus& status) {
    const bool own = status.pin_rules.session.count() != 0;
    return concat({seconds_bytes(status.session_life), seconds_bytes(status.pin_rules.inactivity),
                   one_byte(own ? 1 : 0)});
}

void write_key(TlvWriter& writer, const KeyStatus& key) {
    writer.open(tag_key)
        .add(tag_key_slot, one_byte(key.slot))
        .add(tag_key_algorithm, as_bytes(card::algorithm_name(key.algorithm)))
        .add(tag_key_pin_policy, code_of(pin_policies, key.pin_policy))
        .add(tag_key_origin, code_of(origins, key.origin))
        .close();
}

/// Fields takes values out of a template and remembers when one was missing or not as it should be.
class Fields {
  public:
    explicit Fields(ByteView bytes) : reader_(bytes) {}

    bool complete() const { return complete_; }
    bool has(std::uint32_t tag) const { return reader_.find(tag).has_value(); }

    ByteView bytes(std::uint32_t tag) {
        const auto found = reader_.find(tag);
        complete_ = complete_ && found.has_value();
        return found ? found->value : ByteView();
    }

    ByteView bytes(std::uint32_t tag, std::size_t size) {
        const ByteView value = bytes(tag);
        complete_ = complete_ && value.size() == size;
        return complete_ ? value : ByteView();
    }

    std::string text(std::uint32_t tag) {
        const ByteView value = bytes(tag);
        return {value.begin(), value.end()};
    }

    unsigned number(std::uint32_t tag, std::size_t size = 1) {
        return static_cast<unsigned>(read_big_endian(bytes(tag, size)));
    }

    card::PinTries tries(std::uint32_t tag) {
        const ByteView value = bytes(tag, 2);
        return complete_ ? card::PinTries{value.front(), value.back()} : card::PinTries{};
    }

    template<typename Table>
    auto coded(std::uint32_t tag, const Table& table) {
        const unsigned code = number(tag);
        complete_ = complete_ && code >= 1 && code <= table.size();
        return table[complete_ ? code - 1 : 0];
    }

    card::KeyAlgorithm algorithm(std::uint32_t tag) {
        const auto found = tpm::algorithm_from_name(text(tag));
        complete_ = complete_ && found.has_value();
        return found.value_or(card::KeyAlgorithm::p256);
    }

  private:
    TlvReader reader_;
    bool complete_ = true;
};

std::optional<KeyStatus> read_key(ByteView bytes) {
    Fields fields(bytes);
    KeyStatus key;
    key.slot = static_cast<card::KeySlot>(fields.number(tag_key_slot));
    key.algorithm = fields.algorithm(tag_key_algorithm);
    key.pin_policy = fields.coded(tag_key_pin_policy, pin_policies);
    key.origin = fields.coded(tag_key_origin, origins);
    return fields.complete() ? std::optional(key) : std::nullopt;
}

void read_rules(Fields& fields, CardStatus& status) {
    const ByteView rules = fields.bytes(tag_pin_rules, apdu::pin_rule_bytes);
    const ByteView session = fields.bytes(tag_session, 9);
    if (!fields.complete())
        return;
    card::PinRules& read = status.pin_rules;
    (void)apdu::read_pin_rules(rules, read); // a kind of rule from a later version is passed over
    status.session_life = std::chrono::seconds(read_big_endian(session.first(4)));
    read.inactivity = std::chrono::seconds(read_big_endian(session.subspan(4, 4)));
    if (session.back() != 0)
        read.session = status.session_life;
}

card::ResetParties read_parties(Fields& fields) {
    const unsigned bits = fields.number(tag_reset);
    return {(bits & puk_resets_bit) != 0, (bits & admin_key_resets_bit) != 0,
            (bits & authority_resets_bit) != 0};
}

bool read_keys(ByteView bytes, std::vector<KeyStatus>& keys) {
    TlvReader reader(bytes);
    while (const auto object = reader.next()) {
        if (object->tag != tag_key) {
            continue;
        }
        const auto key = read_key(object->value);
        if (!key) {
            return false;
        }
        keys.push_back(*key);
    }
    return !reader.failed();
}

card::Identity read_identity(Fields& fields) {
    constexpr std::size_t id_bytes = 16;
    card::Identity identity;
    identity.id = to_bytes(fields.bytes(tag_id, id_bytes));
    identity.name = fields.text(tag_name);
    identity.profile = fields.coded(tag_profile, profiles);
    identity.slot = fields.number(tag_slot);
    identity.serial = fields.number(tag_serial, sizeof(identity.serial));
    identity.created = fields.text(tag_created);
    return identity;
}

} // namespace

ByteView application_identifier() {
    return identifier;
}

Bytes encode(const CardStatus& status) {
    TlvWriter writer;
    writer.open(tag_status)
        .add(tag_id, status.identity.id)
        .add(tag_name, as_bytes(status.identity.name))
        .add(tag_profile, code_of(profiles, status.identity.profile))
        .add(tag_slot, one_byte(status.identity.slot))
        .add(tag_serial, big_endian32(status.identity.serial))
        .add(tag_created, as_bytes(status.identity.created))
        .add(tag_pin, tries(status.pin))
        .add(tag_puk, tries(status.puk))
        .add(tag_defaults, default_bits(status))
        .add(tag_admin_key, code_of(admin_algorithms, status.admin_algorithm))
        .add(tag_version, as_bytes(status.version))
        .add(tag_anti_hammering, code_of(anti_hammerings, status.anti_hammering))
        .add(tag_reset, reset_bits(status.reset))
        .add(tag_pin_rules, apdu::pin_rules_value(status.pin_rules))
        .add(tag_session, session_bytes(status));
    if (!status.authority_fingerprint.empty())
        writer.add(tag_authority, status.authority_fingerprint);
    if (status.locked_for)
        writer.add(tag_locked_for, seconds_bytes(*status.locked_for));
    for (const KeyStatus& key : status.keys) {
        write_key(writer, key);
    }
    return writer.close().take();
}

std::optional<CardStatus> decode(ByteView bytes) {
    const auto outer = parse_all(bytes);
    if (!outer || outer->size() != 1 || outer->front().tag != tag_status) {
        return std::nullopt;
    }
    Fields fields(outer->front().value);
    CardStatus status;
    status.identity = read_identity(fields);
    status.pin = fields.tries(tag_pin);
    status.puk = fields.tries(tag_puk);
    const unsigned defaults = fields.number(tag_defaults);
    status.default_pin = (defaults & default_pin_bit) != 0;
    status.default_puk = (defaults & default_puk_bit) != 0;
    status.default_admin_key = (defaults & default_admin_key_bit) != 0;
    status.admin_algorithm = fields.coded(tag_admin_key, admin_algorithms);
    status.version = fields.text(tag_version);
    status.anti_hammering = fields.coded(tag_anti_hammering, anti_hammerings);
    status.reset = read_parties(fields);
    read_rules(fields, status);
    if (status.reset.authority)
        status.authority_fingerprint = to_bytes(fields.bytes(tag_authority, crypto::sha256_bytes));
    if (fields.has(tag_locked_for))
        status.locked_for = std::chrono::seconds(fields.number(tag_locked_for, 4));
    if (!fields.complete() || !read_keys(outer->front().value, status.keys)) {
        return std::nullopt;
    }
    return status;
}

Bytes encode(const ResetChallenge& challenge) {
    TlvWriter writer;
    return writer.open(tag_challenge)
        .add(tag_challenge_kind, one_byte(static_cast<unsigned>(challenge.kind)))
        .add(tag_challenge_serial, big_endian32(challenge.serial))
        .add(tag_challenge_value, challenge.challenge)
        .close()
        .take();
}

std::optional<ResetChallenge> decode_challenge(ByteView bytes) {
    const auto outer = parse_all(bytes);
    if (!outer || outer->size() != 1 || outer->front().tag != tag_challenge) {
        return std::nullopt;
    }
    Fields fields(outer->front().value);
    ResetChallenge challenge;
    challenge.kind = static_cast<ResetKind>(fields.number(tag_challenge_kind));
    challenge.serial = fields.number(tag_challenge_serial, sizeof(challenge.serial));
    challenge.challenge = to_bytes(fields.bytes(tag_challenge_value));
    return fields.complete() ? std::optional(challenge) : std::nullopt;
}

} // namespace tpmvsc::admin
