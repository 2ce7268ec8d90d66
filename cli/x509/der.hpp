// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <initializer_list>

/// The pieces of DER (X.690) of which requests and certificates are put together before the card
/// signs them.
namespace tpmvsc::cli::x509::der {

/// constructed puts `parts` one after the other into an object with `tag`.
Bytes constructed(std::uint32_t tag, std::initializer_list<ByteView> parts);
Bytes sequence(std::initializer_list<ByteView> parts);
/// integer writes an unsigned number, given big-endian with or without leading zeros.
Bytes integer(ByteView number);
Bytes octet_string(ByteView bytes);
/// bit_string writes whole bytes.
Bytes bit_string(ByteView bytes);
/// explicit_tag wraps `object` in context tag [number].
Bytes explicit_tag(unsigned number, ByteView object);

} // namespace tpmvsc::cli::x509::der
