// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

/// The data objects of PIV (SP 800-73-4 part 1 table 3) by name and by tag.
namespace tpmvsc::cli {

/// Words for --help.
std::string object_forms();

/// parse_object_id understands a name or the hexadecimal digits of a tag. Throws Failure(usage).
std::uint32_t parse_object_id(const std::string& text);

/// object_text is the name, or the tag in hexadecimal digits.
std::string object_text(std::uint32_t tag);

/// object_title says it in a sentence: "object chuid (5fc102)".
std::string object_title(std::uint32_t tag);

} // namespace tpmvsc::cli
