// SPDX-License-Identifier: Apache-2.0
#include "card/wrong_answers.hpp"

#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/base_scratch.hpp"
#include "tests/unit/card_faults.hpp"

#include <cerrno>
#include <optional>

using namespace tpmvsc;
using namespace tpmvsc::card;
using namespace std::chrono_literals;
using tpmvsc::test::Scratch;

namespace {

/// Answers is a card's count, with a clock that the test moves and a driver that it restarts.
class Answers {
  public:
    Answers() { restart_driver(); }
    void restart_driver() {
        count_.emplace(
            files_, [this] { return now; }, "Test card");
    }
    void restart_machine() {
        now = {now.run + "'", 0ms};
        restart_driver();
    }
    void wrong(unsigned times = 1) {
        for (unsigned i = 0; i < times; ++i)
            count_->add();
    }
    void right() { count_->clear(); }
    std::chrono::seconds wait() const { return count_->locked_for(); }
    const SealedFiles& files() const { return files_; }
    std::string path() const { return scratch_.path(WrongAnswers::file); }

    BootTime now{"first", 100h};

  private:
    Scratch scratch_;
    SealedFiles files_{Folder(scratch_.root()), SecretBytes(Bytes(32, 1)), Bytes(32, 2)};
    std::optional<WrongAnswers> count_;
};

} // namespace

TEST_CASE("from the fifth wrong answer on the wait doubles, up to five minutes") {
    Answers answers;
    for (const auto& wait :
         {0s, 0s, 0s, 0s, 1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s}) {
        answers.wrong();
        CHECK(answers.wait() == wait);
    }
    answers.wrong(1000);
    CHECK(answers.wait() == 300s);
}

TEST_CASE("a wait goes by") {
    Answers answers;
    answers.wrong(8);
    answers.now.since += 7s;
    CHECK(answers.wait() == 1s);
    answers.now.since += 999ms;
    CHECK(answers.wait() == 1s);
    answers.now.since += 1ms;
    CHECK(answers.wait() == 0s);
    answers.now.since += 1000h;
    CHECK(answers.wait() == 0s);
    answers.wrong();
    CHECK(answers.wait() == 16s);
}

TEST_CASE("a right answer ends the row") {
    Answers answers;
    answers.wrong(9);
    answers.right();
    CHECK(answers.wait() == 0s);
    answers.wrong(4);
    CHECK(answers.wait() == 0s);
    answers.wrong();
    CHECK(answers.wait() == 1s);
}

TEST_CASE("a new driver knows the count and the rest of the wait") {
    Answers answers;
    answers.wrong(3);
    answers.restart_driver();
    answers.wrong(4);
    CHECK(answers.wait() == 4s);
    answers.now.since += 3s;
    answers.restart_driver();
    CHECK(answers.wait() == 1s);
    answers.now.since += 1s;
    CHECK(answers.wait() == 0s);
    answers.wrong();
    CHECK(answers.wait() == 8s);
    answers.right();
    answers.restart_driver();
    answers.wrong(4);
    CHECK(answers.wait() == 0s);
}

TEST_CASE("after a restart of the machine the wait begins with it, whatever its clock says") {
    Answers answers;
    answers.wrong(10);
    CHECK(answers.wait() == 32s);
    answers.restart_machine();
    CHECK(answers.wait() == 32s);
    answers.now.since = 30s;
    answers.restart_driver();
    CHECK(answers.wait() == 2s);
    answers.now.since = 32s;
    CHECK(answers.wait() == 0s);
    // The moment that the last answer came at in the run before means nothing in this one.
    answers.now.since = 100h;
    CHECK(answers.wait() == 0s);
    answers.wrong();
    CHECK(answers.wait() == 64s);
}

TEST_CASE("where the kernel does not name its runs, a restart is seen by the time") {
    Answers answers;
    answers.now.run.clear();
    answers.wrong(6);
    CHECK(answers.wait() == 2s);
    answers.restart_driver();
    CHECK(answers.wait() == 2s);
    answers.now.since = 0s;
    answers.restart_driver();
    CHECK(answers.wait() == 2s);
    answers.now.since = 2s;
    CHECK(answers.wait() == 0s);
}

TEST_CASE("the file is written for a wrong answer, and goes with the first right one") {
    Answers answers;
    {
        const test::FaultScope calls;
        answers.right();
        CHECK(test::faults().calls.empty());
        answers.wrong();
        CHECK(test::faults().calls ==
              std::vector<std::string>{"write", "fsync file", "rename", "fsync folder"});
        answers.right();
        answers.right();
        CHECK(test::faults().calls.size() == 5); // the folder, once
    }
    CHECK_FALSE(answers.files().read(WrongAnswers::file));
}

TEST_CASE("an answer counts even when that cannot be written") {
    Answers answers;
    answers.wrong(4);
    {
        const test::FaultScope full("write", ENOSPC);
        CHECK_THROWS_AS(answers.wrong(), StorageError);
    }
    CHECK(answers.wait() == 1s);
    answers.restart_driver();
    CHECK(answers.wait() == 0s);
    answers.wrong();
    CHECK(answers.wait() == 1s);
}

TEST_CASE("a record that makes no sense is refused") {
    Answers answers;
    for (const char* text :
         {"", "count = 7", "count = 7\nrun = a", "count = -1\nrun = a\nsince_boot_ms = 1",
          "count = 7\nrun = a\nsince_boot_ms = 9223372036854775807",
          "count = 7\nrun = a\nsince_boot_ms = soon"}) {
        CAPTURE(text);
        answers.files().write(WrongAnswers::file, as_bytes(text));
        CHECK_THROWS_AS(answers.restart_driver(), StorageError);
    }
}
