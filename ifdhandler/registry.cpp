// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/registry.hpp"

#include <type_traits>
#include <utility>

namespace tpmvsc::ifd {

Registry& Registry::instance() {
    static_assert(std::is_trivially_destructible_v<Registry>);
    static constinit Registry registry;
    return registry;
}

// The caller holds mutex_.
Channel Registry::find_locked(Lun lun) const {
    if (channels_ == nullptr) {
        return {};
    }
    const auto found = channels_->find(lun);
    return found == channels_->end() ? Channel{} : found->second;
}

// The caller holds mutex_. Slots of one reader are neighbours in the map.
std::shared_ptr<Reader> Registry::open_reader(unsigned number) const {
    if (channels_ == nullptr) {
        return nullptr;
    }
    const auto first = channels_->lower_bound(Lun{number << 16});
    const bool found = first != channels_->end() && first->first.reader() == number;
    return found ? first->second.reader : nullptr;
}

bool Registry::empty() {
    std::lock_guard lock(mutex_);
    return channels_ == nullptr;
}

bool Registry::open(Lun lun) {
    std::lock_guard lock(mutex_);
    if (find_locked(lun)) {
        return false;
    }
    auto reader = open_reader(lun.reader());
    if (!reader) {
        // A second reader.conf entry: a forgotten backup copy, say. It gets no card, as the first
        // reader holds the folder. Yet to refuse it would be worse: pcscd 1.9.9 then removes all
        // readers of that friendly name, the good one included.
        const bool alone = channels_ == nullptr;
        reader = std::make_shared<Reader>(load_settings(), alone ? card::max_slots : 1);
    }
    if (lun.slot() >= reader->slot_count()) {
        return false;
    }
    if (channels_ == nullptr) {
        channels_ = new Channels;
    }
    channels_->emplace(lun, Channel{reader, &reader->slot(lun.slot())});
    return true;
}

bool Registry::close(Lun lun) {
    Channel closed;
    {
        std::lock_guard lock(mutex_);
        closed = find_locked(lun);
        if (!closed) {
            return false;
        }
        channels_->erase(lun);
        if (channels_->empty()) {
            delete std::exchange(channels_, nullptr);
        }
    }
    // A reader that ends does so outside the lock: it talks to the TPM.
    closed.slot->power_down();
    return true;
}

Channel Registry::find(Lun lun) {
    std::lock_guard lock(mutex_);
    return find_locked(lun);
}

} // namespace tpmvsc::ifd
