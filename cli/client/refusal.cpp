// SPDX-License-Identifier: Apache-2.0
#include "cli/client/refusal.hpp"

#include "apdu/status_word.hpp"
#include "base/bytes.hpp"

#include <array>

namespace tpmvsc::cli::client {
namespace {

namespace sw = apdu::sw;

struct Meaning {
    apdu::StatusWord status;
    ExitCode code;
    const char* sentence;
};

constexpr std::array meanings{
    Meaning{sw::security_status_not_satisfied, ExitCode::not_authorised,
            "the PIN or the admin key has not been shown to the card"},
    Meaning{sw::authentication_blocked, ExitCode::not_authorised,
            "the card hears no answer for a while, after too many wrong ones"},
    Meaning{sw::not_enough_memory, ExitCode::failed, "there is no room left for it"},
    Meaning{sw::memory_failure, ExitCode::failed,
            "the card cannot write its files: pcscd's log says why (journalctl -u pcscd)"},
    Meaning{sw::no_precise_diagnosis, ExitCode::failed,
            "something failed in the TPM or the driver: pcscd's log says what (journalctl -u "
            "pcscd)"},
    Meaning{sw::file_not_found, ExitCode::failed, "it is not on the card"},
    Meaning{sw::reference_not_found, ExitCode::failed, "there is no such key on the card"},
    Meaning{sw::function_not_supported, ExitCode::unsupported,
            "the card does not let it be changed"},
    Meaning{sw::wrong_data, ExitCode::unsupported, "this card or its TPM cannot take that"},
    Meaning{sw::instruction_not_supported, ExitCode::unsupported,
            "this card does not know the command"},
};

} // namespace

Failure refusal(const std::string& what, unsigned status) {
    for (const Meaning& meaning : meanings) {
        if (meaning.status.value == status) {
            return {meaning.code, what + ": " + meaning.sentence};
        }
    }
    return {ExitCode::failed, what + ": the card answers " +
                                  to_hex(big_endian16(static_cast<std::uint16_t>(status)))};
}

void require_done(const std::string& what, const pcsc::Reply& reply) {
    if (!reply.done()) {
        throw refusal(what, reply.status);
    }
}

Failure malformed(const std::string& what) {
    return {ExitCode::failed, what + ": the card's answer makes no sense"};
}

Failure unreadable_certificate(const std::string& slot) {
    return {ExitCode::failed, "what is stored as certificate of slot " + slot + " is none"};
}

} // namespace tpmvsc::cli::client
