// SPDX-License-Identifier: Apache-2.0
#include "base/tlv.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace tpmvsc {

namespace {

constexpr std::size_t longest_tag = 3;
constexpr std::size_t most_length_bytes = 4;

/// Takes `size` bytes off the front of `rest`; nothing when there are not as many.
std::optional<ByteView> take_front(ByteView& rest, std::size_t size) {
    if (size > rest.size()) {
        return std::nullopt;
    }
    const ByteView front = rest.first(size);
    rest = rest.subspan(size);
    return front;
}

/// Tag field, ISO 7816-4 section 5.2.2.1: 1F in the low five bits says that more bytes follow, and
/// bit 8 of each following one that it is not the last.
std::optional<std::uint32_t> take_tag(ByteView& rest) {
    std::size_t size = 1;
    if (rest.empty()) {
        return std::nullopt;
    }
    if ((rest[0] & 0x1F) == 0x1F) {
        do {
            ++size;
            if (size > longest_tag || size > rest.size()) {
                return std::nullopt;
            }
        } while ((rest[size - 1] & 0x80) != 0);
    }
    return static_cast<std::uint32_t>(read_big_endian(*take_front(rest, size)));
}

/// Length field, ISO 7816-4 section 5.2.2.2. Hosts write lengths in more bytes than needed (OpenSC
/// sends 82 00 xx), so that is no fault; the indefinite form (80) is.
std::optional<std::size_t> take_length(ByteView& rest) {
    const auto first = take_front(rest, 1);
    if (!first) {
        return std::nullopt;
    }
    const std::uint8_t value = first->front();
    if (value < 0x80) {
        return value;
    }
    const std::size_t size = value & 0x7Fu;
    if (size == 0 || size > most_length_bytes) {
        return std::nullopt;
    }
    const auto digits = take_front(rest, size);
    if (!digits) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(read_big_endian(*digits));
}

std::optional<Tlv> take_object(ByteView& rest) {
    const auto tag = take_tag(rest);
    if (!tag) {
        return std::nullopt;
    }
    const auto length = take_length(rest);
    if (!length) {
        return std::nullopt;
    }
    const auto value = take_front(rest, *length);
    if (!value) {
        return std::nullopt;
    }
    return Tlv{*tag, *value};
}

/// `number` in as few bytes as hold it, at least one.
Bytes minimal(std::uint32_t number) {
    Bytes out = big_endian32(number);
    while (out.size() > 1 && out.front() == 0) {
        out.erase(out.begin());
    }
    return out;
}

void append_header(Bytes& out, std::uint32_t tag, std::size_t length) {
    append(out, minimal(tag));
    const Bytes digits = minimal(static_cast<std::uint32_t>(length));
    if (length >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(0x80 | digits.size()));
    }
    append(out, digits);
}

} // namespace

std::optional<Tlv> TlvReader::next() {
    if (failed_ || at_end()) {
        return std::nullopt;
    }
    ByteView rest = rest_;
    const auto object = take_object(rest);
    if (!object) {
        failed_ = true;
        return std::nullopt;
    }
    rest_ = rest;
    return object;
}

std::optional<Tlv> TlvReader::find(std::uint32_t tag) const {
    const auto objects = parse_all(rest_);
    if (failed_ || !objects) {
        return std::nullopt;
    }
    for (const Tlv& object : *objects) {
        if (object.tag == tag) {
            return object;
        }
    }
    return std::nullopt;
}

std::optional<std::vector<Tlv>> parse_all(ByteView bytes) {
    std::vector<Tlv> objects;
    TlvReader reader(bytes);
    while (const auto object = reader.next()) {
        objects.push_back(*object);
    }
    if (reader.failed()) {
        return std::nullopt;
    }
    return objects;
}

bool has_duplicates(const std::vector<Tlv>& objects) {
    std::set<std::uint32_t> seen;
    return std::any_of(objects.begin(), objects.end(),
                       [&seen](const Tlv& object) { return !seen.insert(object.tag).second; });
}

TlvWriter& TlvWriter::add(std::uint32_t tag, ByteView value) {
    Bytes& target = open_.empty() ? done_ : open_.back().content;
    append_header(target, tag, value.size());
    append(target, value);
    return *this;
}

TlvWriter& TlvWriter::open(std::uint32_t tag) {
    open_.push_back(Template{tag, {}});
    return *this;
}

TlvWriter& TlvWriter::close() {
    if (open_.empty()) {
        throw std::logic_error("TlvWriter::close without open");
    }
    const Template finished = std::move(open_.back());
    open_.pop_back();
    return add(finished.tag, finished.content);
}

TlvWriter& TlvWriter::raw(ByteView bytes) {
    append(open_.empty() ? done_ : open_.back().content, bytes);
    return *this;
}

Bytes TlvWriter::take() {
    if (!open_.empty()) {
        throw std::logic_error("TlvWriter::take with an open template");
    }
    return std::exchange(done_, {});
}

} // namespace tpmvsc
