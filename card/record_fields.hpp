// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/key_value.hpp"
#include "card/errors.hpp"

#include <string>

namespace tpmvsc::card {

/// RecordFields reads the fields of one file and complains by its name.
class RecordFields {
  public:
    RecordFields(const KeyValue& record, std::string file)
        : record_(record), file_(std::move(file)) {}

    Bytes bytes(const std::string& key) const { return take(record_.bytes(key), key); }
    std::string text(const std::string& key) const { return take(record_.text(key), key); }
    std::uint64_t long_number(const std::string& key) const {
        return take(record_.number(key), key);
    }
    std::uint32_t number(const std::string& key) const {
        const std::uint64_t value = long_number(key);
        if (value > 0xFFFFFFFF)
            complain(key);
        return static_cast<std::uint32_t>(value);
    }
    bool flag(const std::string& key) const { return number(key) != 0; }
    bool has(const std::string& key) const { return record_.has(key); }
    [[noreturn]] void complain(const std::string& key) const {
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"" + file_ + "\" lacks a right \"" + key +
                               "\": restore the card's folder from a backup, or destroy the card");
    }

  private:
    template<typename T>
    T take(const std::optional<T>& value, const std::string& key) const {
        if (!value)
            complain(key);
        return *value;
    }

    const KeyValue& record_;
    std::string file_;
};

} // namespace tpmvsc::card
