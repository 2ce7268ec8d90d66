// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/der.hpp"

#include "base/tlv.hpp"

namespace tpmvsc::cli::x509::der {
namespace {

constexpr std::uint32_t tag_integer = 0x02;
constexpr std::uint32_t tag_bit_string = 0x03;
constexpr std::uint32_t tag_octet_string = 0x04;
constexpr std::uint32_t tag_sequence = 0x30;
constexpr std::uint32_t tag_context = 0xA0;

Bytes primitive(std::uint32_t tag, ByteView value) {
    TlvWriter writer;
    writer.add(tag, value);
    return writer.take();
}

} // namespace

Bytes constructed(std::uint32_t tag, std::initializer_list<ByteView> parts) {
    return primitive(tag, concat(parts));
}

Bytes sequence(std::initializer_list<ByteView> parts) {
    return constructed(tag_sequence, parts);
}

Bytes integer(ByteView number) {
    while (number.size() > 1 && number.front() == 0) {
        number = number.subspan(1);
    }
    const bool looks_negative = !number.empty() && (number.front() & 0x80) != 0;
    const Bytes sign(looks_negative || number.empty() ? 1 : 0, 0x00);
    return primitive(tag_integer, concat({sign, number}));
}

Bytes octet_string(ByteView bytes) {
    return primitive(tag_octet_string, bytes);
}

Bytes bit_string(ByteView bytes) {
    const Bytes unused_bits{0};
    return primitive(tag_bit_string, concat({unused_bits, bytes}));
}

Bytes explicit_tag(unsigned number, ByteView object) {
    return primitive(tag_context + number, object);
}

} // namespace tpmvsc::cli::x509::der
