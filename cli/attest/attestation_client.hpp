// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/admin/attestation.hpp"
#include "cli/chosen_card.hpp"
#include "cli/pcsc.hpp"

/// The card's side of attesting, as an ordinary user through PC/SC. Nobody's login ends by it.
namespace tpmvsc::cli::client {

/// attest_key has the card attest a key. Throws Failure.
admin::KeyAttestation attest_key(const pcsc::Session& session, card::KeySlot slot, ByteView nonce);

/// ask_endorsement gives the TPM's endorsement key. Throws Failure where the card cannot have it.
tpm::EndorsementKey ask_endorsement(const pcsc::Session& session,
                                    std::optional<tpm::EndorsementKind> wish);

/// answer_credential gives the card's answer to a challenge. Throws Failure(not_authorised) when
/// it is not for this card.
Bytes answer_credential(const pcsc::Session& session, tpm::EndorsementKind kind,
                        ByteView credential, ByteView encrypted_secret);

} // namespace tpmvsc::cli::client
