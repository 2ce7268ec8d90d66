// SPDX-License-Identifier: Apache-2.0
#include "apdu/outcome_status.hpp"

#include "card/errors.hpp"
#include "tests/catch.hpp"
#include "tpm/error.hpp"

#include <stdexcept>

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

TEST_CASE("a fault as a status word", "[apdu][outcome]") {
    const auto of_tpm = [](tpm::Fault fault) { return status_of(tpm::Error(fault, 0, "")).value; };
    CHECK(of_tpm(tpm::Fault::locked_out) == 0x6983);
    CHECK(of_tpm(tpm::Fault::no_space) == 0x6A84);
    CHECK(of_tpm(tpm::Fault::auth_failed) == 0x6985);
    CHECK(of_tpm(tpm::Fault::unreachable) == 0x6F00);
    const auto of_storage = [](card::StorageError::Reason reason) {
        return status_of(card::StorageError(reason, "")).value;
    };
    CHECK(of_storage(card::StorageError::Reason::full) == 0x6A84);
    CHECK(of_storage(card::StorageError::Reason::unwritable) == 0x6581);
    CHECK(of_storage(card::StorageError::Reason::damaged) == 0x6581);
    CHECK(of_storage(card::StorageError::Reason::unknown_version) == 0x6F00);
    CHECK(status_of(std::runtime_error("")).value == 0x6F00);
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
