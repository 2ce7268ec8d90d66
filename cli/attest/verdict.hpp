// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/attest/endorsement_certificate.hpp"
#include "cli/attest/statement.hpp"

namespace tpmvsc::cli::attest {

/// Evidence is a bundle and what else the verifier has; all but the bundle may be missing.
struct Evidence {
    Bundle bundle;
    std::optional<Bytes> answer;            ///< of the card's holder to the challenge,
    std::optional<Expectation> expectation; ///< whose secret this is
    std::optional<Bytes> nonce;
    std::vector<std::string> roots; ///< files
};

/// Check is one thing that may be proved, by a name for scripts, and a sentence.
struct Check {
    enum class State { proved, failed, not_done };
    std::string name;
    State state = State::not_done;
    std::string text;
};

/// What can be demanded: what people want to know, as opposed to the steps to it.
inline constexpr const char* check_tpm = "tpm";     ///< a real TPM has made the key and keeps it
inline constexpr const char* check_pin = "pin";     ///< it wants a PIN, and guessing is stopped
inline constexpr const char* check_tries = "tries"; ///< after how many wrong ones
inline constexpr const char* check_nonce = "nonce"; ///< the statement is not older than the nonce

struct Verdict {
    KeyFacts key;
    std::optional<TpmMake> make;
    std::vector<Check> checks;

    const Check* find(const std::string& name) const;
    bool proves(const std::string& name) const;
    bool any_failed() const;
};

/// judge checks everything. Throws Refused where the statements themselves do not hold.
Verdict judge(const Evidence& evidence);

const char* state_name(Check::State state);

} // namespace tpmvsc::cli::attest
