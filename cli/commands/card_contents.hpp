// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "card/keys.hpp"
#include "cli/x509/certificate.hpp"

#include <string>
#include <vector>

namespace tpmvsc::tpm {
class Tpm;
}

namespace tpmvsc::cli {

/// CardContents are the keys and certificates of a card, as far as they could be read.
struct CardContents {
    struct Key {
        card::KeySlot slot = 0;
        card::KeyInfo info;
    };
    card::Profile profile = card::Profile::piv;
    std::vector<Key> keys;
    std::vector<x509::Certificate> certificates;
    std::string problem; ///< why they could not be read, or empty

    /// The key that a certificate is for, or null.
    const Key* key_of(const x509::Certificate& certificate) const;
    bool has_certificate(const Key& key) const;
};

/// contents_of_folder reads them from a card's folder, with the TPM's help. Never throws.
CardContents contents_of_folder(const std::string& folder, tpm::Tpm& tpm);

/// contents_in_reader reads them through PC/SC, as any user can. Never throws.
CardContents contents_in_reader(const std::string& reader);

} // namespace tpmvsc::cli
