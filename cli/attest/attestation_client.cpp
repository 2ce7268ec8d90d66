// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/attestation_client.hpp"

#include "apdu/admin/status.hpp"
#include "apdu/status_word.hpp"
#include "cli/failure.hpp"

namespace tpmvsc::cli::client {
namespace {

namespace sw = apdu::sw;

/// A command of the proprietary class, in an extended APDU: answered without a selection.
pcsc::Reply send(const pcsc::Session& session, std::uint8_t ins, std::uint16_t p1_p2,
                 ByteView data) {
    Bytes apdu{admin::cla_unselected, ins};
    append(apdu, big_endian16(p1_p2));
    apdu.push_back(0x00);
    if (!data.empty()) {
        append(apdu, big_endian16(static_cast<std::uint16_t>(data.size())));
        append(apdu, data);
    }
    append(apdu, big_endian16(0)); // all there is
    pcsc::Reply reply = session.transmit(apdu);
    if (reply.status == sw::class_not_supported.value ||
        reply.status == sw::instruction_not_supported.value ||
        reply.status == sw::reference_not_found.value) {
        throw Failure(ExitCode::unsupported, "the driver of this card is older than this program: "
                                             "restart pcscd (systemctl restart pcscd)");
    }
    if (reply.status == sw::conditions_not_satisfied.value) {
        throw Failure(
            ExitCode::not_authorised,
            "the TPM's endorsement hierarchy has a password, and no program gives one through a "
            "card: let who knows it take it away for this (tpm2_changeauth -c endorsement -p OLD)");
    }
    return reply;
}

[[noreturn]] void refuse(const pcsc::Reply& reply, const std::string& what) {
    throw Failure(ExitCode::failed,
                  what + " (status " +
                      to_hex(big_endian16(static_cast<std::uint16_t>(reply.status))) +
                      "); pcscd's log says why");
}

Failure garbled() {
    return {ExitCode::failed, "the card's answer cannot be understood"};
}

} // namespace

admin::KeyAttestation attest_key(const pcsc::Session& session, card::KeySlot slot, ByteView nonce) {
    const pcsc::Reply reply =
        send(session, admin::ins_attest, static_cast<std::uint16_t>(slot << 8),
             admin::encode_nonce(nonce));
    if (reply.status == sw::wrong_data.value) {
        throw Failure(ExitCode::failed, "the key was not made in the TPM but imported: nothing is "
                                        "attested of it");
    }
    if (!reply.done()) {
        refuse(reply, "the card does not attest this key");
    }
    const auto attestation = admin::decode_attestation(reply.data);
    if (!attestation) {
        throw garbled();
    }
    return *attestation;
}

tpm::EndorsementKey ask_endorsement(const pcsc::Session& session,
                                    std::optional<tpm::EndorsementKind> wish) {
    const auto data = static_cast<std::uint16_t>(admin::endorsement_data +
                                                 (wish ? static_cast<std::uint16_t>(*wish) : 0));
    const pcsc::Reply reply = send(session, admin::ins_get_data, data, {});
    if (!reply.done()) {
        refuse(reply, "the TPM does not give its endorsement key");
    }
    const auto key = admin::decode_endorsement(reply.data);
    if (!key) {
        throw garbled();
    }
    return *key;
}

Bytes answer_credential(const pcsc::Session& session, tpm::EndorsementKind kind,
                        ByteView credential, ByteView encrypted_secret) {
    const auto number = static_cast<std::uint16_t>(static_cast<std::uint16_t>(kind) << 8);
    const pcsc::Reply reply = send(session, admin::ins_internal_authenticate, number,
                                   admin::encode_credential(credential, encrypted_secret));
    if (reply.status == sw::wrong_data.value) {
        throw Failure(ExitCode::not_authorised,
                      "the challenge is not for this card in this TPM: the TPM does not open it");
    }
    if (!reply.done()) {
        refuse(reply, "the card does not answer the challenge");
    }
    const auto answer = admin::decode_answer(reply.data);
    if (!answer) {
        throw garbled();
    }
    return *answer;
}

} // namespace tpmvsc::cli::client
