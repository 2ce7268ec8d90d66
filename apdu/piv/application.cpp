// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/application.hpp"

#include "apdu/piv/piv_keys.hpp"
#include "base/tlv.hpp"

#include <array>

namespace tpmvsc::piv {

namespace {

constexpr std::array<std::uint8_t, 11> identifier{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                                  0x00, 0x10, 0x00, 0x01, 0x00};
constexpr std::size_t rid_bytes = 5;

} // namespace

ByteView application_identifier() {
    return identifier;
}

Bytes property_template(card::Card& card) {
    const ByteView aid = identifier;
    TlvWriter writer;
    writer.open(0x61)
        .add(0x4F, aid.subspan(rid_bytes))
        .open(0x79)
        .add(0x4F, aid.first(rid_bytes))
        .close()
        .add(0x50, as_bytes("TPM Virtual Smart Card"))
        .open(0xAC);
    for (const auto algorithm : {card::AdminAlgorithm::tdes, card::AdminAlgorithm::aes128,
                                 card::AdminAlgorithm::aes192, card::AdminAlgorithm::aes256}) {
        writer.add(0x80, Bytes{identifier_of(algorithm)});
    }
    for (const auto algorithm : tpm::all_key_algorithms) {
        if (const auto id = identifier_of(algorithm); id && card.supports(algorithm)) {
            writer.add(0x80, Bytes{*id});
        }
    }
    constexpr std::array<std::uint8_t, 1> no_object_identifier{0x00};
    return writer.add(0x06, no_object_identifier).close().close().take();
}

} // namespace tpmvsc::piv
