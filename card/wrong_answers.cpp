// SPDX-License-Identifier: Apache-2.0
#include "card/wrong_answers.hpp"

#include "base/log.hpp"
#include "card/errors.hpp"
#include "card/record_fields.hpp"
#include "card/records.hpp"

#include <algorithm>
#include <utility>

namespace tpmvsc::card {

using std::chrono::milliseconds;
using std::chrono::seconds;

WrongAnswers::WrongAnswers(const SealedFiles& files, BootClock clock, std::string card)
    : files_(files), clock_(std::move(clock)), card_(std::move(card)) {
    read();
}

/// How long nobody is heard after the last wrong answer.
seconds WrongAnswers::wait() const {
    constexpr unsigned most_doublings = 16; // far more than reach the longest wait
    if (count_ <= free_answers)
        return seconds(0);
    const unsigned doublings = std::min(count_ - free_answers - 1, most_doublings);
    return std::min(seconds(1u << doublings), longest_wait);
}

seconds WrongAnswers::locked_for() const {
    if (wait() == seconds(0))
        return seconds(0);
    const BootTime now = clock_();
    const bool same_run = now.run == last_.run && now.since >= last_.since;
    const milliseconds end = (same_run ? last_.since : milliseconds(0)) + wait();
    return std::chrono::ceil<seconds>(std::max(end - now.since, milliseconds(0)));
}

void WrongAnswers::add() {
    ++count_;
    last_ = clock_();
    if (wait() > seconds(0))
        log(LogLevel::error, "card \"" + card_ + "\": " + std::to_string(count_) +
                                 " wrong answers for the admin key in a row; for " +
                                 std::to_string(wait().count()) + " s none is heard");
    write();
}

void WrongAnswers::clear() {
    if (std::exchange(count_, 0) == 0)
        return;
    try {
        files_.remove(file);
    } catch (const StorageError& error) {
        // Who knows the key is not to be refused. A later driver waits sooner than it should.
        log(LogLevel::error,
            std::string("the count of wrong answers for the admin key stays: ") + error.what());
    }
}

void WrongAnswers::read() {
    const auto record = parse_record(files_, file);
    if (!record)
        return;
    constexpr std::uint64_t century = 100ull * 366 * 24 * 3600 * 1000;
    const RecordFields fields(*record, file);
    const auto since = record->number("since_boot_ms");
    if (!since || *since > century)
        fields.complain("since_boot_ms");
    count_ = fields.number("count");
    last_ = {fields.text("run"), milliseconds(*since)};
}

void WrongAnswers::write() const {
    KeyValue record;
    record.set_number("count", count_);
    record.set("run", last_.run);
    record.set_number("since_boot_ms", static_cast<std::uint64_t>(last_.since.count()));
    write_record(files_, file, record);
}

} // namespace tpmvsc::card
