// SPDX-License-Identifier: Apache-2.0
#include "ifdhandler/reader.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <array>
#include <poll.h>

namespace tpmvsc::ifd {

namespace {

// How often a TPM, a folder or a card that cannot be reached is tried again.
constexpr std::chrono::milliseconds retry_interval{2000};

// What is answered when the TPM could not be reached in the middle of a command, among other
// things.
bool hints_at_lost_tpm(ByteView response) {
    return response.size() == 2 && (response[0] == 0x6F || response[0] == 0x65);
}

template<typename Work>
class AtEnd {
  public:
    explicit AtEnd(Work work) : work_(std::move(work)) {}
    ~AtEnd() { work_(); }
    AtEnd(const AtEnd&) = delete;
    AtEnd& operator=(const AtEnd&) = delete;

  private:
    Work work_;
};

unsigned slots_needed(const std::vector<card::StoredCard>& cards, unsigned spare) {
    unsigned needed = 0;
    for (const auto& card : cards) {
        if (card.identity) {
            needed = std::max(needed, card.identity->slot + 1);
        }
    }
    return std::clamp(needed + std::min(spare, card::max_slots), 1U, card::max_slots);
}

} // namespace

Reader::Reader(const Settings& settings, unsigned most_slots)
    : settings_(settings), tpm_(settings.effective_tcti(), settings.tpm_idle),
      watch_(settings.state_dir, settings.cards_dir()) {
    const auto cards = list_cards().value_or(std::vector<card::StoredCard>());
    slots_.resize(std::min(most_slots, slots_needed(cards, settings_.spare_slots)));
    refresh();
    log(LogLevel::info, "reader with " + std::to_string(slot_count()) + " slots for the cards in " +
                            settings_.cards_dir() + ", TPM at " + tpm_.tcti());
}

/// Nothing when it cannot be told at the moment what cards there are.
std::optional<std::vector<card::StoredCard>> Reader::list_cards() {
    try {
        return watch_.list();
    } catch (const std::exception& error) {
        complaints_.add(error.what());
        return std::nullopt;
    }
}

Reader::Seats Reader::seat_cards(const std::vector<card::StoredCard>& cards,
                                 std::set<std::string>& problems) {
    Seats seats(slots_.size());
    for (const auto& card : cards) {
        if (!card.identity || !card.problem.empty()) {
            problems.insert("a card is left out: " + card.problem);
            continue;
        }
        const unsigned number = card.identity->slot;
        if (number < seats.size()) {
            seats[number] = card;
        } else {
            problems.insert("card \"" + card.identity->name + "\" appears when pcscd has been " +
                            "restarted: it belongs in slot " + std::to_string(number) +
                            ", and the reader was opened with " + std::to_string(seats.size()) +
                            " slots");
        }
    }
    return seats;
}

bool Reader::tpm_answers(std::set<std::string>& problems) {
    if (!tpm_reachable_) {
        std::string why;
        tpm_reachable_ = tpm_.reachable(&why);
        if (!tpm_reachable_) {
            problems.insert("the cards are out of the reader until the TPM can be reached: " + why);
        }
    }
    return tpm_reachable_;
}

void Reader::look_again_later(bool later) {
    next_look_ = later ? (Clock::now() + retry_interval).time_since_epoch().count() : 0;
}

void Reader::refresh() {
    std::lock_guard lock(refresh_mutex_);
    std::set<std::string> problems;
    Seats seats(slots_.size());
    bool look_again = true;
    // First the events, then the list: what happens in between is reported once more.
    watch_.drain();
    if (std::string why; watch_.activate(why)) {
        const auto cards = list_cards();
        if (!cards) { // out of memory, say: whatever is in the slots stays there
            look_again_later(true);
            return;
        }
        seats = seat_cards(*cards, problems);
        // A folder that is being copied here, or repaired, is not reported when it is done.
        look_again = std::any_of(cards->begin(), cards->end(),
                                 [](const auto& card) { return !card.identity; });
        const bool any = std::any_of(seats.begin(), seats.end(), [](auto& seat) { return !!seat; });
        if (any && !tpm_answers(problems)) {
            seats.assign(slots_.size(), std::nullopt);
            look_again = true;
        }
    } else {
        problems.insert(why);
    }
    look_again_later(look_again);
    for (std::size_t i = 0; i < seats.size(); ++i) {
        slots_[i].assign(seats[i]);
    }
    complaints_.report(std::move(problems));
}

void Reader::arm_idle_timer() {
    if (const auto deadline = tpm_.idle_deadline()) {
        idle_timer_.arm(std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()));
    }
}

void Reader::close_idle_tpm() {
    if (idle_timer_.consume()) {
        tpm_.close_if_idle();
        arm_idle_timer(); // it was used meanwhile
    }
}

std::chrono::milliseconds Reader::until_next_look(Clock::time_point end) const {
    const Clock::time_point next{Clock::duration(next_look_.load())};
    const auto until = next == Clock::time_point{} ? end : std::min(end, next);
    return std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
}

void Reader::wait(Slot& slot, std::chrono::milliseconds timeout) {
    const auto end = Clock::now() + timeout;
    if (slot.begin_wait()) {
        refresh();
    }
    for (;;) {
        std::array<pollfd, 3> fds{
            {{slot.wake_fd(), POLLIN, 0}, {watch_.fd(), POLLIN, 0}, {idle_timer_.fd(), POLLIN, 0}}};
        const auto wait = std::max(until_next_look(end), std::chrono::milliseconds(0));
        const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(wait.count()));
        if (fds[0].revents != 0 && ready > 0 && slot.end_wait()) {
            return;
        }
        if (ready > 0 && fds[2].revents != 0) {
            close_idle_tpm();
        }
        const auto next = next_look_.load();
        const bool due = next != 0 && Clock::now().time_since_epoch().count() >= next;
        if (due || (ready > 0 && fds[1].revents != 0)) {
            refresh();
        }
        if (Clock::now() >= end) {
            return;
        }
    }
}

Slot::Outcome Reader::power_up(Slot& slot, Bytes& atr) {
    const AtEnd arm([this] { arm_idle_timer(); });
    return slot.power_up(tpm_, settings_, atr);
}

Slot::Outcome Reader::transmit(Slot& slot, ByteView command, Bytes& response) {
    const AtEnd arm([this] { arm_idle_timer(); });
    const auto outcome = slot.transmit(command, response);
    if (outcome == Slot::Outcome::done && hints_at_lost_tpm(response)) {
        {
            std::lock_guard lock(refresh_mutex_);
            tpm_reachable_ = false;
        }
        refresh();
    }
    return outcome;
}

} // namespace tpmvsc::ifd
