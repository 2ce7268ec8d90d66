// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/folder.hpp"

#include <string>
#include <vector>

namespace tpmvsc::card {

/// IndexEntry says which NV index is this card's. Before its first write an index has another Name:
/// an interrupted creation leaves it so.
struct IndexEntry {
    std::string role; ///< "PIN" or "PUK"
    std::uint32_t handle = 0;
    Bytes name;
    Bytes unwritten_name;
};

/// IndicesFile is the file "indices" in a card's folder, in the clear: what the card has in the
/// TPM, so that it can be removed even when nothing else of the card can be read. It is written
/// before the indices are made.
struct IndicesFile {
    std::vector<IndexEntry> entries;

    static constexpr const char* name = "indices";
    /// An absent file has no entries. Throws StorageError when it is malformed.
    static IndicesFile read(const Folder& folder);
    void write(const Folder& folder) const;
};

} // namespace tpmvsc::card
