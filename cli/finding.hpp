// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"
#include "cli/output.hpp"

#include <string>
#include <vector>

namespace tpmvsc::tpm {
class Tpm;
struct TpmFacts;
} // namespace tpmvsc::tpm

namespace tpmvsc::cli {

/// Finding is one answer of the doctor: what was looked at, how it is, what to do.
struct Finding {
    enum class Level { ok, warning, error };
    std::string check; ///< a short fixed word, for scripts as well
    Level level = Level::ok;
    std::string text;
    std::string advice; ///< one thing to do; empty only where all is fine
};

using Findings = std::vector<Finding>;

/// level_name is the level in JSON: ok, warning, error.
const char* level_name(Finding::Level level);

/// count tells how many are of one level, to_json lists them, print shows one.
std::size_t count(const Findings& findings, Finding::Level level);
Json to_json(const Findings& findings);
void print(const Finding& finding, const Output& output);

/// What the checks of the TPM found out, beside the findings.
struct TpmExamination { // NOLINT(bugprone-exception-escape): moving JSON does not throw
    Findings findings;
    Json facts;           ///< as the TPM gave them; null where it was not reached
    bool present = false; ///< there is a TPM
    bool usable = false;  ///< and this user may use it
};

/// Is there a TPM, what is it, which parent key, its lockout state.
TpmExamination examine_tpm(const Settings& settings, tpm::Tpm& tpm);

/// What there is to say of the facts alone.
Findings examine_facts(const tpm::TpmFacts& facts, const Settings& settings);

/// Is the driver known to pcscd and loaded, does pcscd run, may it use the TPM.
Findings examine_reader(const Settings& settings);

/// The state folder: permissions, space, leftovers.
Findings examine_state(const Settings& settings);

/// Every card: its files, its TPM, its tries. `tpm` is asked only when `tpm_usable`. What
/// interrupted commands have left is cleared away.
Findings examine_cards(const Settings& settings, tpm::Tpm& tpm, bool tpm_usable);

} // namespace tpmvsc::cli
