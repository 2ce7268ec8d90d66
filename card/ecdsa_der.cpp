// SPDX-License-Identifier: Apache-2.0
#include "card/ecdsa_der.hpp"

#include "base/tlv.hpp"

namespace tpmvsc::card {

namespace {

constexpr std::uint32_t integer_tag = 0x02;
constexpr std::uint32_t sequence_tag = 0x30;

} // namespace

Bytes der_unsigned(ByteView number) {
    while (number.size() > 1 && number.front() == 0)
        number = number.subspan(1);
    Bytes content;
    if (number.empty() || (number.front() & 0x80) != 0)
        content.push_back(0);
    append(content, number);
    return TlvWriter().add(integer_tag, content).take();
}

Bytes ecdsa_der(ByteView r_and_s) {
    const std::size_t half = r_and_s.size() / 2;
    return TlvWriter()
        .open(sequence_tag)
        .raw(der_unsigned(r_and_s.first(half)))
        .raw(der_unsigned(r_and_s.last(half)))
        .close()
        .take();
}

} // namespace tpmvsc::card
