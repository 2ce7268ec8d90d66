// SPDX-License-Identifier: Apache-2.0
#include "card/pin_complaint.hpp"
#include "card/trivial_pin.hpp"
#include "tests/catch.hpp"

#include <string>
#include <vector>

using namespace tpmvsc;
using namespace tpmvsc::card;

namespace {

struct Case {
    PinRules rules;
    const char* value;
    const char* complaint; ///< null: none
};

std::string complaint_of(const PinRules& rules, PinKind kind, const std::string& value) {
    return complaint_about_rules(rules, kind, as_bytes(value)).value_or("");
}

constexpr auto required = CharacterRule::required;
constexpr auto forbidden = CharacterRule::forbidden;

} // namespace

TEST_CASE("trivial PINs are told from others", "[card][rules]") {
    const std::vector<std::string> trivial{
        // one character, or a piece, again and again
        "111111", "aaaaaaaa", "121212", "1212121", "123123", "48374837", "abcabc", "AbAbAb",
        // runs
        "123456", "654321", "890123", "210987", "024680", "13579135", "abcdefgh", "fedcba",
        "ABCdef", "012345", "1234",
        // doubled, and there and back
        "112233", "11223344", "111222", "332211", "aabbcc", "123321", "1234321", "12344321",
        "abccba",
        // over the keyboard
        "qwertz", "qwerty", "QWERTZUI", "ytrewq", "asdfgh", "1qaz2wsx", "1q2w3e4r", "147258",
        "852741", "321654987", "zxcvbnm", "azerty",
        // days
        "24121987", "12241987", "19871224", "01011970", "20380119",
        // and what people like
        "password", "Passw0rd", "abc123", "159753", "LetMeIn", "31415926"};
    for (const std::string& pin : trivial) {
        INFO(pin);
        CHECK(is_trivial(as_bytes(pin)));
    }
    const std::vector<std::string> others{
        "739164",    "802573",   "48206173",           "28140963", "123457",
        "112234",    "121213",
        "241287", // a day in six digits may be chance
        "24131987",  "32121987", "24121887",           "19871324", "hT4!x9q2",
        "zebrafish", "qwxrty",   "passwords are long", "137260",   "1479",
        "97531864", // the rig's PUK for GIDS cards
    };
    for (const std::string& pin : others) {
        INFO(pin);
        CHECK_FALSE(is_trivial(as_bytes(pin)));
    }
}

TEST_CASE("each rule says what it misses in a PIN", "[card][rules]") {
    const Case cases[] = {
        {{}, "1", nullptr},
        {{}, "\xC3\xA4", nullptr}, // without rules the card is content with what the profile takes
        {{.shortest = 8}, "1234567", "it must have at least 8 characters"},
        {{.shortest = 8}, "12345678", nullptr},
        {{.longest = 8}, "123456789", "it may have at most 8 characters"},
        {{.longest = 8}, "12345678", nullptr},
        {{.upper_case = required}, "abc1!", "it must hold an upper-case letter"},
        {{.upper_case = required}, "abC", nullptr},
        {{.upper_case = forbidden}, "abC", "it may not hold upper-case letters"},
        {{.upper_case = forbidden}, "abc", nullptr},
        {{.lower_case = required}, "ABC1!", "it must hold a lower-case letter"},
        {{.lower_case = required}, "ABc", nullptr},
        {{.lower_case = forbidden}, "ABc", "it may not hold lower-case letters"},
        {{.digits = required}, "ABc", "it must hold a digit"},
        {{.digits = required}, "ABc9", nullptr},
        {{.digits = forbidden}, "ABc9", "it may not hold digits"},
        {{.special = required}, "ABc9", "it must hold a special character"},
        {{.special = required}, "AB c9", nullptr},
        {{.special = required}, "AB~c9", nullptr},
        {{.special = forbidden}, "AB c9", "it may not hold special characters"},
        {{.special = forbidden}, "AB@c9", "it may not hold special characters"},
        {{.special = forbidden}, "ABZaz09", nullptr},
        {{.special = forbidden}, "\xC3\xA4", "it may hold digits, letters and signs of ASCII only"},
        {{.digits = required}, "1\x7F", "it may hold digits, letters and signs of ASCII only"},
        {{.digits = required}, "1\x1F", "it may hold digits, letters and signs of ASCII only"},
        {{.no_trivial = true}, "123456", "it is one of those that are guessed first"},
        {{.no_trivial = true}, "739164", nullptr},
    };
    for (const Case& row : cases) {
        INFO(row.value);
        CHECK(complaint_of(row.rules, PinKind::pin, row.value) ==
              (row.complaint == nullptr ? "" : row.complaint));
    }
}

TEST_CASE("a PUK has to be as long as a PIN and no easier, and that is all", "[card][rules]") {
    const PinRules rules{.shortest = 6,
                         .longest = 8,
                         .upper_case = required,
                         .digits = forbidden,
                         .no_trivial = true};
    CHECK(complaint_of(rules, PinKind::puk, "28140963") == "");
    CHECK(complaint_of(rules, PinKind::puk, "2814096351") == "");
    CHECK(complaint_of(rules, PinKind::puk, "28140") == "it must have at least 6 characters");
    CHECK(complaint_of(rules, PinKind::puk, "12345678") ==
          "it is one of those that are guessed first");
}
