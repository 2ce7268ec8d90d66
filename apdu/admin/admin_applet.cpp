// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/admin_applet.hpp"

#include "apdu/admin/attestation.hpp"
#include "apdu/admin/remote_unblock.hpp"
#include "apdu/admin/status.hpp"
#include "base/crypto.hpp"
#include "base/tlv.hpp"

namespace tpmvsc::admin {

namespace {

namespace sw = apdu::sw;

CardStatus status_of(card::Card& card) {
    CardStatus status;
    status.identity = card.identity();
    status.pin = card.tries(card::PinKind::pin);
    status.puk = card.tries(card::PinKind::puk);
    status.default_pin = card.is_default(card::PinKind::pin);
    status.default_puk = card.is_default(card::PinKind::puk);
    status.default_admin_key = card.admin_key().is_default();
    status.admin_algorithm = card.admin_key().algorithm();
    status.anti_hammering = card.anti_hammering();
    status.locked_for = card.locked_for();
    status.reset = card.reset_parties();
    status.pin_rules = card.pin_rules();
    status.session_life = card.session_life();
    if (status.reset.authority) {
        status.authority_fingerprint = crypto::sha256({card.reset_authority()});
    }
    status.version = TPMVSC_VERSION;
    for (const card::KeySlot slot : card.key_slots()) {
        if (const auto key = card.key(slot)) {
            status.keys.push_back({slot, key->algorithm, key->pin_policy, key->origin});
        }
    }
    return status;
}

} // namespace

ByteView AdminApplet::aid() const {
    return application_identifier();
}

/// A file control information template with the name, ISO 7816-4 section 5.3.3.
apdu::Response AdminApplet::select(const apdu::Command&) {
    TlvWriter writer;
    writer.open(0x6F).add(0x84, aid()).close();
    return apdu::Response(writer.take());
}

apdu::Response AdminApplet::handle(const apdu::Command& command) {
    if (command.ins == ins_get_challenge) {
        return get_challenge(card_, command);
    }
    if (command.ins == ins_reset_retry_counter) {
        return reset_retry_counter(card_, command);
    }
    if (is_attestation(command)) {
        return answer_attestation(card_, command);
    }
    if (command.ins != ins_get_data) {
        return sw::instruction_not_supported;
    }
    if (command.p1_p2() != status_data) {
        return sw::reference_not_found;
    }
    if (!command.data.empty()) {
        return sw::wrong_length;
    }
    return apdu::Response(encode(status_of(card_)));
}

/// An RSA signature is longer than a short command, and so is what is encrypted to an RSA key.
bool AdminApplet::accepts_chaining(const apdu::Command& command) const {
    return command.ins == ins_reset_retry_counter || command.ins == ins_internal_authenticate;
}

std::optional<apdu::Response> AdminApplet::answer_unselected(const apdu::Command& command) {
    const bool known =
        is_attestation(command) || (command.ins == ins_get_data && command.p1_p2() == status_data);
    return known ? std::optional(handle(command)) : std::nullopt;
}

} // namespace tpmvsc::admin
