// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/identity.hpp"
#include "card/sealed_files.hpp"

#include <array>

namespace tpmvsc::tpm {
class Connection;
struct Parent;
} // namespace tpmvsc::tpm

namespace tpmvsc::card {

/// The extension of an attestation certificate that carries the TPM's statement: object identifier
/// 2.25.0.28428.113697712.239884442.32625829.168786977, which is a random UUID in arcs of 28 bits:
/// as the one arc of ITU-T X.667 python3-cryptography refuses the whole certificate. Its value is
/// the AttestationStatement of doc/attestation.md.
inline constexpr std::array<std::uint8_t, 21> statement_oid{
    0x69, 0x00, 0x81, 0xDE, 0x0C, 0xB6, 0x9B, 0xC7, 0x30, 0xF2, 0xB1,
    0xB1, 0x1A, 0x8F, 0xC7, 0xA9, 0x25, 0xD0, 0xBD, 0xF8, 0x21};

/// make_attestation makes a new card's attestation key and its self-signed certificate.
void make_attestation(const SealedFiles& files, tpm::Connection& connection,
                      const tpm::Parent& parent, const Identity& identity);

} // namespace tpmvsc::card
