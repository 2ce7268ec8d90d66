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

/// SelfTest is how a TPM's tests of itself went.
enum class SelfTest {
    passed,
    unfinished, ///< what was not tested yet is tested when it is first used
    failed,     ///< the TPM is in failure mode and does nothing else any more
};

/// TpmFacts is what a TPM says of itself, for a person to read.
struct TpmFacts {
    std::string manufacturer; ///< four letters, as registered with the TCG ("IFX", "IBM")
    std::string vendor;       ///< vendor string ("SLB9672", "SW   TPM")
    std::string firmware;
    unsigned spec_revision = 0; ///< library revision times 100 (138 = 1.38)
    SelfTest self_test = SelfTest::passed;

    Lockout lockout;

    bool owner_auth_set = false;
    bool endorsement_auth_set = false;
    bool owner_enabled = true;            ///< else the firmware setup has switched the owner's
    bool endorsement_enabled = true;      ///< or the endorsement hierarchy off
    std::uint32_t nv_indices = 0;         ///< defined NV indices
    std::uint32_t largest_index = 0;      ///< bytes that one can have; zero: not told
    std::uint32_t persistent_objects = 0; ///< and how many more fit:
    std::uint32_t persistent_available = 0;

    bool has_pin_indices = false; ///< revision 1.38 or later: TPM_NT_PIN_FAIL exists
    std::vector<KeyAlgorithm> algorithms;
    std::vector<std::string> session_ciphers; ///< "AES-128-CFB", which the driver needs

    /// What is at 0x81000001: a sentence.
    bool parent_present = false;
    bool parent_fit = false;
    std::string parent_description;
};

/// What to do about a TPM in failure mode: it still tells who it is.
enum class OfFailedTpm { thrown, told };

/// read_facts asks for all of it. A TPM that has failed its self-test is an Error, or tells no more
/// than its make and that. Throws Error(unsupported) for a TPM 1.2.
TpmFacts read_facts(Tpm& tpm, OfFailedTpm of_failed = OfFailedTpm::thrown);

/// supported_algorithms asks the TPM by TestParms and its curve list what keys it can make.
std::vector<KeyAlgorithm> supported_algorithms(Connection& connection);

} // namespace tpmvsc::tpm
