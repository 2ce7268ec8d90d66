// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <cstdint>
#include <string>

namespace tpmvsc::cli {

/// EscrowRecord is what a help desk keeps of a card: whose it is, and the secrets that were made
/// for it.
struct EscrowRecord {
    std::string card_id; ///< hexadecimal
    std::uint32_t serial = 0;
    std::string name;
    std::string profile;
    std::string created; ///< ISO 8601
    std::string admin_algorithm;
    SecretBytes admin_key;
    SecretBytes puk; ///< digits; empty where there is none, or its holder has it
};

/// write_record gives the JSON document (RFC 8259):
///
///     {"format": "tpmvsc escrow 1", "id": "…", "serial": 12345678, "name": "…", "profile": "piv",
///      "created": "…", "admin_key": {"algorithm": "tdes", "value": "hexadecimal"}, "puk": "…"}
///
/// with "puk" only where there is one.
SecretBytes write_record(const EscrowRecord& record);

/// read_record reads it. Throws Failure where it is none, or a later version's.
EscrowRecord read_record(ByteView document);

} // namespace tpmvsc::cli
