// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tpmvsc {

/// Base 32 with Crockford's alphabet, the digits and letters without I, L, O and U, for what people
/// read aloud and type. Whole groups of five bytes only, so that there is nothing to pad.
///
/// to_base32 writes groups of four characters with dashes between; std::invalid_argument where
/// `bytes` are no multiple of five.
std::string to_base32(ByteView bytes);

/// from_base32 reads capital and small letters alike, I and L as 1, O as 0, and passes over blanks
/// and dashes wherever they are. Nothing where another character is met or the length does not fit.
std::optional<Bytes> from_base32(std::string_view text);

} // namespace tpmvsc
