// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/product.hpp"
#include "cli/commands/slot.hpp"
#include "cli/x509/public_key.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  tpmvsc key info\n"
    "      all keys and their certificates\n"
    "  tpmvsc key info 9a\n"
    "  tpmvsc key info 9a --public-key-out - | openssl pkey -pubin -text\n"
    "No PIN and no admin key are needed.\n";

struct InfoArguments : KeyArguments {
    std::string public_key_out;
};

struct ShownKey {
    card::KeySlot slot = 0;
    card::KeyInfo key;
    CertificateReport certificate;
};

std::string origin_name(card::KeyOrigin origin) {
    return origin == card::KeyOrigin::generated ? "generated" : "imported";
}

ShownKey look_at(const client::PivCard& piv, card::KeySlot slot) {
    const auto key = piv.key(slot);
    if (!key) {
        throw Failure(ExitCode::failed, "there is no key in " + slot_title(slot));
    }
    return {slot, *key, report_certificate(piv, slot, key->public_key)};
}

Json to_json(const ShownKey& shown) {
    Json json = key_json(shown.key.algorithm, shown.slot);
    json["pin_policy"] = pin_policy_name(shown.key.pin_policy);
    json["origin"] = origin_name(shown.key.origin);
    json["fingerprint"] = x509::fingerprint(shown.key.public_key);
    json["certificate"] = shown.certificate.json;
    return json;
}

std::string to_table(const std::vector<ShownKey>& keys) {
    std::vector<std::vector<std::string>> rows{
        {"SLOT", "ALGORITHM", "PIN", "ORIGIN", "CERTIFICATE"}};
    for (const ShownKey& shown : keys) {
        rows.push_back({slot_text(shown.slot), card::algorithm_name(shown.key.algorithm),
                        pin_policy_name(shown.key.pin_policy), origin_name(shown.key.origin),
                        shown.certificate.summary});
    }
    std::string text = table(rows);
    text.pop_back();
    return text;
}

std::string to_text(const ShownKey& shown) {
    std::vector<std::vector<std::string>> rows{
        {"Slot", slot_text(shown.slot)},
        {"Algorithm", card::algorithm_name(shown.key.algorithm)},
        {"PIN", pin_policy_name(shown.key.pin_policy)},
        {"Origin", origin_name(shown.key.origin)},
        {"Fingerprint", x509::fingerprint(shown.key.public_key)}};
    for (const auto& [name, value] : shown.certificate.lines) {
        rows.push_back({name, value});
    }
    std::string text = table(rows);
    text.pop_back();
    return text;
}

ExitCode show_one(const InfoArguments& arguments, const ChosenCard& card, Output& output) {
    OutputFile file(arguments.public_key_out);
    const ShownKey shown = look_at(CardInUse(card).piv(), parse_slot(arguments.slot));
    deliver({"public_key", x509::public_key_pem(shown.key.public_key)}, file, output, card,
            to_text(shown), to_json(shown));
    return ExitCode::done;
}

ExitCode show_all(const ChosenCard& card, Output& output) {
    std::vector<ShownKey> keys;
    Json json = Json::array();
    {
        CardInUse use(card);
        for (const admin::KeyStatus& key : card.status.keys) {
            keys.push_back(look_at(use.piv(), key.slot));
            json.push_back(to_json(keys.back()));
        }
    }
    tell(output, card,
         keys.empty()
             ? "There are no keys on " + card.title() + ". Make one: tpmvsc key generate SLOT"
             : to_table(keys),
         {{"keys", json}});
    return ExitCode::done;
}

ExitCode show_keys(const InfoArguments& arguments, Output& output) {
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "key info");
    if (!arguments.slot.empty()) {
        return show_one(arguments, card, output);
    }
    if (!arguments.public_key_out.empty()) {
        throw Failure(ExitCode::usage, "--public-key-out wants a slot");
    }
    return show_all(card, output);
}

} // namespace

void add_key_info(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<InfoArguments>();
    CLI::App* command = noun.add_subcommand("info", "show the keys and their certificates");
    command->add_option("slot", arguments->slot, std::string("one key only: ") + slot_forms);
    command->add_option("--public-key-out", arguments->public_key_out,
                        "file for the public key in PEM; - is standard output");
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return show_keys(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
