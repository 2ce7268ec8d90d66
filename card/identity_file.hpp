// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/folder.hpp"
#include "card/identity.hpp"

#include <string>

namespace tpmvsc::card {

/// Anchor ties a card to one TPM: the parent key that was there at creation and the card key sealed
/// under it.
struct Anchor {
    std::uint32_t parent_handle = 0;
    Bytes parent_public;    ///< TPMT_PUBLIC, marshalled
    Bytes parent_name;      ///< its Name, pinned: sessions are salted to this key and no other
    Bytes card_key_public;  ///< TPM2B_PUBLIC of the sealed card key
    Bytes card_key_private; ///< TPM2B_PRIVATE of it
    /// What the TPM could make when the card was created, as the file's "algorithms" line has it
    /// (names with single spaces between, never empty): SELECT must tell without asking the TPM.
    std::string algorithms;
};

/// IdentityFile is the file "identity" in a card's folder, in the clear: a KeyValue text between a
/// line with the format's version and a line with a checksum, which tells accidents.
struct IdentityFile {
    Identity identity;
    Anchor anchor;
    /// Id of the card whose place this one has taken, or empty; see replaced.hpp.
    Bytes replaces;
    /// SHA-256 over the file as written: the binding of the card's sealed files.
    Bytes binding;

    static constexpr const char* name = "identity";
    /// Throws StorageError (damaged, unknown_version) naming the file.
    static IdentityFile read(const Folder& folder);
    /// Writes the file and fills in `binding`. std::invalid_argument when read() would refuse it:
    /// the id must be 16 bytes, the name one that is_card_name takes, the slot below max_slots, the
    /// time of the form "2025-01-31T23:59:59Z", and nothing of the anchor's bytes may be empty.
    void write(const Folder& folder);
};

} // namespace tpmvsc::card
