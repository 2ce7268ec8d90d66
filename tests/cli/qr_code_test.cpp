// SPDX-License-Identifier: Apache-2.0
#include "cli/qr_code.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <string>
#include <unistd.h>
#include <vector>

using namespace tpmvsc::cli;

namespace {

constexpr std::size_t margin = 4;

/// What a camera sees: rows of dark (true) and light modules.
using Picture = std::vector<std::vector<bool>>;

/// Takes one line of the drawing off `text` as two rows.
void read_line(std::string_view line, Picture& picture) {
    std::vector<bool> upper;
    std::vector<bool> lower;
    while (!line.empty()) {
        const std::string_view block = line.substr(0, line.front() == ' ' ? 1 : 3);
        upper.push_back(block == "\u2588" || block == "\u2580");
        lower.push_back(block == "\u2588" || block == "\u2584");
        line.remove_prefix(block.size());
    }
    picture.push_back(upper);
    picture.push_back(lower);
}

Picture look_at(const std::string& drawing) {
    const std::string_view black_on_white = "\033[30;107m";
    const std::string_view plain = "\033[0m";
    Picture picture;
    std::string_view rest = drawing;
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        REQUIRE(line.starts_with(black_on_white));
        REQUIRE(line.ends_with(plain));
        line.remove_prefix(black_on_white.size());
        line.remove_suffix(plain.size());
        read_line(line, picture);
    }
    return picture;
}

/// The square in three corners by which a camera finds the code: a ring around a block.
bool is_finder(const Picture& picture, std::size_t top, std::size_t left) {
    for (std::size_t row = 0; row < 7; ++row) {
        for (std::size_t column = 0; column < 7; ++column) {
            const auto far = [](std::size_t i) { return i > 3 ? i - 3 : 3 - i; };
            const std::size_t distance = std::max(far(row), far(column));
            if (picture[top + row][left + column] != (distance != 2)) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

TEST_CASE("a QR code has its margin and its three finders") {
    const auto drawing = draw_qr_code("040G40R4208H44RM2MB1F951");
    REQUIRE(drawing);
    const Picture picture = look_at(*drawing);
    const std::size_t width = picture.front().size();
    CHECK(width == 25 + 2 * margin); // version 2
    CHECK(picture.size() >= width);
    CHECK(picture.size() <= width + 1);
    for (std::size_t i = 0; i < width; ++i) {
        for (std::size_t border = 0; border < margin; ++border) {
            CHECK_FALSE(picture[border][i]);
            CHECK_FALSE(picture[i][border]);
            CHECK_FALSE(picture[width - 1 - border][i]);
            CHECK_FALSE(picture[i][width - 1 - border]);
        }
    }
    CHECK(is_finder(picture, margin, margin));
    CHECK(is_finder(picture, margin, width - margin - 7));
    CHECK(is_finder(picture, width - margin - 7, margin));
    CHECK_FALSE(is_finder(picture, width - margin - 7, width - margin - 7));
}

TEST_CASE("the longest answer fits, what is no text of ours does not") {
    CHECK(draw_qr_code(std::string(1029, 'Z')));
    CHECK_FALSE(draw_qr_code(std::string(10000, 'Z')));
    CHECK_FALSE(draw_qr_code("small letters"));
}

TEST_CASE("no QR code is drawn where nobody sees it") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    CHECK_FALSE(qr_code_for(ends[1], "040G"));
    ::close(ends[0]);
    ::close(ends[1]);
}
