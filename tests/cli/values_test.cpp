// SPDX-License-Identifier: Apache-2.0
#include "cli/card_values.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/pin_rule_options.hpp"
#include "cli/pin_rule_words.hpp"
#include "cli/secret_source.hpp"
#include "cli/terminal.hpp"
#include "tests/catch.hpp"

#include <array>
#include <string>
#include <unistd.h>

using namespace tpmvsc;
using namespace tpmvsc::cli;
using Kind = SecretSource::Kind;

namespace {

ExitCode refusal(const std::string& value, SecretForms forms = {}) {
    try {
        (void)parse_secret_source("--pin", value, forms);
    } catch (const Failure& failure) {
        return failure.code();
    }
    return ExitCode::done;
}

std::string text_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

/// A pipe that holds `content` and then ends.
class Pipe {
  public:
    explicit Pipe(const std::string& content) {
        REQUIRE(::pipe(ends_.data()) == 0);
        REQUIRE(::write(ends_[1], content.data(), content.size()) ==
                static_cast<ssize_t>(content.size()));
        ::close(ends_[1]);
    }
    ~Pipe() { ::close(ends_[0]); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int fd() const { return ends_[0]; }

  private:
    std::array<int, 2> ends_{};
};

} // namespace

TEST_CASE("a secret's source is named, never the secret itself") {
    CHECK(parse_secret_source("--pin", "prompt").kind == Kind::prompt);
    CHECK(parse_secret_source("--pin", "default").kind == Kind::well_known);
    CHECK(parse_secret_source("--pin", "random").kind == Kind::random);
    CHECK(parse_secret_source("--pin", "file:/a b").path == "/a b");
    CHECK(parse_secret_source("--pin", "-").descriptor == STDIN_FILENO);
    CHECK(parse_secret_source("--pin", "fd:7").descriptor == 7);
    CHECK(parse_secret_source("--puk", "none", {.none = true}).kind == Kind::none);

    for (const char* value : {"123456", "", "none", "file:", "fd:", "fd:-1", "fd:3x", "Random"}) {
        CAPTURE(value);
        CHECK(refusal(value) == ExitCode::usage);
    }
    CHECK(refusal("default", {.well_known_and_random = false}) == ExitCode::usage);
}

TEST_CASE("the refusal does not repeat what may be the secret") {
    try {
        (void)parse_secret_source("--pin", "739164");
        FAIL("accepted");
    } catch (const Failure& failure) {
        CHECK(std::string(failure.what()).find("739164") == std::string::npos);
        CHECK(std::string(failure.what()).find("(ps)") != std::string::npos);
    }
}

TEST_CASE("lines of a descriptor are taken one by one") {
    const Pipe pipe("123456\n12345678\r\n\nlast");
    const auto source = parse_secret_source("--pin", "fd:" + std::to_string(pipe.fd()));
    CHECK(text_of(read_secret("--pin", source).view()) == "123456");
    CHECK(text_of(read_secret("--pin", source).view()) == "12345678");
    CHECK(read_secret("--pin", source).empty());
    CHECK(text_of(read_secret("--pin", source).view()) == "last");
    CHECK_THROWS_AS(read_secret("--pin", source), Failure);
}

TEST_CASE("a line that is too long for a secret is refused") {
    const Pipe pipe(std::string(max_secret_bytes + 1, '1') + "\n");
    CHECK_THROWS_AS(read_secret_line(pipe.fd()), Failure);
}

TEST_CASE("a missing file is refused") {
    const auto source = parse_secret_source("--pin", "file:/nonexistent/pin");
    CHECK_THROWS_AS(read_secret("--pin", source), Failure);
}

TEST_CASE("PINs have six to eight printable characters") {
    for (const char* pin : {"123456", "73916482", "abc DEF", "p!n-42"}) {
        CAPTURE(pin);
        CHECK_FALSE(complaint_about_pin(card::PinKind::pin, card::Profile::piv, {}, as_bytes(pin)));
    }
    for (const char* pin : {"", "12345", "123456789", "12345\t", "12345\xFF", "1234\xC3\xA4"}) {
        CAPTURE(pin);
        CHECK(complaint_about_pin(card::PinKind::pin, card::Profile::piv, {}, as_bytes(pin)));
    }
}

TEST_CASE("a GIDS card takes PINs of 4 to 127 characters") {
    const auto complaint = [](std::size_t length) {
        return complaint_about_pin(card::PinKind::pin, card::Profile::gids, {}, Bytes(length, '7'));
    };
    CHECK(complaint(3));
    CHECK_FALSE(complaint(4));
    CHECK_FALSE(complaint(127));
    CHECK(complaint(128));
    const Bytes longer_than_opensc_sends = to_bytes(std::string_view("7391648205173948"));
    CHECK_FALSE(weaknesses("PIN", card::Profile::gids, longer_than_opensc_sends).empty());
}

TEST_CASE("weak PINs are named as such") {
    CHECK(weaknesses("PIN", card::Profile::piv, as_bytes("739164")).empty());
    for (const char* pin :
         {"123456", "12345678", "000000", "234567", "987654", "abcdef", "7391a4"}) {
        CAPTURE(pin);
        CHECK_FALSE(weaknesses("PIN", card::Profile::piv, as_bytes(pin)).empty());
    }
}

TEST_CASE("random digits are digits") {
    const SecretBytes digits = random_digits(200);
    REQUIRE(digits.size() == 200);
    for (const std::uint8_t digit : digits.view()) {
        CHECK((digit >= '0' && digit <= '9'));
    }
}

TEST_CASE("hexadecimal text is read with and without separators") {
    CHECK(to_hex(decode_hex(as_bytes("0102aBfF"))->view()) == "0102abff");
    CHECK(to_hex(decode_hex(as_bytes("01:02:AB:FF"))->view()) == "0102abff");
    CHECK(decode_hex(as_bytes(""))->empty());
    for (const char* text : {"0", "012", "01:2", "0g", "01-02", "0:1"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_hex(as_bytes(text)));
    }
    const SecretBytes key = random_admin_key(card::AdminAlgorithm::aes256);
    CHECK(equal(decode_hex(encode_hex(key.view()).view())->view(), key.view()));
}

TEST_CASE("admin keys have the size of their algorithm and are not weak") {
    using card::AdminAlgorithm;
    CHECK_FALSE(complaint_about_admin_key(AdminAlgorithm::tdes,
                                          card::default_admin_key(AdminAlgorithm::tdes)));
    CHECK(complaint_about_admin_key(AdminAlgorithm::tdes, Bytes(16, 0x22)));
    CHECK(complaint_about_admin_key(AdminAlgorithm::tdes, Bytes(24, 0x01)));
    CHECK(complaint_about_admin_key(AdminAlgorithm::aes128, Bytes(24, 0x22)));
    for (const char* name : {"tdes", "aes128", "aes192", "aes256"}) {
        CHECK(admin_algorithm_name(*parse_admin_algorithm(name)) == name);
    }
    CHECK_FALSE(parse_admin_algorithm("des"));
}

TEST_CASE("tables line up and have no blanks at line ends") {
    CHECK(table({{"A", "NAME", "C"}, {"10", "ä", ""}}) == "A   NAME  C\n10  ä\n");
    CHECK(printable("a\x1b[31mb\n") == "a?[31mb?");
    CHECK(duration(7200) == "2 hours");
    CHECK(duration(90) == "90 seconds");
    CHECK(duration(60) == "1 minute");
    CHECK(plural(1, "card") == "1 card");
}

TEST_CASE("durations are read in seconds, minutes and hours") {
    using namespace std::chrono_literals;
    CHECK(parse_seconds("90") == 90s);
    CHECK(parse_seconds("90s") == 90s);
    CHECK(parse_seconds("15m") == 15min);
    CHECK(parse_seconds("15min") == 15min);
    CHECK(parse_seconds("8h") == 8h);
    CHECK(parse_seconds("8760h") == 8760h);
    for (const char* text :
         {"", "0", "0h", "-1", "1.5h", "8761h", "1d", "h", "1 h", "99999999999"}) {
        INFO(text);
        CHECK_FALSE(parse_seconds(text));
    }
}

TEST_CASE("a random PIN is content with what the rules ask") {
    using card::CharacterRule;
    const card::PinRules rules[] = {
        {},
        {.longest = 6},
        {.shortest = 8, .no_trivial = true},
        {.upper_case = CharacterRule::required, .lower_case = CharacterRule::forbidden},
        {.longest = 6,
         .upper_case = CharacterRule::required,
         .lower_case = CharacterRule::required,
         .digits = CharacterRule::required,
         .special = CharacterRule::required},
        {.upper_case = CharacterRule::forbidden,
         .lower_case = CharacterRule::forbidden,
         .digits = CharacterRule::forbidden}};
    for (const card::PinRules& rule : rules) {
        for (const auto kind : {card::PinKind::pin, card::PinKind::puk}) {
            const SecretBytes value = random_pin(kind, card::Profile::piv, rule);
            CHECK_FALSE(complaint_about_pin(kind, card::Profile::piv, rule, value.view()));
        }
    }
    CHECK(random_pin(card::PinKind::pin, card::Profile::gids, {.shortest = 20}).size() == 20);
    CHECK(random_pin(card::PinKind::pin, card::Profile::piv, {}).size() == 8);
}

TEST_CASE("rules are told in words") {
    using namespace std::chrono_literals;
    using card::CharacterRule;
    CHECK(joined(pin_rule_words({}), ", ").empty());
    CHECK(joined(pin_rule_words({.shortest = 8}), ", ") == "at least 8 characters");
    CHECK(joined(pin_rule_words({.longest = 8}), ", ") == "at most 8 characters");
    CHECK(joined(pin_rule_words({.shortest = 8, .longest = 8}), ", ") == "8 characters");
    CHECK(joined(pin_rule_words({.digits = CharacterRule::required,
                                 .special = CharacterRule::forbidden,
                                 .no_trivial = true,
                                 .history = 1}),
                 ", ") == "digits required, special characters forbidden, none that is guessed "
                          "first, not the last one");
    CHECK(session_words({}, 8h) == "at most 8 h (the driver's setting)");
    CHECK(session_words({.session = 90s, .inactivity = 15min}, 90s) ==
          "at most 90 s, or 15 min without use");
}
