// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/key_history.hpp"

#include "apdu/piv/piv_keys.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "base/tlv.hpp"

#include <algorithm>

namespace tpmvsc::piv {

namespace {

constexpr std::uint32_t tag_on_card = 0xC1;
constexpr std::uint32_t tag_off_card = 0xC2;
constexpr std::uint32_t tag_url = 0xF3;
constexpr std::uint32_t tag_error_detection = 0xFE;
constexpr std::size_t longest_url = 118;

/// How far from 82 on retired slots hold a key or its certificate.
unsigned retired_slots_used(card::Card& card) {
    const auto holds_something = [&card](const KeyReference& reference) {
        return reference.retired &&
               (card.has_object(reference.certificate, card::ReadAccess::always) ||
                card.key(reference.slot));
    };
    const auto references = key_references(); // ascending at the end, where the retired ones are
    const auto last = std::find_if(references.rbegin(), references.rend(), holds_something);
    return last == references.rend() ? 0 : last->slot - first_retired_slot + 1u;
}

bool is_count(const Tlv& object) {
    return object.value.size() == 1 && object.value.front() <= retired_slots;
}

bool fits(const Tlv& object) {
    switch (object.tag) {
    case tag_on_card:
    case tag_off_card:
        return is_count(object);
    case tag_url:
        return object.value.size() <= longest_url;
    case tag_error_detection:
        return object.value.empty();
    default:
        return false;
    }
}

} // namespace

Bytes key_history(card::Card& card) {
    const unsigned on_card = retired_slots_used(card);
    const auto stored = card.read_object(tag_key_history, card::ReadAccess::always);
    unsigned off_card = 0;
    ByteView url;
    const TlvReader reader(stored ? ByteView(*stored) : ByteView());
    if (const auto count = reader.find(tag_off_card); count && is_count(*count)) {
        off_card = std::min<unsigned>(count->value.front(), retired_slots - on_card);
    }
    if (const auto found = reader.find(tag_url)) {
        url = found->value;
    }
    TlvWriter writer;
    writer.add(tag_on_card, Bytes{static_cast<std::uint8_t>(on_card)})
        .add(tag_off_card, Bytes{static_cast<std::uint8_t>(off_card)})
        .add(tag_url, url)
        .add(tag_error_detection, {});
    return writer.take();
}

bool is_key_history(ByteView contents) {
    const auto objects = parse_all(contents);
    return objects && !has_duplicates(*objects) &&
           std::all_of(objects->begin(), objects->end(), fits);
}

} // namespace tpmvsc::piv
