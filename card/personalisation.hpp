// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/records.hpp"

#include <optional>

namespace tpmvsc::card {

/// Personalisation is what a blank card keeps so that whoever personalises it over the card edge
/// can set PIN, PUK and admin key without knowing those of its creation, as GIDS' initialisation
/// state has it. The values are sealed in the TPM behind a gate: a PIN index of a single try, whose
/// value is kept beside. Activation spends the try, so the TPM never opens them again, not even for
/// who puts an old copy of the file back.
struct Personalisation {
    SecretBytes authority; ///< what opens the card's authority object
    /// The PUK's authorisation value, and the one about to replace it, so that an interruption
    /// between TPM and file leaves the right one among the two. Empty when the card has no PUK.
    SecretBytes puk;
    SecretBytes next_puk;

    /// True when the gate's try is not spent.
    static bool is_open(tpm::Connection& connection, const tpm::Parent& parent,
                        const PersonalisationRecord& record);
    /// `gate_auth` is the authorisation value of the gate; nothing when the gate is shut.
    static std::optional<Personalisation> open(tpm::Connection& connection,
                                               const tpm::Parent& parent,
                                               const PersonalisationRecord& record,
                                               ByteView gate_auth);
    /// Seals the values behind the gate of `record`.
    void seal(tpm::Connection& connection, const tpm::Parent& parent,
              PersonalisationRecord& record) const;
    /// Shuts the gate for good.
    static void shut(tpm::Connection& connection, const tpm::Parent& parent,
                     const PersonalisationRecord& record);
};

} // namespace tpmvsc::card
