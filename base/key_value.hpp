// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tpmvsc {

/// KeyValue is a small text record, "key = value" a line, "#" comments: the form of the settings
/// file and of the cards' records (byte strings are in hexadecimal there). Keys are unique; unknown
/// keys are kept, so an older program does not lose what a newer one wrote.
class KeyValue {
  public:
    /// parse reads a whole text; nothing and a sentence in `why` ("line 3: ...") when it is
    /// malformed (no '=', empty key, a key twice, a control character).
    static std::optional<KeyValue> parse(std::string_view text, std::string* why = nullptr);
    std::string write() const;

    bool has(const std::string& key) const { return values_.contains(key); }
    std::optional<std::string> text(const std::string& key) const;
    std::optional<Bytes> bytes(const std::string& key) const; ///< nothing when not hexadecimal
    std::optional<std::uint64_t> number(const std::string& key) const; ///< decimal

    /// set throws std::invalid_argument when `value` is more than one line, holds a control
    /// character or begins or ends with a blank: it could not be read back.
    void set(const std::string& key, std::string_view value);
    void set_bytes(const std::string& key, ByteView value);
    void set_number(const std::string& key, std::uint64_t value);
    void erase(const std::string& key) { values_.erase(key); }
    const std::map<std::string, std::string>& all() const { return values_; }

  private:
    std::map<std::string, std::string> values_;
};

} // namespace tpmvsc
