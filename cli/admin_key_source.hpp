// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/admin_cipher.hpp"
#include "cli/escrow_record.hpp"
#include "cli/secret_source.hpp"

#include <string>

/// Where a help desk has a card's admin key from. Every function throws Failure.
namespace tpmvsc::cli {

/// read_admin_key reads the key itself, in hexadecimal.
SecretBytes read_admin_key(const SecretSource& source, const AdminCipher& cipher);

/// read_master reads a master secret, in hexadecimal, called `option` in complaints.
SecretBytes read_master(const std::string& option, const SecretSource& source);

/// parse_card_id reads 32 hexadecimal digits, with or without the dashes of a UUID.
Bytes parse_card_id(const std::string& text);

/// open_escrow reads the record in the file `path` with the recipient's private key in `key_path`.
EscrowRecord open_escrow(const std::string& path, const std::string& key_path,
                         const SecretSource& passphrase);

} // namespace tpmvsc::cli
