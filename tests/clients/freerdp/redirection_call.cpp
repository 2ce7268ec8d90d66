// SPDX-License-Identifier: Apache-2.0
#include "redirection_call.hpp"

#include <stdexcept>
#include <utility>

namespace tpmvsc::test {

namespace {

/// Version 1, little endian, header of eight bytes, filler.
constexpr std::uint8_t common_header[] = {0x01, 0x10, 0x08, 0x00, 0xCC, 0xCC, 0xCC, 0xCC};
constexpr std::uint32_t first_pointer = 0x00020000;

void append_number(Bytes& target, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        target.push_back(static_cast<std::uint8_t>(value >> shift));
    }
}

void pad(Bytes& target, std::size_t alignment) {
    while (target.size() % alignment != 0) {
        target.push_back(0);
    }
}

std::uint32_t size_of(ByteView bytes) {
    return static_cast<std::uint32_t>(bytes.size());
}

} // namespace

CallWriter& CallWriter::number(std::uint32_t value) {
    append_number(body_, value);
    return *this;
}

CallWriter& CallWriter::pointer() {
    return number(first_pointer + 4 * pointers_++);
}

CallWriter& CallWriter::null() {
    return number(0);
}

CallWriter& CallWriter::reference(ByteView handle) {
    return number(size_of(handle)).pointer();
}

CallWriter& CallWriter::pointed(ByteView bytes) {
    number(size_of(bytes));
    append(body_, bytes);
    pad(body_, 4);
    return *this;
}

CallWriter& CallWriter::pointed_text(std::string_view text) {
    const auto characters = static_cast<std::uint32_t>(text.size() + 1);
    number(characters).number(0).number(characters);
    for (const char character : text) {
        append(body_, Bytes{static_cast<std::uint8_t>(character), 0});
    }
    append(body_, Bytes{0, 0});
    pad(body_, 4);
    return *this;
}

Bytes CallWriter::take() const {
    Bytes body = body_;
    pad(body, 8);
    Bytes call = to_bytes(common_header);
    append_number(call, size_of(body));
    append_number(call, 0);
    append(call, body);
    return call;
}

AnswerReader::AnswerReader(Bytes answer) : answer_(std::move(answer)), rest_(answer_) {
    if (!equal(take(sizeof common_header), common_header)) {
        throw std::runtime_error("the answer begins with another header");
    }
    const std::uint32_t size = number();
    static_cast<void>(number());
    rest_ = take(size);
}

std::uint32_t AnswerReader::number() {
    const ByteView bytes = take(4);
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

Bytes AnswerReader::pointed() {
    const std::uint32_t size = number();
    Bytes bytes = to_bytes(take(size));
    take((4 - size % 4) % 4);
    return bytes;
}

ByteView AnswerReader::take(std::size_t size) {
    if (size > rest_.size()) {
        throw std::runtime_error("the answer is too short");
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

} // namespace tpmvsc::test
