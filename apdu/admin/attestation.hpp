// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"
#include "card/card.hpp"
#include "tpm/attestation.hpp"
#include "tpm/endorsement.hpp"

#include <optional>
#include <vector>

/// The admin applet's commands by which a card of either profile proves what its keys are, and
/// which TPM they are in. They only look, so they are answered in class 80 as well, without a
/// selection.
namespace tpmvsc::admin {

/// ATTEST: INS F9, P1 the key's slot, P2 00, data 80 a nonce of up to 32 bytes, or none. The answer
/// is a template E3 with 80 the certificate that attests the key (doc/attestation.md), 81 that of
/// the attestation key, and where the PIN index tells it 82 TPM2_NV_Certify's statement of its
/// count and limit and 83 the signature over that (Ecdsa-Sig-Value). 6A80: the TPM made no such
/// key.
inline constexpr std::uint8_t ins_attest = 0xF9;
/// GET DATA: INS CA, P1-P2 0110 the TPM's endorsement key as the card chooses, 0111 the ECC one,
/// 0112 the RSA one. The answer is a template E4 with 80 which it is (01, 02), 81 its public area
/// (TPMT_PUBLIC), 82 its certificate where the TPM holds one, 83 one of its issuers' (any number).
/// 6985: the endorsement hierarchy has a password.
inline constexpr std::uint16_t endorsement_data = 0x0110;
/// INTERNAL AUTHENTICATE: INS 88, P1 the kind of the endorsement key (01, 02), P2 00, data 80 a
/// credential and 81 the secret encrypted to that key, as TPM2_MakeCredential answers them without
/// their sizes. The answer is a template E5 with 80 credential_answer() of what was in it: not that
/// itself, so that the card opens nobody else's credentials. 6A80: it is not for these keys.
inline constexpr std::uint8_t ins_internal_authenticate = 0x88;

struct KeyAttestation {
    Bytes certificate;
    Bytes authority;
    std::optional<tpm::Statement> tries;
};

Bytes encode(const KeyAttestation& attestation);
std::optional<KeyAttestation> decode_attestation(ByteView bytes);
Bytes encode(const tpm::EndorsementKey& key);
std::optional<tpm::EndorsementKey> decode_endorsement(ByteView bytes);
/// What has to be sent, and what is in the answer to it.
Bytes encode_nonce(ByteView nonce);
Bytes encode_credential(ByteView credential, ByteView encrypted_secret);
std::optional<Bytes> decode_answer(ByteView bytes);

/// True for the commands of this page.
bool is_attestation(const apdu::Command& command);
apdu::Response answer_attestation(card::Card& card, const apdu::Command& command);

} // namespace tpmvsc::admin
