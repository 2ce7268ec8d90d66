// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/registry.hpp"

#include <algorithm>

namespace tpmvsc::ifd {

Registry& Registry::instance() {
    static Registry& registry = *new Registry;
    return registry;
}

bool Registry::open(Lun lun) {
    std::lock_guard lock(mutex_);
    if (channels_.count(lun) != 0) {
        return false;
    }
    const auto same = std::find_if(channels_.begin(), channels_.end(), [lun](const auto& entry) {
        return entry.first.reader() == lun.reader();
    });
    std::shared_ptr<Reader> reader;
    if (same != channels_.end()) {
        reader = same->second.reader;
    } else {
        // A second reader.conf entry: a forgotten backup copy, say. It gets no card, as the first
        // reader holds the folder. Yet to refuse it would be worse: pcscd 1.9.9 then removes all
        // readers of that friendly name, the good one included.
        reader = std::make_shared<Reader>(load_settings(), channels_.empty() ? card::max_slots : 1);
    }
    if (lun.slot() >= reader->slot_count()) {
        return false;
    }
    channels_[lun] = Channel{reader, &reader->slot(lun.slot())};
    return true;
}

bool Registry::close(Lun lun) {
    Channel closed;
    {
        std::lock_guard lock(mutex_);
        const auto found = channels_.find(lun);
        if (found == channels_.end()) {
            return false;
        }
        closed = std::move(found->second);
        channels_.erase(found);
    }
    // A reader that ends does so outside the lock: it talks to the TPM.
    closed.slot->power_down();
    return true;
}

Channel Registry::find(Lun lun) {
    std::lock_guard lock(mutex_);
    const auto found = channels_.find(lun);
    return found == channels_.end() ? Channel{} : found->second;
}

} // namespace tpmvsc::ifd
