// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"
#include "ifdhandler/cards_watch.hpp"
#include "ifdhandler/complaints.hpp"
#include "ifdhandler/slot.hpp"
#include "tpm/tpm.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>

namespace tpmvsc::ifd {

/// Reader is the reader that pcscd sees: a row of slots, the TPM behind all their cards, and the
/// watch over the folder the cards are in.
///
/// It has no thread of its own. pcscd gives one to each slot, to wait for a card there, and
/// whichever of them wakes up does what there is to do for the whole reader.
class Reader {
  public:
    /// A reader with the cards of `settings` and at most `most_slots` slots. Sends nothing to the
    /// TPM.
    explicit Reader(const Settings& settings, unsigned most_slots = card::max_slots);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// How many slots there are: one for each card that is there at the start, by the highest slot
    /// number, and the spare ones. pcscd asks once.
    unsigned slot_count() const { return static_cast<unsigned>(slots_.size()); }
    /// Slot `number`, which must be below slot_count().
    Slot& slot(unsigned number) { return slots_[number]; }

    /// Waits until the card in `slot` comes or goes, the wait is ended by Slot::wake(), or
    /// `timeout` is over. It must not return for anything else: pcscd takes a return for "nobody
    /// used the card meanwhile" and powers an unused card down.
    void wait(Slot& slot, std::chrono::milliseconds timeout);

    /// As Slot's, with this reader's TPM and settings.
    Slot::Outcome power_up(Slot& slot, Bytes& atr);
    Slot::Outcome transmit(Slot& slot, ByteView command, Bytes& response);

  private:
    using Clock = std::chrono::steady_clock;
    using Seats = std::vector<std::optional<card::StoredCard>>;

    std::optional<std::vector<card::StoredCard>> list_cards();
    Seats seat_cards(const std::vector<card::StoredCard>& cards, std::set<std::string>& problems);
    bool tpm_answers(std::set<std::string>& problems);
    void look_again_later(bool later);
    void refresh();
    void arm_idle_timer();
    void close_idle_tpm();
    std::chrono::milliseconds until_next_look(Clock::time_point end) const;

    Settings settings_;
    tpm::Tpm tpm_;
    IdleTimer idle_timer_;

    std::mutex refresh_mutex_; ///< guards the three below
    CardsWatch watch_;
    Complaints complaints_;
    bool tpm_reachable_ = false;

    /// When to look again although nothing was reported; zero for never.
    std::atomic<Clock::rep> next_look_ = 0;
    std::deque<Slot> slots_; ///< a deque, since a slot cannot be moved
};

} // namespace tpmvsc::ifd
