// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_applet.hpp"

#include "apdu/compatible_version.hpp"
#include "apdu/piv/application.hpp"
#include "apdu/piv/attestation.hpp"
#include "apdu/piv/card_settings.hpp"
#include "apdu/piv/key_transfer.hpp"
#include "apdu/piv/metadata.hpp"
#include "apdu/piv/piv_objects.hpp"
#include "apdu/piv/piv_pins.hpp"
#include "apdu/piv/private_keys.hpp"

#include <utility>

namespace tpmvsc::piv {

namespace {

namespace sw = apdu::sw;
using apdu::Command;
using apdu::Response;

/// Steps of an authentication with 9B, which expect one another. Random numbers may be drawn
/// between.
bool continues_authentication(const PivCommand& command) {
    return std::holds_alternative<ExternalResponse>(command) ||
           std::holds_alternative<WitnessResponse>(command) ||
           std::holds_alternative<RandomBlock>(command);
}

} // namespace

PivApplet::PivApplet(card::Card& card, Options options)
    : card_(card), options_(options), admin_(card) {}

ByteView PivApplet::aid() const {
    return application_identifier();
}

/// Selecting the application anew leaves its security status as it is (part 2 section 3.1.1).
Response PivApplet::select(const Command&) {
    interrupted();
    return Response(property_template(card_));
}

void PivApplet::deselect() {
    interrupted();
    admin_.end();
    card_.logout();
}

Response PivApplet::handle(const Command& command) {
    verified_before_ = std::exchange(verified_now_, false);
    const PivCommand parsed = parse(command);
    if (!continues_authentication(parsed)) {
        admin_.cancel();
    }
    return std::visit([this](const auto& understood) { return run(understood); }, parsed);
}

bool PivApplet::accepts_chaining(const Command& command) const {
    return may_be_chained(command.ins);
}

void PivApplet::interrupted() {
    verified_now_ = false;
    admin_.cancel();
}

void PivApplet::reset() {
    interrupted();
    admin_.end();
    card_.power_off();
}

Response PivApplet::run(const GetData& command) {
    return read_object(card_, command);
}

Response PivApplet::run(const PutData& command) {
    return admin_.holds() ? write_object(card_, command) : sw::security_status_not_satisfied;
}

Response PivApplet::run(const VerifyStatus&) {
    return pin_status(card_);
}

Response PivApplet::run(const VerifyPin& command) {
    const apdu::StatusWord status = verify(card_, command);
    verified_now_ = status == sw::success;
    return status;
}

Response PivApplet::run(const Logout&) {
    card_.logout();
    return sw::success;
}

Response PivApplet::run(const ChangeReference& command) {
    return change(card_, command);
}

Response PivApplet::run(const ResetRetryCounter& command) {
    return reset_retry_counter(card_, command);
}

Response PivApplet::run(const GenerateKey& command) {
    return admin_.holds() ? generate(card_, command, options_)
                          : Response(sw::security_status_not_satisfied);
}

Response PivApplet::run(const PrivateOperation& command) {
    return perform(card_, command, verified_before_);
}

Response PivApplet::run(const KeyAgreement& command) {
    if (!options_.key_agreement_with_any_key && !command.reference->key_management) {
        return sw::wrong_data;
    }
    return perform(card_, command, verified_before_);
}

Response PivApplet::run(const GetVersion&) {
    return Response(to_bytes(ByteView(apdu::compatible_version)));
}

Response PivApplet::run(const GetSerial&) {
    return Response(big_endian32(card_.identity().serial));
}

Response PivApplet::run(const GetMetadata& command) {
    return metadata(card_, command);
}

Response PivApplet::run(const AttestKey& command) {
    return attest(card_, command);
}

Response PivApplet::run(const ImportRsaKey& command) {
    return admin_.holds() ? import_key(card_, command, options_)
                          : sw::security_status_not_satisfied;
}

Response PivApplet::run(const ImportEcKey& command) {
    return admin_.holds() ? import_key(card_, command) : sw::security_status_not_satisfied;
}

Response PivApplet::run(const SetAdminKey& command) {
    return admin_.holds() ? set_admin_key(card_, *admin_.session(), command)
                          : sw::security_status_not_satisfied;
}

Response PivApplet::run(const SetTries& command) {
    return admin_.holds() ? set_tries(card_, *admin_.session(), command)
                          : sw::security_status_not_satisfied;
}

Response PivApplet::run(const ResetCard&) {
    // Also where the card is reset and the disk does not confirm it, which is a fault.
    if (may_be_reset(card_)) {
        admin_.end();
    }
    return reset_card(card_);
}

Response PivApplet::run(const MoveKey& command) {
    return admin_.holds() ? move_key(card_, command, options_) : sw::security_status_not_satisfied;
}

Response PivApplet::run(const apdu::SetPinRules& command) {
    return apdu::set_pin_rules(card_, admin_.session(), command);
}

Response PivApplet::run(const DeleteKey& command) {
    return admin_.holds() ? delete_key(card_, command) : sw::security_status_not_satisfied;
}

} // namespace tpmvsc::piv
