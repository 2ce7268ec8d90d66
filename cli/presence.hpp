// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/driver_entry.hpp"

#include <chrono>
#include <string>

namespace tpmvsc::cli {

/// Presence is what programs see of a slot, through pcscd.
struct Presence {
    enum class Seen {
        as_wanted,  ///< the card is in the reader, or gone from it
        no_service, ///< pcscd does not answer
        not_loaded, ///< pcscd runs without our driver
        no_reader,  ///< the driver has no reader for this slot
        not_yet,    ///< nothing happened in time
    };
    Seen seen = Seen::not_yet;
    std::string reader;
    std::string advice; ///< what to do, where it is not as wanted

    bool as_wanted() const { return seen == Seen::as_wanted; }
};

/// wait_for_card waits until the card of `slot` shows up in its reader.
Presence wait_for_card(const ReaderNames& names, unsigned slot, std::chrono::milliseconds limit);

/// wait_for_removal waits until nothing is in the reader of `slot`. A reader that is not there at
/// all counts as empty.
Presence wait_for_removal(const ReaderNames& names, unsigned slot, std::chrono::milliseconds limit);

} // namespace tpmvsc::cli
