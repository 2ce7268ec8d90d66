// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/folder.hpp"
#include "card/identity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::card {

/// StoredCard is a card's folder as found on disk. A folder whose identity cannot be read is listed
/// with the reason, so that no card is passed over in silence. A card with a problem must not be
/// inserted, even where its identity is known (its folder was copied or renamed, or its slot
/// belongs to an older card).
struct StoredCard {
    std::string folder;
    std::optional<Identity> identity;
    std::string problem;
};

/// Highest number of reader slots: what pcsc-lite before 2.5 has room for in all.
inline constexpr unsigned max_slots = 16;

/// Store is the folder that holds all cards of this machine, <state_dir>/cards, one folder a card,
/// named by the card's id in hexadecimal. A card under construction or destruction has a name that
/// starts with a dot: nobody sees it, and it is swept up later.
class Store {
  public:
    explicit Store(std::string cards_dir) : cards_dir_(std::move(cards_dir)) {}
    const std::string& path() const { return cards_dir_; }

    /// All cards, by slot; those whose slot is unknown come last. An absent cards folder holds
    /// none. What is no card (files, lost+found) is passed over.
    std::vector<StoredCard> list() const;
    /// The lowest slot number that no card has; nothing when all `max_slots` are taken.
    std::optional<unsigned> free_slot() const;

    /// Lock keeps a second creating or destroying program out, as long as it lives (flock on the
    /// cards folder, which is made if absent). It waits for the other one. The driver does not take
    /// it.
    class Lock {
      public:
        explicit Lock(const Store& store);
        ~Lock();
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

      private:
        int fd_;
    };

    /// A new, hidden folder for a card under construction.
    Folder begin_create(const Identity& identity) const;
    // Each step that renames is durable when it returns. Where the rename was made and only the
    // disk does not confirm it, the step is done none the less, for everybody sees it; a power cut
    // may take it back, and the log says so.

    /// Makes the finished card visible by one rename; gives its final path.
    std::string commit_create(const Folder& folder, const Identity& identity) const;
    /// Puts a finished folder in the place of the card in `folder` by one exchange: what was
    /// visible is then in the hidden folder. False when the disk does not confirm it.
    bool exchange(const Folder& finished, const std::string& folder) const;
    /// Makes a card invisible by one rename; the caller then clears TPM and folder.
    Folder begin_destroy(const std::string& folder) const;
    /// Makes it visible again under the path it had, when nothing has been cleared yet.
    void undo_destroy(const Folder& hidden, const std::string& folder) const;
    /// Removes from a hidden folder all but the file `kept`.
    void strip(const Folder& hidden, const std::string& kept) const;
    /// Removes a hidden folder and all in it.
    void erase(const Folder& hidden) const;
    /// Hidden folders that an interrupted create or destroy left behind.
    std::vector<Folder> leftovers() const;
    /// Has the disk confirm all steps so far. Throws StorageError.
    void sync() const;

  private:
    void require_hidden(const Folder& folder) const;

    std::string cards_dir_;
};

} // namespace tpmvsc::card
