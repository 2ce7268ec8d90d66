// SPDX-License-Identifier: Apache-2.0
#include "base/reset_challenge.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_unhex.hpp"

#include <algorithm>
#include <stdexcept>

using namespace tpmvsc;
using test::unhex;

namespace {

Bytes counting(std::size_t size, std::uint8_t first = 0) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(first + i);
    return bytes;
}

const ResetChallenge tdes{ResetKind::admin_tdes, 0x01020304, counting(8, 0x10)};
const ResetChallenge authority{ResetKind::authority, 0xFEDCBA98, counting(16)};

std::size_t characters(const std::string& text) {
    return text.size() - static_cast<std::size_t>(std::count(text.begin(), text.end(), '-'));
}

} // namespace

// The expected texts were computed by another implementation.
TEST_CASE("challenges and answers have the form that is written down") {
    CHECK(to_text(tdes) == "040G-40R4-208H-44RM-2MB1-F951");
    CHECK(to_text(ResetAnswer{ResetKind::admin_tdes, counting(8, 0xA0)}, tdes) ==
          "06GA-38N3-MJJT-D9YV-SCH8-VMHH");
    CHECK(to_text(authority) == "23ZD-SEMR-000G-40R4-0M30-E209-185G-R38E-1YD7-ZC40");
    CHECK(to_text(ResetAnswer{ResetKind::authority, counting(64)}, authority) ==
          "2000-20G3-0G2G-C1R8-1450-P30D-1R7H-048J-2CA1-A5GQ-30CH-M6RW-3MF1-Y811-"
          "48HJ-8996-4WM2-JAHB-5GPJ-WBSG-64S3-6D1N-6RVK-GE9T-7CY3-TFHZ-2B1J-6CSA");
}

TEST_CASE("what the authority signs is what TPM2_PolicySigned verifies") {
    CHECK(reset_policy_ref(0xFEDCBA98) ==
          concat({as_bytes("tpmvsc PIN reset "), Bytes{0xFE, 0xDC, 0xBA, 0x98}}));
    CHECK(signed_digest(authority) ==
          unhex("a4c995615806c767dadd7b3506060c48f8aa9f9da127dfc165112ac20367f51c"));
    ResetChallenge other = authority;
    other.serial ^= 1;
    CHECK(signed_digest(other) != signed_digest(authority));
}

TEST_CASE("each kind comes back as it was, in whole groups") {
    const struct {
        ResetKind kind;
        std::size_t challenge, challenge_characters, answer, answer_characters;
    } rows[] = {
        {ResetKind::admin_tdes, 8, 24, 8, 24},     {ResetKind::admin_aes128, 16, 40, 16, 32},
        {ResetKind::admin_aes192, 16, 40, 16, 32}, {ResetKind::admin_aes256, 16, 40, 16, 32},
        {ResetKind::authority, 16, 40, 64, 112},   {ResetKind::authority, 16, 40, 256, 416},
        {ResetKind::authority, 16, 40, 384, 624},  {ResetKind::authority, 16, 40, 512, 824}};
    for (const auto& row : rows) {
        CAPTURE(static_cast<int>(row.kind), row.answer);
        const ResetChallenge challenge{row.kind, 0xFFFFFFFF, counting(row.challenge, 3)};
        const std::string asked = to_text(challenge);
        CHECK(characters(asked) == row.challenge_characters);
        CHECK(parse_challenge(asked).value == challenge);
        const ResetAnswer answer{row.kind, counting(row.answer, 7)};
        const std::string answered = to_text(answer, challenge);
        CHECK(characters(answered) == row.answer_characters);
        CHECK(parse_answer(answered, challenge).value == answer);
    }
}

TEST_CASE("every wrong character and every two groups in the wrong order are noticed") {
    const auto expect_noticed = [](const std::string& text, auto parse) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '-')
                continue;
            std::string wrong = text;
            wrong[i] = wrong[i] == '7' ? '8' : '7';
            CAPTURE(wrong);
            CHECK_FALSE(parse(wrong).value);
            CHECK_FALSE(parse(wrong).complaint.empty());
        }
        for (std::size_t i = 0; i + 9 <= text.size(); i += 5) {
            std::string swapped = text;
            std::swap_ranges(swapped.begin() + i, swapped.begin() + i + 4, swapped.begin() + i + 5);
            CAPTURE(swapped);
            CHECK((swapped == text || !parse(swapped).value));
        }
    };
    for (const ResetChallenge& challenge : {tdes, authority}) {
        expect_noticed(to_text(challenge), [](const auto& text) { return parse_challenge(text); });
        const std::size_t size = challenge.kind == ResetKind::authority ? 64 : 8;
        expect_noticed(to_text({challenge.kind, counting(size, 0x55)}, challenge),
                       [&](const auto& text) { return parse_answer(text, challenge); });
    }
}

TEST_CASE("the answer to another challenge is noticed") {
    const std::string text = to_text(ResetAnswer{ResetKind::admin_tdes, counting(8)}, tdes);
    ResetChallenge later = tdes;
    later.challenge[7] ^= 1;
    CHECK_FALSE(parse_answer(text, later).value);
    ResetChallenge of_another_card = tdes;
    of_another_card.serial ^= 1;
    CHECK_FALSE(parse_answer(text, of_another_card).value);
    const auto other_kind = parse_answer(text, authority);
    CHECK_FALSE(other_kind.value);
    CHECK(other_kind.complaint.find("another kind") != std::string::npos);
}

TEST_CASE("what is too short, too long or something else is told so") {
    const auto complaint = [](std::string_view text) { return parse_challenge(text).complaint; };
    CHECK(complaint("").find("not a challenge") != std::string::npos);
    CHECK(complaint("040G-40R4-208H-44RM-2MB1-F95").find("not a challenge") != std::string::npos);
    CHECK(complaint("ZZZZ-ZZZZ").find("first group") != std::string::npos);
    CHECK(complaint("040G-40R4-208H-44RM").find("too short") != std::string::npos);
    CHECK(complaint("040G-40R4-208H-44RM-2MB1-F950").find("check") != std::string::npos);
    CHECK(parse_answer("", tdes).complaint.find("not an answer") != std::string::npos);
    CHECK(parse_answer("06GA-38N3", tdes).complaint.find("too short") != std::string::npos);
    CHECK(parse_answer("20GA-38N3", authority).complaint.find("too short") != std::string::npos);
}

TEST_CASE("sizes that belong to no kind are not written") {
    CHECK_THROWS_AS(to_text(ResetChallenge{ResetKind::admin_tdes, 1, counting(16)}),
                    std::invalid_argument);
    CHECK_THROWS_AS(to_text(ResetChallenge{ResetKind::authority, 1, counting(8)}),
                    std::invalid_argument);
    CHECK_THROWS_AS(to_text(ResetAnswer{ResetKind::admin_tdes, counting(16)}, tdes),
                    std::invalid_argument);
    CHECK_THROWS_AS(to_text(ResetAnswer{ResetKind::authority, counting(65)}, authority),
                    std::invalid_argument);
    CHECK_THROWS_AS(to_text(ResetAnswer{ResetKind::authority, counting(64)}, tdes),
                    std::invalid_argument);
}
