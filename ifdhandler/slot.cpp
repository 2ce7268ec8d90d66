// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/slot.hpp"

#include "base/log.hpp"
#include "card/identity_file.hpp"

#include <unistd.h>

namespace tpmvsc::ifd {

namespace {

bool same_card(const std::optional<card::StoredCard>& a, const std::optional<card::StoredCard>& b) {
    if (!a || !b) {
        return !a && !b;
    }
    return a->folder == b->folder && a->identity->id == b->identity->id;
}

/// Removes what a driver that was killed while it wrote a file has left. Nobody writes here now:
/// this driver holds the state folder (CardsWatch), and the card is not open yet.
void sweep(const std::string& folder) {
    try {
        card::Folder(folder).sweep();
    } catch (const std::exception& error) {
        log(LogLevel::info, error.what()); // in nobody's way; the next power-up tries again
    }
}

bool still_there(const std::string& folder) {
    return ::access((folder + "/" + card::IdentityFile::name).c_str(), F_OK) == 0;
}

} // namespace

void Slot::assign(const std::optional<card::StoredCard>& card) {
    {
        std::lock_guard seat(seat_mutex_);
        if (same_card(seat_, card)) {
            return;
        }
        if (!take_out_locked() && removal_ == Removal::none) {
            seat_ = card;
            wake_.signal();
        }
    }
    // A card at work is let go by who works with it.
    if (std::unique_lock work(work_mutex_, std::try_to_lock); work.owns_lock()) {
        drop_stale_card();
    }
}

// The caller holds seat_mutex_.
bool Slot::take_out_locked() {
    if (!seat_) {
        return false;
    }
    seat_.reset();
    ++generation_;
    removal_ = Removal::due;
    wake_.signal();
    return true;
}

bool Slot::present() const {
    std::lock_guard seat(seat_mutex_);
    return seat_.has_value();
}

std::optional<card::Identity> Slot::identity() const {
    std::lock_guard seat(seat_mutex_);
    return seat_ ? seat_->identity : std::nullopt;
}

bool Slot::begin_wait() {
    std::lock_guard seat(seat_mutex_);
    if (removal_ != Removal::seen) {
        return false;
    }
    removal_ = Removal::none;
    return true;
}

bool Slot::end_wait() {
    if (!wake_.consume()) {
        return false;
    }
    // pcscd looks at presence between this wait and the next.
    std::lock_guard seat(seat_mutex_);
    if (removal_ == Removal::due) {
        removal_ = Removal::seen;
    }
    return true;
}

Slot::Outcome Slot::power_up(tpm::Tpm& tpm, const Settings& settings, Bytes& atr) {
    std::lock_guard work(work_mutex_);
    drop_stale_card();
    const auto folder = folder_to_open();
    if (!folder) {
        return Outcome::no_card;
    }
    try {
        if (!card_) {
            sweep(*folder);
            card_ = card::Card::open(*folder, tpm, settings.pin_session);
            edge_ = apdu::make_card_edge(*card_, settings);
        }
    } catch (const std::exception& error) {
        card_.reset();
        if (!still_there(*folder)) {
            lose_card();
            return Outcome::no_card;
        }
        log(LogLevel::error, std::string("the card cannot be used: ") + error.what());
        return Outcome::mute;
    }
    edge_->reset();
    atr = to_bytes(edge_->atr());
    powered_ = true;
    return Outcome::done;
}

void Slot::power_down() {
    std::lock_guard work(work_mutex_);
    drop_stale_card();
    if (edge_) {
        edge_->reset();
    }
    powered_ = false;
}

Slot::Outcome Slot::transmit(ByteView command, Bytes& response) {
    std::lock_guard work(work_mutex_);
    drop_stale_card();
    const auto folder = folder_to_open();
    if (!folder) {
        return Outcome::no_card;
    }
    // The destroying program takes the folder away first: no command may run after that.
    if (!still_there(*folder)) {
        lose_card();
        return Outcome::no_card;
    }
    // A real card does not answer without power either. Here it also keeps a client's commands from
    // a card that took the place of the one the client was talking to.
    if (!powered_ || !edge_) {
        return Outcome::no_power;
    }
    response = edge_->transmit(command);
    drop_stale_card();
    return Outcome::done;
}

bool Slot::is_stale() const {
    std::lock_guard seat(seat_mutex_);
    return open_generation_ != generation_;
}

std::optional<std::string> Slot::folder_to_open() const {
    std::lock_guard seat(seat_mutex_);
    if (!seat_ || open_generation_ != generation_) {
        return std::nullopt;
    }
    return seat_->folder;
}

// The caller holds work_mutex_.
void Slot::drop_stale_card() {
    if (!is_stale()) {
        return;
    }
    edge_.reset();
    card_.reset();
    powered_ = false;
    std::lock_guard seat(seat_mutex_);
    open_generation_ = generation_;
}

// The caller holds work_mutex_.
void Slot::lose_card() {
    {
        std::lock_guard seat(seat_mutex_);
        if (open_generation_ == generation_) {
            take_out_locked();
        }
    }
    drop_stale_card();
}

} // namespace tpmvsc::ifd
