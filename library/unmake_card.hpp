// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/create.hpp"
#include "library/listener.hpp"
#include "library/workplace.hpp"

#include <string>
#include <vector>

namespace tpmvsc::library {

/// What a card has in the TPM and on the disk: taken before it is destroyed, looked for afterwards.
struct Traces {
    std::string folder;
    card::IndexStates indices; ///< as they were when they were looked for last
    bool indices_known = true; ///< false where the card's list could not be read, or the TPM asked
    /// Keys that want no PIN, by slot: a copy of the folder goes on using them in this TPM. The
    /// others are bound to the PIN's index, which nobody can make again.
    std::vector<card::KeySlot> keys_without_pin;
    bool keys_known = true; ///< false where the card could not be opened
};

/// look_for_traces reads the folder and the TPM. Never throws.
Traces look_for_traces(Workplace& place, const std::string& folder);
/// look_again asks the TPM about the same indices.
void look_again(Workplace& place, Traces& traces);
/// True when no index and no folder is left of the card.
bool nothing_left(const Traces& traces);

struct Destroyed {
    std::vector<std::string> remains; ///< what could not be cleared away, a sentence each
    Traces traces;                    ///< what was found afterwards
};

/// destroy_card destroys the card in `folder`, clears leftovers away, and looks afterwards what is
/// left. Where the TPM does not answer its part is left for later. Errors: cli::Failure, and what
/// card::destroy throws.
Destroyed destroy_card(Workplace& place, const std::string& folder, ByteView owner_auth,
                       bool tpm_answers, const Listener& listener);

} // namespace tpmvsc::library
