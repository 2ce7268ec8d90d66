// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace tpmvsc::card {

/// StorageError: the card's folder cannot be read or written. The text says which file, what is
/// wrong and what to do.
class StorageError : public std::runtime_error {
  public:
    enum class Reason {
        full,            ///< no space, or over quota
        unwritable,      ///< permission or read-only file system
        damaged,         ///< a file is missing, truncated, altered, swapped or of another card
        unknown_version, ///< written by a newer version of this software
    };
    StorageError(Reason reason, const std::string& text)
        : std::runtime_error(text), reason_(reason) {}
    Reason reason() const { return reason_; }

  private:
    Reason reason_;
};

/// ForeignTpmError: this card was made in another TPM, or this TPM has been cleared since. The card
/// is lost to this TPM; it is never re-made silently.
class ForeignTpmError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace tpmvsc::card
