// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/store.hpp"
#include "ifdhandler/file_descriptor.hpp"

#include <string>
#include <vector>

namespace tpmvsc::ifd {

/// CardsWatch tells when cards come and go: it watches the cards folder by inotify. It also holds
/// the folder above, the state folder, for this driver alone: a card has one writer, so a second
/// pcscd on the same cards must not serve them. Where that folder is moved away, this one lets go.
///
/// Not thread-safe, except fd().
class CardsWatch {
  public:
    /// Creates the cards folder where it can. Throws std::system_error when the system has no
    /// inotify instance left.
    CardsWatch(std::string state_dir, const std::string& cards_dir);

    /// Readable when something has happened in the cards folder, or to it.
    int fd() const { return inotify_.get(); }
    /// True while the folder is watched and held.
    bool active() const { return watch_ >= 0; }
    /// Takes hold of the folder and watches it. False and a sentence in `why` when that cannot be:
    /// no such folder, no permission, or another driver has it. To be tried again later.
    bool activate(std::string& why);
    /// Takes all events that wait. Ends active() when the folder itself has gone.
    void drain();
    /// The cards that are there. Throws card::StorageError.
    std::vector<card::StoredCard> list() const { return store_.list(); }

  private:
    bool hold(std::string& why);
    void release();

    std::string state_dir_;
    card::Store store_;
    std::string why_not_made_;
    FileDescriptor inotify_;
    FileDescriptor held_;
    int watch_ = -1;
    int state_watch_ = -1;
};

} // namespace tpmvsc::ifd
