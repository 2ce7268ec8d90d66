// SPDX-License-Identifier: Apache-2.0
#include "cli/finding.hpp"
#include "cli/lockout_text.hpp"
#include "cli/machine.hpp"
#include "cli/tpm/facts_text.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/error.hpp"
#include "tpm/tpm.hpp"

#include <algorithm>

namespace tpmvsc::cli {
namespace {

using Level = Finding::Level;

/// Fewer tries than this before the whole TPM locks are few for disk encryption and all else.
constexpr std::uint32_t few_tries = 5;

Finding access_finding(const TpmAccess& access) {
    if (access.state == TpmAccess::State::refused) {
        return {"tpm", Level::warning, "there is a TPM, but this user may not ask it",
                "run the doctor as root to see more; for using cards nothing is missing: pcscd "
                "speaks to the TPM"};
    }
    return {"tpm", Level::error, access.sentence, access.advice};
}

Finding identity_finding(const tpm::TpmFacts& facts, const Settings& settings) {
    const std::string name = identity_text(facts);
    if (settings.tpm_is_software()) {
        return {"tpm", Level::warning, name + ": a program, not a chip",
                "its keys are only as safe as files: use it for trying out and for tests"};
    }
    return {"tpm", Level::ok, name, ""};
}

Finding pin_finding(const tpm::TpmFacts& facts) {
    if (facts.has_pin_indices) {
        return {"pin-counter", Level::ok, "the TPM counts wrong PINs for each card by itself", ""};
    }
    return {"pin-counter", Level::warning,
            std::string(no_pin_counters) +
                ": the PINs of its cards count in the TPM's lockout instead",
            newer_firmware};
}

Finding parent_finding(const tpm::TpmFacts& facts) {
    if (!facts.parent_present) {
        return {
            "parent-key", Level::ok,
            "no storage key at 0x81000001 yet: the first \"tpmvsc create\" makes one, or \"tpmvsc "
            "tpm provision\"",
            ""};
    }
    return {"parent-key", Level::ok, facts.parent_description, ""};
}

Finding lockout_finding(const tpm::Lockout& lockout) {
    const tpm::LockoutLimits& limits = lockout.limits;
    if (!limits.protects()) {
        return {"lockout", Level::warning, lockout_switched_off,
                "switch it on: tpmvsc lockout set --recovery-time SECONDS"};
    }
    const std::string state = lockout_text(lockout) + "; one is forgotten after " +
                              duration(static_cast<std::uint64_t>(limits.recovery.count()));
    if (lockout.active) {
        return {"lockout", Level::error,
                "after too many wrong passwords of its users the TPM is " + state,
                "wait, or let who has the lockout password run tpmvsc lockout reset"};
    }
    if (limits.max_tries < few_tries) {
        return {"lockout", Level::warning, "the TPM locks itself soon: " + state,
                "tpmvsc lockout set --max-tries NUMBER changes that for the whole computer"};
    }
    return {"lockout", Level::ok, state, ""};
}

Finding algorithm_finding(const tpm::TpmFacts& facts) {
    const std::string names = algorithm_list(facts);
    if (names.empty()) {
        return {"algorithms", Level::error, "this TPM makes no key that a card could use",
                newer_firmware};
    }
    return {"algorithms", Level::ok, "keys: " + names, ""};
}

Finding self_test_finding() {
    return {"self-test", Level::error,
            "the TPM has failed its test of itself and does nothing more",
            "switch the computer off and on again; where it fails again, see whether its maker has "
            "newer firmware for the TPM"};
}

void examine_hierarchies(const tpm::TpmFacts& facts, Findings& findings) {
    if (!facts.owner_enabled) {
        findings.push_back({"owner", Level::error,
                            "the TPM's owner hierarchy is switched off: no card works",
                            "switch the TPM on in the firmware setup (its storage hierarchy)"});
    }
    if (facts.owner_auth_set) {
        findings.push_back({"owner-password", Level::ok, "the TPM's owner has set a password",
                            "\"tpmvsc create\" and \"tpmvsc destroy\" ask for it (--owner-auth)"});
    }
    if (!facts.endorsement_enabled || facts.endorsement_auth_set) {
        findings.push_back(
            {"endorsement", Level::warning,
             facts.endorsement_enabled
                 ? "the TPM's endorsement hierarchy has a password: its cards cannot prove which "
                   "TPM they are in"
                 : "the TPM's endorsement hierarchy is switched off: its cards cannot prove which "
                   "TPM they are in",
             facts.endorsement_enabled
                 ? "where that is wanted, take the password away (tpm2_changeauth -c endorsement)"
                 : "where that is wanted, switch it on in the firmware setup"});
    }
}

void examine_sessions(const tpm::TpmFacts& facts, Findings& findings) {
    const auto& ciphers = facts.session_ciphers;
    if (std::find(ciphers.begin(), ciphers.end(), "AES-128-CFB") == ciphers.end()) {
        findings.push_back({"sessions", Level::error,
                            "the TPM lacks AES-128-CFB, by which PINs travel to it",
                            newer_firmware});
    }
}

} // namespace

Findings examine_facts(const tpm::TpmFacts& facts, const Settings& settings) {
    Findings findings{identity_finding(facts, settings)};
    if (facts.self_test == tpm::SelfTest::failed) {
        findings.push_back(self_test_finding());
        return findings;
    }
    findings.push_back(algorithm_finding(facts));
    findings.push_back(pin_finding(facts));
    findings.push_back(parent_finding(facts));
    findings.push_back(lockout_finding(facts.lockout));
    examine_hierarchies(facts, findings);
    examine_sessions(facts, findings);
    return findings;
}

TpmExamination examine_tpm(const Settings& settings, tpm::Tpm& tpm) {
    TpmExamination examination;
    const TpmAccess access = look_for_tpm(settings, tpm);
    examination.present = access.state != TpmAccess::State::absent;
    if (access.state != TpmAccess::State::open) {
        examination.findings.push_back(access_finding(access));
        return examination;
    }
    try {
        const tpm::TpmFacts facts = tpm::read_facts(tpm, tpm::OfFailedTpm::told);
        examination.usable = facts.self_test != tpm::SelfTest::failed;
        examination.facts = to_json(facts, settings);
        examination.findings = examine_facts(facts, settings);
    } catch (const tpm::Error& error) {
        examination.findings.push_back(
            {"tpm", Level::error, error.what(),
             error.fault() == tpm::Fault::unsupported
                 ? "see whether the firmware setup can switch the TPM to version 2.0"
                 : "try again; where it stays so, start the computer again"});
    }
    return examination;
}

} // namespace tpmvsc::cli
