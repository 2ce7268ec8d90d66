// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boot_clock.hpp"
#include "card/sealed_files.hpp"

#include <chrono>
#include <string>

namespace tpmvsc::card {

/// WrongAnswers counts the wrong answers for a card's admin key in a row, and says for how long
/// none is heard: from the fifth on for a second, and with each further one twice as long, up to
/// five minutes. Nobody sleeps meanwhile: who asks too early is sent away.
///
/// The count is in the sealed file "wrong-answers" while it is not zero, so a new driver goes on
/// where the last one was. Time is that of BootClock: no setting of the clock shortens or lengthens
/// the wait. After a restart of the machine the wait begins with it, as nobody knows how long it
/// was off.
class WrongAnswers {
  public:
    static constexpr unsigned free_answers = 4; ///< so many are answered without a wait
    static constexpr std::chrono::seconds longest_wait{300};
    static constexpr const char* file = "wrong-answers";

    /// `card` is the card's name, for the log.
    WrongAnswers(const SealedFiles& files, BootClock clock, std::string card);

    /// How long no answer is heard from now on, in whole seconds, rounded up.
    std::chrono::seconds locked_for() const;
    /// One more was wrong. Counted even when this throws (StorageError) as it cannot be stored.
    void add();
    /// One was right.
    void clear();

  private:
    std::chrono::seconds wait() const;
    void read();
    void write() const;

    const SealedFiles& files_;
    BootClock clock_;
    std::string card_;
    unsigned count_ = 0;
    BootTime last_; ///< when the last one came
};

} // namespace tpmvsc::card
