// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/sealed_files.hpp"

#include <array>
#include <optional>

namespace tpmvsc::card {

/// Personalisation is what a blank card keeps so that whoever personalises it over the card edge
/// can set PIN, PUK and admin key without knowing those of its creation (GIDS v2 section 5.1.1, the
/// initialisation state). File "personalisation": sealed as all others, and gone for good with the
/// card's activation. Until then the card holds nothing worth keeping.
struct Personalisation {
    /// The authorisation value of an NV index, and the one about to replace it, so that an
    /// interruption between TPM and file leaves the right one among the two.
    struct Value {
        SecretBytes now;
        SecretBytes next;
    };

    SecretBytes authority; ///< what opens the card's authority object
    Value pin;
    Value puk; ///< empty when the card has none

    static constexpr const char* file = "personalisation";
    /// Nothing when the card is not blank.
    static std::optional<Personalisation> read(const SealedFiles& files);
    void write(const SealedFiles& files) const;
    static void remove(const SealedFiles& files) { files.remove(file); }
};

} // namespace tpmvsc::card
