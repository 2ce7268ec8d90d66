// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/parse_data.hpp"

#include "base/tlv.hpp"

#include <algorithm>
#include <optional>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Command;

constexpr std::uint32_t tag_list = 0x5C;
constexpr std::uint32_t tag_key_template = 0x70;
/// What the specification's table has for the same; real hosts send 70.
constexpr std::uint32_t tag_key_template_of_table = 0xA3;
constexpr std::uint32_t tag_key_reference = 0x84;
constexpr std::uint32_t tag_key_data = 0xA5;
constexpr std::uint32_t tag_private_key = 0x87;
constexpr std::uint32_t tag_pin_tries = 0x7F71;
constexpr std::uint32_t tag_pin_tries_too = 0x7F72;
constexpr std::uint32_t tag_puk_tries = 0x7F73;
/// As many as a file is asked to hold at least.
constexpr std::size_t longest_tag_list = 100;

/// Splits a tag list into its tags; nothing when the last one is not whole or one is too long. The
/// tags' form is that of TLV headers: each is read as the header of an empty object.
std::optional<std::vector<std::uint32_t>> split_tags(ByteView list) {
    std::vector<std::uint32_t> tags;
    while (!list.empty()) {
        if (tags.size() == longest_tag_list) {
            return std::nullopt;
        }
        bool found = false;
        for (std::size_t length = 1; length <= 3 && length <= list.size() && !found; ++length) {
            const Bytes empty_object = concat({list.first(length), Bytes{0x00}});
            TlvReader reader(empty_object);
            const auto object = reader.next();
            if (object && reader.at_end()) {
                if (std::find(tags.begin(), tags.end(), object->tag) != tags.end()) {
                    return std::nullopt;
                }
                tags.push_back(object->tag);
                list = list.subspan(length);
                found = true;
            }
        }
        if (!found) {
            return std::nullopt;
        }
    }
    return tags;
}

bool is_key_template(const Tlv& object) {
    return object.tag == tag_key_template || object.tag == tag_key_template_of_table;
}

/// What stands under 70 in both commands: which key, and what about it.
struct KeyTemplate {
    card::KeySlot key;
    ByteView data;
};

std::optional<KeyTemplate> read_key_template(const Tlv& object) {
    const auto parts = parse_all(object.value);
    if (!parts || has_duplicates(*parts)) {
        return std::nullopt;
    }
    const TlvReader reader(object.value);
    const auto key = reader.find(tag_key_reference);
    const auto data = reader.find(tag_key_data);
    if (!key || key->value.size() != 1 || !data) {
        return std::nullopt;
    }
    return KeyTemplate{key->value.front(), data->value};
}

/// The value of A5 is a header list: the tag 7F49 and a length that stands for "all of it".
GidsCommand parse_get_public_key(const Tlv& object) {
    constexpr std::array<std::uint8_t, 2> public_key_template{0x7F, 0x49};
    const auto named = read_key_template(object);
    if (!named || named->data.size() < public_key_template.size() ||
        !equal(named->data.first(public_key_template.size()), public_key_template)) {
        return sw::wrong_data;
    }
    return GetPublicKey{named->key};
}

GidsCommand parse_get_of_application(const std::vector<std::uint32_t>& tags) {
    if (tags.size() != 1) {
        return sw::reference_not_found;
    }
    switch (tags.front()) {
    case tag_pin_tries:
    case tag_pin_tries_too:
        return GetTries{tags.front(), card::PinKind::pin};
    case tag_puk_tries:
        return GetTries{tags.front(), card::PinKind::puk};
    default:
        return sw::reference_not_found;
    }
}

GidsCommand parse_put_key(const Tlv& object) {
    const auto named = read_key_template(object);
    if (!named || !parse_all(named->data)) {
        return sw::wrong_data;
    }
    // A key check value (88) may be there and is of no use: OpenSC sends that of another key.
    const auto key = TlvReader(named->data).find(tag_private_key);
    if (!key) {
        return sw::wrong_data;
    }
    if (named->key == static_cast<card::KeySlot>(admin_key_file)) {
        return PutAdminKey{key->value};
    }
    return PutPrivateKey{named->key, key->value};
}

} // namespace

GidsCommand parse_get_data(const Command& command) {
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() != 1) {
        return sw::wrong_data;
    }
    const Tlv& query = objects->front();
    const FileId file = command.p1_p2();
    if (file == application_file && is_key_template(query)) {
        return parse_get_public_key(query);
    }
    if (query.tag != tag_list) {
        return sw::wrong_data;
    }
    auto tags = split_tags(query.value);
    if (!tags) {
        return sw::wrong_data;
    }
    if (file == application_file) {
        return parse_get_of_application(*tags);
    }
    if (*tags == std::vector<std::uint32_t>{tag_list}) {
        return GetTags{file};
    }
    return GetObjects{file, std::move(*tags)};
}

GidsCommand parse_put_data(const Command& command) {
    const auto objects = parse_all(command.data);
    if (!objects || objects->size() != 1) {
        return sw::wrong_data;
    }
    const Tlv& object = objects->front();
    const FileId file = command.p1_p2();
    if (object.tag == 0) {
        return sw::wrong_data;
    }
    if (file != application_file) {
        return PutObject{file, object.tag, object.value};
    }
    return is_key_template(object) ? parse_put_key(object) : sw::wrong_data;
}

} // namespace tpmvsc::gids
