// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/data_objects.hpp"

#include "base/tlv.hpp"

#include <algorithm>

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Response;

constexpr std::uint32_t tag_list = 0x5C;
/// What is answered to one command at most, so that a host cannot fill pcscd's memory.
constexpr std::size_t longest_answer = 1024 * 1024;

Bytes tag_bytes(std::uint32_t tag) {
    Bytes bytes = big_endian32(tag);
    const auto first =
        std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte != 0; });
    bytes.erase(bytes.begin(), first);
    return bytes;
}

Response list_of(const std::vector<std::uint32_t>& tags) {
    Bytes list;
    for (const std::uint32_t tag : tags) {
        append(list, tag_bytes(tag));
    }
    TlvWriter writer;
    return Response(writer.add(tag_list, list).take());
}

Bytes encode_object(std::uint32_t tag, ByteView value) {
    TlvWriter writer;
    return writer.add(tag, value).take();
}

} // namespace

Response get_objects(card::Card& card, const FileControl& file,
                     const std::vector<std::uint32_t>& tags) {
    Response response;
    for (const std::uint32_t tag : tags.empty() ? tags_in(card, file.id) : tags) {
        bool login_ended = false;
        const auto object =
            card.read_object(object_of(file.id, tag), read_access(file), &login_ended);
        if (!object) {
            return login_ended ? sw::security_status_not_satisfied : sw::reference_not_found;
        }
        if (response.data.size() + object->size() > longest_answer) {
            return sw::not_enough_memory;
        }
        append(response.data, *object);
    }
    return response;
}

Response get_tags(card::Card& card, const FileControl& file) {
    return list_of(tags_in(card, file.id));
}

Response get_published(ByteView published, const std::vector<std::uint32_t>& tags) {
    if (tags.empty()) {
        return Response(to_bytes(published));
    }
    const TlvReader reader(published);
    Response response;
    for (const std::uint32_t tag : tags) {
        const auto object = reader.find(tag);
        if (!object) {
            return sw::reference_not_found;
        }
        append(response.data, encode_object(tag, object->value));
    }
    return response;
}

Response get_published_tags(ByteView published) {
    std::vector<std::uint32_t> tags;
    TlvReader reader(published);
    while (const auto object = reader.next()) {
        tags.push_back(object->tag);
    }
    return list_of(tags);
}

apdu::StatusWord put_object(card::Card& card, const FileControl& file, const PutObject& command) {
    const card::ObjectTag object = object_of(file.id, command.tag);
    const card::ReadAccess access = read_access(file);
    const bool is_new = !card.has_object(object, access);
    if (command.value.size() > longest_value ||
        (is_new && card.object_tags().size() >= most_objects)) {
        return sw::not_enough_memory;
    }
    const Bytes encoded = encode_object(command.tag, command.value);
    const bool readable = access == card::ReadAccess::always || card.logged_in();
    if (command.value.empty() && readable && card.read_object(object, access) == encoded) {
        card.write_object(object, access, {});
        return sw::success;
    }
    card.write_object(object, access, encoded);
    return sw::success;
}

} // namespace tpmvsc::gids
