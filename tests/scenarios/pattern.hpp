// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/admin_key.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tpmvsc::test {

/// Values are what a scenario has captured or set, by name.
using Values = std::map<std::string, Bytes>;

/// Atom is one byte of a pattern, or a place for bytes that are not known beforehand.
struct Atom {
    enum class Kind { byte, any_byte, any_bytes };
    Kind kind = Kind::byte;
    std::uint8_t value = 0;
    std::string capture; ///< name under which the byte is kept; empty: it is not
};

using Pattern = std::vector<Atom>;

/// Context is what a pattern may refer to.
struct Context {
    Values values;
    /// The admin key, for (E name) and (D name); without a value the well-known one.
    card::AdminAlgorithm admin_algorithm = card::AdminAlgorithm::tdes;
    Bytes admin_key;
};

/// parse_pattern reads the notation of the scenario files (README.md there). Throws
/// std::invalid_argument with the reason.
Pattern parse_pattern(std::string_view text, const Context& context);

/// bytes_of a pattern that has no unknown places; throws std::invalid_argument otherwise.
Bytes bytes_of(const Pattern& pattern);

/// matches compares and, where all fits, keeps what is to be captured in `values`.
bool matches(const Pattern& pattern, ByteView bytes, Values& values);

} // namespace tpmvsc::test
