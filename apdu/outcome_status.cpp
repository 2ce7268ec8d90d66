// SPDX-License-Identifier: Apache-2.0
#include "apdu/outcome_status.hpp"

#include "card/errors.hpp"
#include "tpm/error.hpp"

namespace tpmvsc::apdu {

namespace {

StatusWord status_of_tpm(tpm::Fault fault) {
    switch (fault) {
    case tpm::Fault::locked_out:
        return sw::authentication_blocked;
    case tpm::Fault::auth_failed: // a wrong PIN is no fault: this is the owner's password
        return sw::conditions_not_satisfied;
    case tpm::Fault::no_space:
        return sw::not_enough_memory;
    default:
        return sw::no_precise_diagnosis;
    }
}

StatusWord status_of_storage(card::StorageError::Reason reason) {
    switch (reason) {
    case card::StorageError::Reason::full:
        return sw::not_enough_memory;
    case card::StorageError::Reason::unwritable:
    case card::StorageError::Reason::damaged:
        return sw::memory_failure;
    case card::StorageError::Reason::unknown_version:
        break;
    }
    return sw::no_precise_diagnosis;
}

} // namespace

StatusWord status_of(const card::PinOutcome& outcome) {
    using Result = card::PinOutcome::Result;
    switch (outcome.result) {
    case Result::right:
        return sw::success;
    case Result::wrong:
        return sw::tries_left(outcome.tries_left);
    case Result::refused:
        return sw::wrong_data;
    case Result::blocked:
    case Result::locked:
    case Result::absent:
        break;
    }
    return sw::authentication_blocked;
}

StatusWord status_of(const card::KeyOutcome& outcome) {
    using Result = card::KeyOutcome::Result;
    switch (outcome.result) {
    case Result::done:
        return sw::success;
    case Result::pin_required:
        return sw::security_status_not_satisfied;
    case Result::locked:
        return sw::authentication_blocked;
    case Result::no_key:
    case Result::wrong_kind:
    case Result::bad_input:
        break;
    }
    return sw::wrong_data;
}

StatusWord status_of(const std::exception& fault) {
    if (const auto* error = dynamic_cast<const tpm::Error*>(&fault)) {
        return status_of_tpm(error->fault());
    }
    if (const auto* error = dynamic_cast<const card::StorageError*>(&fault)) {
        return status_of_storage(error->reason());
    }
    return sw::no_precise_diagnosis;
}

} // namespace tpmvsc::apdu
