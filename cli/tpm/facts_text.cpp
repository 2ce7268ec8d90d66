// SPDX-License-Identifier: Apache-2.0
#include "cli/tpm/facts_text.hpp"

#include "cli/attest/maker_name.hpp"
#include "cli/lockout_text.hpp"

namespace tpmvsc::cli {
namespace {

Json algorithm_names(const tpm::TpmFacts& facts) {
    Json names = Json::array();
    for (const auto algorithm : facts.algorithms) {
        names.push_back(tpm::algorithm_name(algorithm));
    }
    return names;
}

} // namespace

std::string revision_text(unsigned revision) {
    const unsigned minor = revision % 100;
    return std::to_string(revision / 100) + (minor < 10 ? ".0" : ".") + std::to_string(minor);
}

std::string identity_text(const tpm::TpmFacts& facts) {
    const std::string maker = maker_name(facts.manufacturer);
    const std::string letters =
        maker == facts.manufacturer ? "" : " (" + printable(facts.manufacturer) + ")";
    const std::string revision =
        facts.spec_revision == 0 ? "" : " revision " + revision_text(facts.spec_revision);
    return maker + letters + " " + printable(facts.vendor) + ", firmware " + facts.firmware +
           ", TPM 2.0" + revision;
}

std::string algorithm_list(const tpm::TpmFacts& facts) {
    std::string names;
    for (const auto algorithm : facts.algorithms) {
        names += (names.empty() ? "" : ", ") + std::string(tpm::algorithm_name(algorithm));
    }
    return names;
}

const char* self_test_name(tpm::SelfTest result) {
    switch (result) {
    case tpm::SelfTest::passed:
        return "passed";
    case tpm::SelfTest::unfinished:
        return "unfinished";
    default:
        return "failed";
    }
}

Json to_json(const tpm::TpmFacts& facts, const Settings& settings) {
    return {{"manufacturer", facts.manufacturer},
            {"maker", maker_name(facts.manufacturer)},
            {"vendor", facts.vendor},
            {"firmware", facts.firmware},
            {"spec_revision", revision_text(facts.spec_revision)},
            {"software", settings.tpm_is_software()},
            {"tcti", settings.effective_tcti()},
            {"self_test", self_test_name(facts.self_test)},
            {"owner_enabled", facts.owner_enabled},
            {"owner_password_set", facts.owner_auth_set},
            {"endorsement_enabled", facts.endorsement_enabled},
            {"endorsement_password_set", facts.endorsement_auth_set},
            {"lockout_password_set", facts.lockout.password_set},
            {"lockout", to_json(facts.lockout)},
            {"parent",
             {{"present", facts.parent_present},
              {"fit", facts.parent_fit},
              {"description", facts.parent_description}}},
            {"pin_indices", facts.has_pin_indices},
            {"nv_indices", facts.nv_indices},
            {"largest_nv_index", facts.largest_index},
            {"persistent_objects", facts.persistent_objects},
            {"persistent_available", facts.persistent_available},
            {"algorithms", algorithm_names(facts)},
            {"session_ciphers", facts.session_ciphers}};
}

} // namespace tpmvsc::cli
