// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>

namespace tpmvsc::bench {

/// Setting is where and how thoroughly to measure. There are two rigs, each with a TPM and a pcscd:
/// the one we are in has many cards, the other one has one. An RSA-2048 key with its certificate is
/// in 9A of our first card, a P-256 key in 9A of our second.
struct Setting {
    unsigned rounds = 300; ///< of each comparison
    unsigned objects = 30; ///< of each card, where many are wanted
    bool assert_all = false;

    std::string pin;
    Bytes admin_key;
    std::string tcti;
    std::string control; ///< TPMVSC_RIG_CTL

    std::string other_control;
    std::string other_socket; ///< its pcscd's

    std::string opensc_module;
    /// tpm2-pkcs11 with a token on our TPM that has a key of each kind.
    std::string peer_module;
    std::string peer_token;
    std::string peer_pin;
};

/// read_setting takes the rigs from the environment and the rest from the arguments. Throws
/// std::runtime_error when something is missing.
Setting read_setting(int argc, char** argv);

} // namespace tpmvsc::bench
