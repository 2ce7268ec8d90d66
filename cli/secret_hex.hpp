// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <optional>

namespace tpmvsc::cli {

/// decode_hex reads hexadecimal digits, with or without colons or blanks between the bytes (OpenSC
/// writes key files with colons). Nothing when the text holds anything else.
std::optional<SecretBytes> decode_hex(ByteView text);

/// encode_hex writes a secret in lower-case hexadecimal digits.
SecretBytes encode_hex(ByteView secret);

} // namespace tpmvsc::cli
