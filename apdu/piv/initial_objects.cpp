// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/initial_objects.hpp"

#include "apdu/piv/piv_objects.hpp"
#include "base/tlv.hpp"

#include <array>

namespace tpmvsc::piv {

namespace {

/// FASC-N with agency 9999, system 9999, credential 999999: a card outside the federal government
/// (SP 800-73-4 part 1 section 3.1.2), told apart by its GUID. OpenSC takes the GUID for the serial
/// number then, and does not apply the government's rules.
constexpr std::array<std::uint8_t, 25> fasc_n{0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE,
                                              0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                              0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB};

/// The card itself does not expire, but the field is mandatory.
constexpr const char* expiration_date = "20991231";

/// The issuer's signature stays empty: nobody vouches for this card but its TPM.
Bytes card_holder_unique_identifier(const card::Identity& identity) {
    TlvWriter writer;
    writer.add(0x30, fasc_n)
        .add(0x34, identity.id)
        .add(0x35, as_bytes(expiration_date))
        .add(0x3E, {})
        .add(0xFE, {});
    return writer.take();
}

/// All mandatory elements of the container; most say "nothing" in GSC-IS, from which it comes.
Bytes card_capability_container(const card::Identity& identity) {
    constexpr std::array<std::uint8_t, 7> identifier_prefix{0xA0, 0x00, 0x00, 0x01,
                                                            0x16, 0xFF, 0x02};
    constexpr std::size_t card_id_bytes = 14;
    constexpr std::array<std::uint8_t, 1> version_2_1{0x21};
    constexpr std::array<std::uint8_t, 1> no_pkcs15{0x00};
    constexpr std::array<std::uint8_t, 1> data_model{0x10};
    const ByteView id = identity.id;
    TlvWriter writer;
    writer.add(0xF0, concat({identifier_prefix, id.first(card_id_bytes)}))
        .add(0xF1, version_2_1)
        .add(0xF2, version_2_1)
        .add(0xF3, {})
        .add(0xF4, no_pkcs15)
        .add(0xF5, data_model);
    for (const std::uint32_t empty : {0xF6u, 0xF7u, 0xFAu, 0xFBu, 0xFCu, 0xFDu, 0xFEu}) {
        writer.add(empty, {});
    }
    return writer.take();
}

} // namespace

std::vector<std::pair<card::ObjectTag, Bytes>> initial_objects(const card::Identity& identity) {
    return {{tag_chuid, card_holder_unique_identifier(identity)},
            {tag_capability_container, card_capability_container(identity)}};
}

} // namespace tpmvsc::piv
