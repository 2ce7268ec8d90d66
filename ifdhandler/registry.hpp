// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ifdhandler/reader.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace tpmvsc::ifd {

/// Lun is pcscd's number for one slot of one reader.
struct Lun {
    std::uint32_t value;
    unsigned reader() const { return value >> 16; }
    unsigned slot() const { return value & 0xFFFF; }
    friend bool operator<(Lun a, Lun b) { return a.value < b.value; }
};

/// Channel is an open slot. Who holds one keeps the reader alive: a command that still runs when
/// pcscd closes its slot ends in peace.
struct Channel {
    std::shared_ptr<Reader> reader;
    Slot* slot = nullptr;
    explicit operator bool() const { return slot != nullptr; }
};

/// Registry knows the open slots. The first slot of a reader opens the reader, the last one to be
/// closed ends it, and with it the connection to the TPM.
class Registry {
  public:
    /// The one of this process. Nothing is destroyed at its end: pcscd calls exit() while its
    /// threads are still in the driver, and a destructor would wait for them, or pull the ground
    /// from under them. Closing the last slot gives everything back.
    static Registry& instance();

    /// True while no slot is open.
    bool empty();
    /// Opens `lun`; false when it is open already or its reader has no such slot. Throws what
    /// load_settings() and Reader throw.
    bool open(Lun lun);
    /// Closes `lun`; false when it is not open.
    bool close(Lun lun);
    /// The open slot `lun`, or an empty Channel.
    Channel find(Lun lun);

  private:
    using Channels = std::map<Lun, Channel>;

    Channel find_locked(Lun lun) const;
    std::shared_ptr<Reader> open_reader(unsigned number) const;

    std::mutex mutex_;
    Channels* channels_ = nullptr; ///< there while a slot is open
};

} // namespace tpmvsc::ifd
