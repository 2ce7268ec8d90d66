// SPDX-License-Identifier: Apache-2.0
#include "card/trivial_pin.hpp"

#include "base/secret.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace tpmvsc::card {

namespace {

/// Paths of a finger over keys: rows of the usual layouts, columns, and the number pad.
constexpr std::array<std::string_view, 14> walks{
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
    "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
    "147258369",
    "741852963",
    "789456123",
};

/// What no rule here finds, and every list has.
constexpr std::array<std::string_view, 38> favourites{
    "password", "password1", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "letmein",
    "iloveyou", "welcome",   "welcome1", "admin",    "admin123", "monkey",   "dragon",
    "football", "baseball",  "sunshine", "princess", "superman", "starwars", "trustno1",
    "changeme", "smartcard", "abc123",   "abcd1234", "a1b2c3d4", "abc12345", "qwerty123",
    "131313",   "159753",    "159357",   "142536",   "102030",   "10203040", "520520",
    "696969",   "11235813",  "31415926",
};

constexpr std::size_t shortest_walk = 4;

bool is_digit(std::uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

bool all_digits(ByteView value) {
    return std::all_of(value.begin(), value.end(), is_digit);
}

SecretBytes in_lower_case(ByteView value) {
    SecretBytes lower(value);
    for (std::uint8_t& byte : lower.span()) {
        if (byte >= 'A' && byte <= 'Z')
            byte = static_cast<std::uint8_t>(byte - 'A' + 'a');
    }
    return lower;
}

/// From one character to the next; digits go round in a circle.
int step(std::uint8_t from, std::uint8_t to, bool digits) {
    const int difference = to - from;
    return digits ? (difference + 10) % 10 : difference;
}

/// 123456, 864208, cba; also 777777. Digits in any step, others only one after the other.
bool is_run(ByteView value) {
    if (value.size() < 2)
        return true;
    const bool digits = all_digits(value);
    const int first = step(value[0], value[1], digits);
    for (std::size_t i = 1; i < value.size(); ++i) {
        if (step(value[i - 1], value[i], digits) != first)
            return false;
    }
    return digits || (first >= -1 && first <= 1);
}

/// A piece of at most half the length, repeated until the end.
bool is_repetition(ByteView value) {
    for (std::size_t piece = 1; 2 * piece <= value.size(); ++piece) {
        if (std::equal(value.begin() + static_cast<std::ptrdiff_t>(piece), value.end(),
                       value.begin()))
            return true;
    }
    return false;
}

/// 112233, 111222: a run of fewer characters, each several times.
bool is_doubled_run(ByteView value) {
    SecretBytes once(value.size());
    std::size_t kept = 0;
    std::size_t length = 0;
    std::size_t shortest = value.size();
    for (std::size_t i = 0; i < value.size(); ++i) {
        ++length;
        if (i + 1 == value.size() || value[i + 1] != value[i]) {
            once.span()[kept++] = value[i];
            shortest = std::min(shortest, length);
            length = 0;
        }
    }
    return shortest >= 2 && is_run(once.view().first(kept));
}

/// 123321, 1234321.
bool is_run_and_back(ByteView value) {
    return value.size() >= shortest_walk &&
           std::equal(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(value.size() / 2),
                      value.rbegin()) &&
           is_run(value.first((value.size() + 1) / 2));
}

bool is_in(ByteView value, std::string_view walk) {
    return std::search(walk.begin(), walk.end(), value.begin(), value.end(),
                       [](char key, std::uint8_t byte) {
                           return static_cast<std::uint8_t>(key) == byte;
                       }) != walk.end();
}

bool is_walk(ByteView value) {
    if (value.size() < shortest_walk)
        return false;
    SecretBytes back(value);
    std::reverse(back.span().begin(), back.span().end());
    return std::any_of(walks.begin(), walks.end(), [&](std::string_view walk) {
        return is_in(value, walk) || is_in(back.view(), walk);
    });
}

unsigned number_in(ByteView digits) {
    unsigned number = 0;
    for (const std::uint8_t digit : digits)
        number = 10 * number + (digit - '0');
    return number;
}

bool is_day(unsigned day, unsigned month, unsigned year) {
    return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// In the orders that people write: day or month first, or year first.
bool is_date(ByteView value) {
    if (value.size() != 8 || !all_digits(value))
        return false;
    const unsigned first = number_in(value.first(2));
    const unsigned second = number_in(value.subspan(2, 2));
    const unsigned year_behind = number_in(value.last(4));
    return is_day(first, second, year_behind) || is_day(second, first, year_behind) ||
           is_day(number_in(value.last(2)), number_in(value.subspan(4, 2)),
                  number_in(value.first(4)));
}

bool is_favourite(ByteView value) {
    return std::any_of(favourites.begin(), favourites.end(), [&](std::string_view favourite) {
        return equal(value, as_bytes(favourite));
    });
}

} // namespace

bool is_trivial(ByteView pin) {
    const SecretBytes lower = in_lower_case(pin);
    const ByteView value = lower.view();
    return is_run(value) || is_repetition(value) || is_doubled_run(value) ||
           is_run_and_back(value) || is_walk(value) || is_date(value) || is_favourite(value);
}

} // namespace tpmvsc::card
