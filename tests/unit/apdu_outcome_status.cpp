// SPDX-License-Identifier: Apache-2.0
#include "apdu/outcome_status.hpp"

#include "tests/catch.hpp"

using namespace tpmvsc;
using apdu::status_of;

TEST_CASE("a PIN comparison as a status word", "[apdu][outcome]") {
    using Result = card::PinOutcome::Result;
    CHECK(status_of(card::PinOutcome{Result::right, 3}).value == 0x9000);
    CHECK(status_of(card::PinOutcome{Result::wrong, 2}).value == 0x63C2);
    CHECK(status_of(card::PinOutcome{Result::wrong, 0}).value == 0x63C0);
    CHECK(status_of(card::PinOutcome{Result::wrong, 40}).value == 0x63CF);
    CHECK(status_of(card::PinOutcome{Result::blocked, 0}).value == 0x6983);
    CHECK(status_of(card::PinOutcome{Result::locked, 2}).value == 0x6983);
    CHECK(status_of(card::PinOutcome{Result::absent, 0}).value == 0x6983);
}

TEST_CASE("a private-key operation as a status word", "[apdu][outcome]") {
    using Result = card::KeyOutcome::Result;
    CHECK(status_of(card::KeyOutcome{Result::done, {}}).value == 0x9000);
    CHECK(status_of(card::KeyOutcome{Result::pin_required, {}}).value == 0x6982);
    CHECK(status_of(card::KeyOutcome{Result::locked, {}}).value == 0x6983);
    for (const auto result : {Result::no_key, Result::wrong_kind, Result::bad_input}) {
        CHECK(status_of(card::KeyOutcome{result, {}}).value == 0x6A80);
    }
}
