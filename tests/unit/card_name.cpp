// SPDX-License-Identifier: Apache-2.0
#include "card/card_name.hpp"

#include "tests/catch.hpp"

#include <string>

using tpmvsc::card::is_card_name;

TEST_CASE("names that people give are card names") {
    for (const std::string& name :
         {std::string("x"), std::string("Work card"),
          std::string("J\xc3\xbcrgen's \"card\" #2 = / \\"),
          std::string("\xe6\x97\xa5\xe6\x9c\xac"), std::string("\xf0\x9f\x94\x91"),
          std::string("\xf4\x8f\xbf\xbd"), std::string("a\xcc\x88"), std::string(100, 'x'),
          std::string("\xc2\xa0")}) {
        INFO(name);
        CHECK(is_card_name(name));
    }
}

TEST_CASE("a name is 1 to 100 bytes without a blank at its ends") {
    CHECK_FALSE(is_card_name(""));
    CHECK_FALSE(is_card_name(std::string(101, 'x')));
    CHECK_FALSE(is_card_name(std::string(99, 'x') + "\xc3\xbc"));
    CHECK_FALSE(is_card_name(" x"));
    CHECK_FALSE(is_card_name("x "));
    CHECK_FALSE(is_card_name(" "));
}

TEST_CASE("control characters and what turns lines about are in no name") {
    for (int c = 0; c < 0x20; ++c)
        CHECK_FALSE(is_card_name(std::string("a") + static_cast<char>(c) + "b"));
    for (const char* part :
         {"\x7f", "\xc2\x80", "\xc2\x85", "\xc2\x9f", "\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f",
          "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
          "\xef\xbb\xbf", "\xef\xb7\x90", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x9f\xbf\xbf",
          "\xf4\x8f\xbf\xbf"})
        CHECK_FALSE(is_card_name(std::string("a") + part + "b"));
}

TEST_CASE("malformed UTF-8 is in no name") {
    for (const char* part : {"\x80",
                             "\xbf",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xc3",
                             "\xc3(",
                             "\xe0\x80\x80",
                             "\xe0\x9f\xbf",
                             "\xe2\x82",
                             "\xe2(\xa1",
                             "\xed\xa0\x80",
                             "\xed\xbf\xbf",
                             "\xf0\x80\x80\x80",
                             "\xf0\x8f\xbf\xbf",
                             "\xf0\x9f\x94",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xf8\x88",
                             "\xfe",
                             "\xff"}) {
        CHECK_FALSE(is_card_name(std::string("a") + part));
        CHECK_FALSE(is_card_name(std::string("a") + part + "b"));
    }
}
