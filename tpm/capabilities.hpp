// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/key_algorithm.hpp"
#include "tpm/lockout.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tpmvsc::tpm {

class Connection;
class Tpm;

/// TpmFacts is what a TPM says of itself, for a person to read.
struct TpmFacts {
    std::string manufacturer; ///< four letters, as registered with the TCG ("IFX", "IBM")
    std::string vendor;       ///< vendor string ("SLB9672", "SW   TPM")
    std::string firmware;
    unsigned spec_revision = 0; ///< library revision times 100 (138 = 1.38)

    Lockout lockout;

    bool owner_auth_set = false;
    std::uint32_t nv_indices = 0;         ///< defined NV indices
    std::uint32_t persistent_objects = 0; ///< and how many more fit:
    std::uint32_t persistent_available = 0;

    bool has_pin_indices = false; ///< revision 1.38 or later: TPM_NT_PIN_FAIL exists
    std::vector<KeyAlgorithm> algorithms;

    /// What is at 0x81000001: a sentence.
    bool parent_present = false;
    bool parent_fit = false;
    std::string parent_description;
};

TpmFacts read_facts(Tpm& tpm);

/// supported_algorithms asks the TPM by TestParms and its curve list what keys it can make.
std::vector<KeyAlgorithm> supported_algorithms(Connection& connection);

} // namespace tpmvsc::tpm
