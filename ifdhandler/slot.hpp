// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/make_card_edge.hpp"
#include "card/store.hpp"
#include "ifdhandler/wake.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tpmvsc::ifd {

/// Slot is one slot of the reader: which card is in it, that card's power, and the thread of pcscd
/// that waits for a change.
///
/// Two locks, since a card can be at work for half a minute while presence must be known at once:
/// `seat_mutex_` says which card ought to be here and is never held for long; `work_mutex_` is held
/// while a card works. Who needs both takes `work_mutex_` first.
class Slot {
  public:
    enum class Outcome {
        done,
        no_card,  ///< there is none, or it went away meanwhile
        no_power, ///< the card was not powered up
        mute,     ///< the card could not be opened
    };

    /// --- Which card is in the slot: called by the reader ---------------------------------------

    /// Makes `card` the one in this slot; nothing takes the card out. Wakes the waiting thread when
    /// that changes anything. Another card in place of one that is here only takes out the old one:
    /// pcscd must have seen the slot empty before the next card comes, see begin_wait().
    void assign(const std::optional<card::StoredCard>& card);
    /// What pcscd asks for: true while a card is in. Never waits for a card at work.
    bool present() const;
    /// The card that is in.
    std::optional<card::Identity> identity() const;

    /// --- Waiting for a change: called by pcscd's thread of this slot ---------------------------

    /// Tells that pcscd's thread starts to wait, having looked at presence before. True when that
    /// completes the removal of a card, so that the reader may put the next one in.
    bool begin_wait();
    /// Ready to be read when the wait shall end.
    int wake_fd() const { return wake_.fd(); }
    /// Ends the present wait, or the next one when there is none.
    void wake() const { wake_.signal(); }
    /// True when the wait shall end now; takes the signal.
    bool end_wait();

    /// --- The card at work: called by pcscd's client threads -------------------------------------

    /// Powers the card up, or resets it: either way it forgets all that was volatile. A card that
    /// is used for the first time is opened with `tpm` and `settings`.
    Outcome power_up(tpm::Tpm& tpm, const Settings& settings, Bytes& atr);
    void power_down();
    bool powered() const { return powered_; }
    /// Runs one command APDU.
    Outcome transmit(ByteView command, Bytes& response);

  private:
    enum class Removal { none, due, seen };

    bool take_out_locked();
    bool is_stale() const;
    std::optional<std::string> folder_to_open() const;
    void drop_stale_card();
    void lose_card();

    mutable std::mutex seat_mutex_;
    std::optional<card::StoredCard> seat_;
    unsigned generation_ = 0; ///< counts the cards that were taken out
    Removal removal_ = Removal::none;
    Wake wake_;

    std::mutex work_mutex_;
    unsigned open_generation_ = 0;
    std::unique_ptr<card::Card> card_;
    std::unique_ptr<apdu::CardEdge> edge_; ///< goes before the card it refers to
    std::atomic<bool> powered_ = false;
};

} // namespace tpmvsc::ifd
