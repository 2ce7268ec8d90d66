// SPDX-License-Identifier: Apache-2.0
#include "cli/card_report.hpp"

#include "apdu/make_card_edge.hpp"
#include "cli/anti_hammering_option.hpp"
#include "cli/card_values.hpp"
#include "cli/failure.hpp"
#include "cli/inventory.hpp"
#include "cli/lockout_text.hpp"
#include "cli/pcsc.hpp"
#include "cli/pin_rule_words.hpp"

namespace tpmvsc::cli {
namespace {

/// Selects nothing: a program that is logged in to the card stays so. The answer comes in one
/// piece.
Bytes get_status() {
    return {admin::cla_unselected,
            admin::ins_get_data,
            admin::status_data >> 8,
            admin::status_data & 0xFF,
            0x00,
            0x00,
            0x00};
}

/// Another maker's card may take our command for something else.
void require_our_card(const pcsc::Context& context, const std::string& reader) {
    for (const pcsc::ReaderState& state : context.readers()) {
        if (state.name == reader && !state.atr.empty() && !profile_of(state.atr)) {
            throw Failure(ExitCode::unsupported,
                          "the card in \"" + printable(reader) + "\" is not one of tpmvsc");
        }
    }
}

std::string slot_name(card::KeySlot slot) {
    std::string name = to_hex(Bytes{slot});
    for (char& digit : name) {
        digit = static_cast<char>(std::toupper(static_cast<unsigned char>(digit)));
    }
    return name;
}

const char* policy_name(card::PinPolicy policy) {
    switch (policy) {
    case card::PinPolicy::never:
        return "never";
    case card::PinPolicy::once:
        return "once";
    default:
        return "always";
    }
}

const char* origin_name(card::KeyOrigin origin) {
    return origin == card::KeyOrigin::generated ? "generated" : "imported";
}

/// No tries left is "blocked" where the card counts them; in the TPM's lockout it is a matter of
/// time.
bool is_blocked(const admin::CardStatus& status, const card::PinTries& tries) {
    return status.anti_hammering == card::AntiHammering::counter && tries.limit != 0 &&
           tries.left == 0;
}

Json tries_to_json(const admin::CardStatus& status, const card::PinTries& tries, bool is_default) {
    if (tries.limit == 0) {
        return nullptr;
    }
    return {{"tries_left", tries.left},
            {"tries", tries.limit},
            {"blocked", is_blocked(status, tries)},
            {"default", is_default}};
}

std::string tries_text(const admin::CardStatus& status, const card::PinTries& tries) {
    if (tries.limit == 0) {
        return "none";
    }
    const std::string left =
        std::to_string(tries.left) + "/" + std::to_string(tries.limit) + " tries left";
    if (status.anti_hammering == card::AntiHammering::lockout) {
        return left + (status.locked_for ? " (TPM locked)" : "");
    }
    return left + (is_blocked(status, tries) ? " (blocked)" : "");
}

std::string guard_text(const admin::CardStatus& status) {
    return status.anti_hammering == card::AntiHammering::counter
               ? "own tries, then blocked until unblocked"
               : "the TPM's lockout: tries shared with all its users, then a delay";
}

/// Who may set a new PIN without knowing the old one.
std::string reset_text(const admin::CardStatus& status) {
    std::vector<std::string> parties;
    if (status.reset.puk) {
        parties.emplace_back("the PUK");
    }
    if (status.reset.admin_key) {
        parties.emplace_back("the admin key");
    }
    if (status.reset.authority) {
        parties.emplace_back("the authority " + to_hex(status.authority_fingerprint));
    }
    if (parties.empty()) {
        return "nobody";
    }
    return joined(parties, ", or ");
}

Json reset_to_json(const admin::CardStatus& status) {
    const Json authority = status.reset.authority
                               ? Json{{"fingerprint", to_hex(status.authority_fingerprint)}}
                               : Json(nullptr);
    return {
        {"puk", status.reset.puk}, {"admin_key", status.reset.admin_key}, {"authority", authority}};
}

std::string key_text(const admin::KeyStatus& key) {
    const std::string pin = key.pin_policy == card::PinPolicy::never    ? "no PIN needed"
                            : key.pin_policy == card::PinPolicy::always ? "PIN for each use"
                                                                        : "PIN once";
    return slot_name(key.slot) + "  " + card::algorithm_name(key.algorithm) + ", " + pin + ", " +
           (key.origin == card::KeyOrigin::generated ? "made in the TPM" : "imported");
}

/// What to do about a blocked PIN.
std::string way_out(const admin::CardStatus& status) {
    if (status.puk.left > 0) {
        return ": unblock it with the PUK";
    }
    if (status.reset.admin_key || status.reset.authority) {
        return ": the help desk can have it reset (tpmvsc unblock --challenge)";
    }
    return ", and there is no PUK to unblock it with";
}

} // namespace

std::optional<card::Profile> profile_of(ByteView atr) {
    for (const card::Profile profile : {card::Profile::piv, card::Profile::gids}) {
        if (equal(atr, apdu::atr_of(profile))) {
            return profile;
        }
    }
    return std::nullopt;
}

admin::CardStatus ask_card(const pcsc::Context& context, const std::string& reader) {
    require_our_card(context, reader);
    const pcsc::Session session(context, reader);
    const pcsc::Reply reply = session.transmit(get_status());
    if (reply.status == apdu::sw::class_not_supported.value) {
        throw Failure(ExitCode::unsupported,
                      "the card in \"" + printable(reader) +
                          "\" is another maker's, or pcscd still has an older driver of tpmvsc: "
                          "restart pcscd (systemctl restart pcscd)");
    }
    if (!reply.done()) {
        throw Failure(ExitCode::failed, "the card in \"" + printable(reader) +
                                            "\" cannot tell its status; pcscd's log says why "
                                            "(journalctl -u pcscd)");
    }
    auto status = admin::decode(reply.data);
    if (!status) {
        throw Failure(ExitCode::unsupported, "the card in \"" + printable(reader) +
                                                 "\" speaks of things that this version does not "
                                                 "know");
    }
    return std::move(*status);
}

std::vector<std::string> concerns(const admin::CardStatus& status) {
    std::vector<std::string> found;
    if (status.default_pin) {
        found.emplace_back("the PIN is the well-known default value: change it");
    }
    if (status.default_puk) {
        found.emplace_back("the PUK is the well-known default value: change it");
    }
    if (status.default_admin_key) {
        found.push_back(well_known_admin_key("the admin key", status.reset.admin_key));
    }
    if (status.locked_for) {
        found.emplace_back("PIN and PUK are not blocked, but the TPM is locked for " +
                           wait_text(*status.locked_for) +
                           ", after too many wrong values of all its users (tpmvsc lockout "
                           "status)");
    }
    if (is_blocked(status, status.pin)) {
        found.emplace_back("the PIN is blocked" + way_out(status));
    }
    if (is_blocked(status, status.puk)) {
        found.emplace_back("the PUK is blocked");
    }
    return found;
}

Json to_json(const admin::CardStatus& status, const std::string& reader) {
    Json keys = Json::array();
    for (const auto& key : status.keys) {
        keys.push_back({{"slot", slot_name(key.slot)},
                        {"algorithm", card::algorithm_name(key.algorithm)},
                        {"pin_policy", policy_name(key.pin_policy)},
                        {"origin", origin_name(key.origin)}});
    }
    return {{"name", status.identity.name},
            {"profile", profile_name(status.identity.profile)},
            {"id", to_hex(status.identity.id)},
            {"serial", status.identity.serial},
            {"slot", status.identity.slot},
            {"created", status.identity.created},
            {"reader", reader},
            {"anti_hammering", anti_hammering_name(status.anti_hammering)},
            {"locked_for_at_most",
             status.locked_for ? Json(status.locked_for->count()) : Json(nullptr)},
            {"pin", tries_to_json(status, status.pin, status.default_pin)},
            {"puk", tries_to_json(status, status.puk, status.default_puk)},
            {"admin_key",
             {{"algorithm", admin_algorithm_name(status.admin_algorithm)},
              {"default", status.default_admin_key}}},
            {"pin_reset", reset_to_json(status)},
            {"pin_rules", pin_rules_to_json(status.pin_rules)},
            {"pin_session", session_to_json(status.pin_rules, status.session_life)},
            {"keys", keys},
            {"version", status.version}};
}

std::string to_text(const admin::CardStatus& status, const std::string& reader) {
    std::vector<std::vector<std::string>> rows{
        {"Name", printable(status.identity.name)},
        {"Reader", reader},
        {"Profile", profile_name(status.identity.profile)},
        {"Serial", std::to_string(status.identity.serial)},
        {"Id", to_hex(status.identity.id)},
        {"Created", printable(status.identity.created)},
        {"PIN", tries_text(status, status.pin)},
        {"PUK", tries_text(status, status.puk)},
        {"Guessing", guard_text(status)},
        {"Admin key", admin_algorithm_name(status.admin_algorithm)},
        {"Reset by", reset_text(status)},
        {"Login", session_words(status.pin_rules, status.session_life)}};
    const auto rules = pin_rule_words(status.pin_rules);
    if (!rules.empty()) {
        rows.push_back({"New PIN", joined(rules, ", ")});
    }
    const char* heading = "Keys";
    for (const auto& key : status.keys) {
        rows.push_back({heading, key_text(key)});
        heading = "";
    }
    if (status.keys.empty()) {
        rows.push_back({heading, "none"});
    }
    return table(rows);
}

} // namespace tpmvsc::cli
