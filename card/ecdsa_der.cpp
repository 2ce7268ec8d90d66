// SPDX-License-Identifier: Apache-2.0
#include "card/ecdsa_der.hpp"

namespace tpmvsc::card {

namespace {

Bytes element(std::uint8_t tag, ByteView content) {
    Bytes result{tag};
    // Two P-521 INTEGERs are 138 bytes: one length byte, or one more behind 81.
    if (content.size() > 127)
        result.push_back(0x81);
    result.push_back(static_cast<std::uint8_t>(content.size()));
    append(result, content);
    return result;
}

Bytes integer(ByteView number) {
    while (number.size() > 1 && number.front() == 0)
        number = number.subspan(1);
    Bytes content;
    if ((number.front() & 0x80) != 0)
        content.push_back(0);
    append(content, number);
    return element(0x02, content);
}

} // namespace

Bytes ecdsa_der(ByteView r_and_s) {
    const std::size_t half = r_and_s.size() / 2;
    return element(0x30, concat({integer(r_and_s.first(half)), integer(r_and_s.last(half))}));
}

} // namespace tpmvsc::card
