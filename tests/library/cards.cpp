// SPDX-License-Identifier: Apache-2.0

// The life of a card through tpmvsc.hpp. Arguments: a file that the authority's public key is in
// (DER), and a program that answers the challenge that it is given on the command line.
#include <tpmvsc.hpp>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace tpmvsc_cpp;

namespace {

int wrong = 0;

void check(bool right, int line) {
    if (!right) {
        std::cout << "line " << line << " is wrong\n";
        wrong = 1;
    }
}
#define CHECK(condition) check(condition, __LINE__)

template<typename Work>
tpmvsc_status status_of(Work work) {
    try {
        work();
        return TPMVSC_DONE;
    } catch (const Error& error) {
        CHECK(!std::string(error.what()).empty());
        return error.status();
    }
}

std::string contents(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string answer_to(const std::string& program, const std::string& challenge) {
    std::string text;
    std::FILE* pipe = ::popen((program + " '" + challenge + "'").c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF && c != '\n'; c = std::fgetc(pipe)) {
        text += static_cast<char>(c);
    }
    ::pclose(pipe);
    return text;
}

void wait_until_inserted(Cards& cards) {
    for (int i = 0; i < 100; ++i) {
        const auto all = cards.list();
        if (all.size() == 1 && all[0].inserted) {
            return;
        }
        const timespec moment{0, 100'000'000};
        ::nanosleep(&moment, nullptr);
    }
    CHECK(false);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        return 2;
    }
    Cards cards;
    unsigned notes = 0;
    unsigned warnings = 0;
    cards.listen([&](tpmvsc_note note, const char*) {
        ++notes;
        warnings += note == TPMVSC_WARNING ? 1 : 0;
    });
    Options options;
    options.set(TPMVSC_NAME, "program").set(TPMVSC_PIN, "739164").set(TPMVSC_PUK, "62840517");
    options.set(TPMVSC_AUTHORITY, contents(argv[1])).set(TPMVSC_PIN_TRIES, 5);
    CHECK(status_of([&] { cards.create(options); }) ==
          TPMVSC_USAGE); // who would know the admin key?
    options.set(TPMVSC_ADMIN_MASTER, std::string(32, 'm'));
    const Card made = cards.create(options);
    CHECK(made.name == "program" && made.profile == "piv" && made.slot == 0u && made.serial);
    CHECK(notes > 3 && warnings >= 1); // the TPM is a program
    CHECK(status_of([&] { cards.create(options); }) == TPMVSC_FAILED);
    wait_until_inserted(cards);
    const auto all = cards.list();
    CHECK(all[0].id == made.id && all[0].serial == made.serial && all[0].problem.empty());

    CHECK(status_of([&] { cards.reset_pin_by_puk("program", "00000000", "111222"); }) ==
          TPMVSC_NOT_AUTHORISED);
    CHECK(status_of([&] { cards.reset_pin_by_puk("program", "62840517", "1"); }) == TPMVSC_USAGE);
    CHECK(status_of([&] { cards.reset_pin_by_puk("nobody", "62840517", "111222"); }) ==
          TPMVSC_FAILED);
    cards.reset_pin_by_puk("program", "62840517", "481516");
    CHECK(status_of([&] { cards.challenge("", TPMVSC_BY_ADMIN_KEY); }) == TPMVSC_UNSUPPORTED);
    const std::string challenge = cards.challenge("", TPMVSC_BY_AUTHORITY);
    CHECK(status_of([&] { cards.reset_pin_by_answer("", challenge, "234267"); }) == TPMVSC_USAGE);
    cards.reset_pin_by_answer("", answer_to(argv[2], challenge), "234267");
    std::cout << *made.serial << "\n";
    return wrong;
}
