// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/folder.hpp"

#include <optional>
#include <set>
#include <string>

namespace tpmvsc::card {

/// SealedFiles are a card's files under its card key: AES-256-GCM, the file's name and the card's
/// binding (a digest of its identity) authenticated with it. A copied, swapped, truncated or
/// altered file is noticed and named; an unknown format version is refused.
///
/// The folder is listed once, when first asked for; from then on the names are kept up from what is
/// written and removed here. Whoever has a card open is the one who writes to it: creation, reset
/// and destruction are of whole folders.
class SealedFiles {
  public:
    /// `binding` is the identity's digest, see IdentityFile.
    SealedFiles(Folder folder, SecretBytes card_key, Bytes binding);
    /// Contents of `name`, nothing when absent. StorageError(damaged or unknown_version) when it
    /// does not open.
    std::optional<SecretBytes> read(const std::string& name) const;
    void write(const std::string& name, ByteView contents) const;
    void remove(const std::string& name) const;
    /// Names of all files but the identity. StorageError when the folder cannot be listed.
    const std::set<std::string>& names() const;
    bool has(const std::string& name) const { return names().contains(name); }

  private:
    template<typename Change, typename Note>
    void change(Change&& change, Note&& note) const;

    Folder folder_;
    SecretBytes card_key_;
    Bytes binding_;
    mutable std::optional<std::set<std::string>> names_; ///< nothing: not listed yet
};

} // namespace tpmvsc::card
