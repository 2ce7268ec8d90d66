// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/inventory_document.hpp"

#include "apdu/piv/extension_commands.hpp"
#include "cli/card_report.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/slot.hpp"
#include "cli/owner_rule.hpp"
#include "cli/x509/certificate_object.hpp"
#include "cli/x509/public_key.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string time_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

/// Whole days from now until `time`, "2026-11-23T16:21:21Z"; less than zero when it is over.
long days_until(const std::string& time) {
    constexpr long seconds_a_day = 24L * 60 * 60;
    std::tm parts{};
    ::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    const long seconds = static_cast<long>(::timegm(&parts) - std::time(nullptr));
    return seconds >= 0 ? seconds / seconds_a_day : -((-seconds - 1) / seconds_a_day + 1);
}

/// What the folder and the readers tell.
Json known_of(const KnownCard& card, const OwnerRules& rules) {
    const auto slot = card.slot();
    const auto profile = card.profile();
    const auto owner = slot ? owner_of(rules, *slot) : std::nullopt;
    return {{"id", card.id().empty() ? Json(nullptr) : Json(card.id())},
            {"name", card.identity ? Json(card.identity->name) : Json(nullptr)},
            {"profile", profile ? Json(profile_name(*profile)) : Json(nullptr)},
            {"serial", card.identity ? Json(card.identity->serial) : Json(nullptr)},
            {"slot", slot ? Json(*slot) : Json(nullptr)},
            {"owner", owner ? Json(*owner) : Json(nullptr)},
            {"created", card.identity ? Json(card.identity->created) : Json(nullptr)},
            {"reader", card.reader},
            {"inserted", card.inserted},
            {"problem", card.problem}};
}

Json describe_key(const client::KeyCard& keys, const Slot& slot, const admin::KeyStatus& status) {
    Json json = key_json(status.algorithm, slot);
    json["origin"] = status.origin == card::KeyOrigin::generated ? "generated" : "imported";
    json["pin_policy"] = pin_policy_name(status.pin_policy);
    const auto key = keys.public_key(status.slot);
    json["fingerprint"] = key ? Json(x509::fingerprint(*key)) : Json(nullptr);
    json["certificate"] = key ? report_certificate(keys, slot, *key).json : Json(nullptr);
    return json;
}

/// By what a card's statements about its keys are vouched for.
Json describe_attestation(const client::PivCard& piv) {
    const auto certificate = x509::read_certificate(piv, piv::attestation_key_reference);
    if (!certificate) {
        return nullptr;
    }
    return {{"issuer", certificate->issuer()},
            {"serial", certificate->serial()},
            {"by_the_card_alone", certificate->self_issued()}};
}

/// What the card itself tells, put into `json`.
void ask(const KnownCard& known, Json& json) {
    const pcsc::Context context;
    const ChosenCard card{known.reader, ask_card(context, known.reader)};
    const Json status = to_json(card.status, card.reader);
    for (const char* member : {"anti_hammering", "pin", "puk", "pin_reset", "version"}) {
        json[member] = status.at(member);
    }
    json["attestation"] = nullptr;
    json["keys"] = Json::array();
    CardInUse use(card);
    if (card.status.identity.profile == card::Profile::piv) {
        json["attestation"] = describe_attestation(use.piv());
    }
    for (const admin::KeyStatus& key : card.status.keys) {
        json["keys"].push_back(describe_key(use.keys(), Slot(key.slot, card), key));
    }
}

Json describe(const KnownCard& card, const OwnerRules& rules) {
    Json json = known_of(card, rules);
    if (card.inserted) {
        try {
            ask(card, json);
        } catch (const std::exception& error) {
            json["problem"] = error.what();
        }
    }
    return json;
}

Json expiring(const Json& cards, unsigned days) {
    Json list = Json::array();
    for (const Json& card : cards) {
        for (const Json& key : card.value("keys", Json::array())) {
            const Json& certificate = key.at("certificate");
            if (certificate.is_null()) {
                continue;
            }
            const long left = days_until(certificate.at("not_after").get<std::string>());
            if (left <= static_cast<long>(days)) {
                list.push_back({{"card", card.at("name")},
                                {"card_serial", card.at("serial")},
                                {"slot", key.at("slot")},
                                {"subject", certificate.at("subject")},
                                {"serial", certificate.at("serial")},
                                {"not_after", certificate.at("not_after")},
                                {"days_left", left}});
            }
        }
    }
    return list;
}

} // namespace

Json make_inventory(const Inventory& inventory, unsigned days) {
    const OwnerRules rules = read_owner_rules();
    Json cards = Json::array();
    for (const KnownCard& card : inventory.cards) {
        cards.push_back(describe(card, rules));
    }
    Json list = expiring(cards, days);
    return {{"format", inventory_format}, {"host", host_name()},
            {"taken", time_now()},        {"complete", inventory.folders_seen},
            {"cards", std::move(cards)},  {"expires_within", days},
            {"expiring", std::move(list)}};
}

} // namespace tpmvsc::cli
