// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <cstdint>

namespace tpmvsc::tpm {

/// Parent is the storage key that a card's keys hang under and its sessions are salted to. `name`
/// is pinned when the card is made: another key at the same handle is never trusted.
struct Parent {
    std::uint32_t handle = 0;
    Bytes public_area; ///< TPMT_PUBLIC, marshalled
    Bytes name;
};

/// KeyBlob is a TPM object as it lies on disk: only its parent's TPM can load it.
struct KeyBlob {
    Bytes public_area;  ///< TPM2B_PUBLIC, marshalled
    Bytes private_area; ///< TPM2B_PRIVATE, marshalled
    bool operator==(const KeyBlob&) const = default;
};

/// Ticket is a TPM's receipt for a right PIN (TPMT_TK_AUTH): it stands for the PIN in later policy
/// sessions until its time is over, the TPM restarts, or it is dropped.
struct Ticket {
    Bytes timeout;
    std::uint16_t tag = 0;
    std::uint32_t hierarchy = 0;
    Bytes digest;
};

} // namespace tpmvsc::tpm
