// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <vector>

namespace tpmvsc {

/// Tlv is one BER-TLV data object (ISO 7816-4 section 5.2.2) inside somebody else's bytes.
struct Tlv {
    std::uint32_t tag = 0; ///< as written: 0x5C, 0x7F49, 0x5FC102
    ByteView value;
};

/// TlvReader walks over a row of BER-TLV data objects. Definite lengths of up to four length bytes,
/// tags of up to three bytes.
class TlvReader {
  public:
    explicit TlvReader(ByteView bytes) : rest_(bytes) {}
    bool at_end() const { return rest_.empty(); }
    /// The next object; nothing at the end and when what follows is no whole object (then failed()
    /// says so).
    std::optional<Tlv> next();
    bool failed() const { return failed_; }
    /// The first object with `tag` among all that remain, without moving; nothing when there is
    /// none or the row is malformed.
    std::optional<Tlv> find(std::uint32_t tag) const;
    ByteView rest() const { return rest_; }

  private:
    ByteView rest_;
    bool failed_ = false;
};

/// parse_all reads the whole row; nothing when any part of it is malformed.
std::optional<std::vector<Tlv>> parse_all(ByteView bytes);

/// has_duplicates tells whether a tag occurs twice in `objects`.
bool has_duplicates(const std::vector<Tlv>& objects);

/// TlvWriter builds BER-TLV with minimal lengths. open() and close() nest a template, whose length
/// is filled in by close().
class TlvWriter {
  public:
    TlvWriter& add(std::uint32_t tag, ByteView value);
    TlvWriter& open(std::uint32_t tag);
    TlvWriter& close();
    /// Bytes as they are, no tag.
    TlvWriter& raw(ByteView bytes);
    /// The finished bytes; every template must be closed.
    Bytes take();

  private:
    struct Template {
        std::uint32_t tag;
        Bytes content;
    };
    std::vector<Template> open_;
    Bytes done_;
};

} // namespace tpmvsc
