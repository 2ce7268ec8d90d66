// SPDX-License-Identifier: Apache-2.0
#include "cli/finding.hpp"
#include "cli/lockout_text.hpp"
#include "cli/machine.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/error.hpp"
#include "tpm/tpm.hpp"

#include <algorithm>
#include <cstdio>

namespace tpmvsc::cli {
namespace {

using Level = Finding::Level;

/// Fewer tries than this before the whole TPM locks are few for disk encryption and all else.
constexpr std::uint32_t few_tries = 5;

std::string revision_text(unsigned revision) {
    const unsigned minor = revision % 100;
    return std::to_string(revision / 100) + (minor < 10 ? ".0" : ".") + std::to_string(minor);
}

Json algorithm_names(const tpm::TpmFacts& facts) {
    Json names = Json::array();
    for (const auto algorithm : facts.algorithms) {
        names.push_back(tpm::algorithm_name(algorithm));
    }
    return names;
}

Json describe(const tpm::TpmFacts& facts, const Settings& settings) {
    return {{"manufacturer", facts.manufacturer},
            {"vendor", facts.vendor},
            {"firmware", facts.firmware},
            {"spec_revision", revision_text(facts.spec_revision)},
            {"software", settings.tpm_is_software()},
            {"tcti", settings.effective_tcti()},
            {"owner_password_set", facts.owner_auth_set},
            {"lockout_password_set", facts.lockout.password_set},
            {"lockout", to_json(facts.lockout)},
            {"parent",
             {{"present", facts.parent_present},
              {"fit", facts.parent_fit},
              {"description", facts.parent_description}}},
            {"pin_indices", facts.has_pin_indices},
            {"nv_indices", facts.nv_indices},
            {"persistent_objects", facts.persistent_objects},
            {"persistent_available", facts.persistent_available},
            {"algorithms", algorithm_names(facts)}};
}

Finding access_finding(const TpmAccess& access) {
    if (access.state == TpmAccess::State::refused) {
        return {"tpm", Level::warning, "there is a TPM, but this user may not ask it",
                "run the doctor as root to see more; for using cards nothing is missing: pcscd "
                "speaks to the TPM"};
    }
    return {"tpm", Level::error, access.sentence, access.advice};
}

Finding identity_finding(const tpm::TpmFacts& facts, const Settings& settings) {
    const std::string name = facts.manufacturer + " " + facts.vendor + ", firmware " +
                             facts.firmware + ", TPM 2.0 revision " +
                             revision_text(facts.spec_revision);
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
        return {"parent-key", Level::ok,
                "no storage key at 0x81000001 yet: the first \"tpmvsc create\" makes one", ""};
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
    std::string names;
    for (const auto algorithm : facts.algorithms) {
        names += (names.empty() ? "" : ", ") + std::string(tpm::algorithm_name(algorithm));
    }
    if (names.empty()) {
        return {"algorithms", Level::error, "this TPM makes no key that a card could use",
                newer_firmware};
    }
    return {"algorithms", Level::ok, "keys: " + names, ""};
}

void examine_facts(const tpm::TpmFacts& facts, const Settings& settings, Findings& findings) {
    findings.push_back(identity_finding(facts, settings));
    findings.push_back(algorithm_finding(facts));
    findings.push_back(pin_finding(facts));
    findings.push_back(parent_finding(facts));
    findings.push_back(lockout_finding(facts.lockout));
    if (facts.owner_auth_set) {
        findings.push_back({"owner-password", Level::ok, "the TPM's owner has set a password",
                            "\"tpmvsc create\" and \"tpmvsc destroy\" ask for it (--owner-auth)"});
    }
}

} // namespace

const char* level_name(Finding::Level level) {
    switch (level) {
    case Level::ok:
        return "ok";
    case Level::warning:
        return "warning";
    default:
        return "error";
    }
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
        const tpm::TpmFacts facts = tpm::read_facts(tpm);
        examination.usable = true;
        examination.facts = describe(facts, settings);
        examine_facts(facts, settings, examination.findings);
    } catch (const tpm::Error& error) {
        examination.findings.push_back(
            {"tpm", Level::error, error.what(),
             "try again; a TPM that has failed gets well at the next start of the computer only"});
    }
    return examination;
}

} // namespace tpmvsc::cli
