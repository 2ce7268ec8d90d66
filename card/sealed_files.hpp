// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/folder.hpp"

namespace tpmvsc::card {

/// SealedFiles are a card's files under its card key: AES-256-GCM, the file's name and the card's
/// binding (a digest of its identity) authenticated with it. A copied, swapped, truncated or
/// altered file is noticed and named; an unknown format version is refused.
class SealedFiles {
  public:
    /// `binding` is the identity's digest, see IdentityFile.
    SealedFiles(Folder folder, SecretBytes card_key, Bytes binding);
    /// Contents of `name`, nothing when absent. StorageError(damaged or unknown_version) when it
    /// does not open.
    std::optional<SecretBytes> read(const std::string& name) const;
    void write(const std::string& name, ByteView contents) const;
    void remove(const std::string& name) const;
    std::vector<std::string> names() const;

  private:
    Folder folder_;
    SecretBytes card_key_;
    Bytes binding_;
};

} // namespace tpmvsc::card
