// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/wipe.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tpmvsc {

/// Bytes that own their memory. Secrets pass through here (an APDU's data, a decrypted text), so it
/// is overwritten before it is given back. What is known to be a secret belongs in SecretBytes,
/// which nobody copies by accident.
using Bytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

/// Bytes that somebody else owns, to be read only.
using ByteView = std::span<const std::uint8_t>;

/// to_bytes copies `view`.
Bytes to_bytes(ByteView view);

/// to_bytes copies the characters of `text`, without a terminator.
Bytes to_bytes(std::string_view text);

/// as_bytes views the characters of `text`.
ByteView as_bytes(std::string_view text);

/// concat joins `parts` in order.
Bytes concat(std::initializer_list<ByteView> parts);

/// append adds `more` to the end of `target`.
void append(Bytes& target, ByteView more);

/// big_endian16 and big_endian32 give `value` in network order, as the TPM and ISO 7816 write it.
Bytes big_endian16(std::uint16_t value);
Bytes big_endian32(std::uint32_t value);

/// read_big_endian reads up to eight bytes as one unsigned number; more are std::invalid_argument.
std::uint64_t read_big_endian(ByteView bytes);

/// equal compares contents; its time depends on them, so it is for public data only.
bool equal(ByteView a, ByteView b);

/// equal_secret compares contents in a time that depends on the lengths alone.
bool equal_secret(ByteView a, ByteView b);

/// left_pad brings `number` to `size` bytes with zeros in front. Longer numbers keep their
/// rightmost `size` bytes, which must then be all there is of value (a leading zero or more);
/// otherwise it is std::invalid_argument.
Bytes left_pad(ByteView number, std::size_t size);

/// to_hex writes lower-case hexadecimal digits.
std::string to_hex(ByteView bytes);

/// from_hex reads digits of either case; nothing when the text is odd in length or holds another
/// character.
std::optional<Bytes> from_hex(std::string_view text);

} // namespace tpmvsc
