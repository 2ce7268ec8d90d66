// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/certificate_report.hpp"
#include "cli/commands/key_commands.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/product.hpp"
#include "cli/x509/public_key.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr const char* key_info_examples =
    "Examples:\n"
    "  tpmvsc key info\n"
    "      all keys and their certificates\n"
    "  tpmvsc key info 9a\n"
    "  tpmvsc key info 9a --public-key-out - | openssl pkey -pubin -text\n"
    "  tpmvsc key info 0\n"
    "      on a GIDS card: a container\n"
    "No PIN and no admin key are needed.\n";

struct InfoArguments : KeyArguments {
    std::string public_key_out;
};

struct ShownKey {
    Slot slot;
    std::optional<admin::KeyStatus> key; ///< nothing: a container that has lost its key
    card::PublicKey public_key;
    std::optional<client::KeyLabel> label;
    CertificateReport certificate;
};

std::string origin_name(card::KeyOrigin origin) {
    return origin == card::KeyOrigin::generated ? "generated" : "imported";
}

std::string use_name(client::KeyUse use) {
    return use == client::KeyUse::exchange ? "exchange" : "sign";
}

ShownKey look_at(const client::KeyCard& keys, const ChosenCard& card, const Slot& slot) {
    ShownKey shown{slot, key_in(card, slot.number), {}, keys.label(slot.number), {}};
    const auto public_key = keys.public_key(slot.number);
    if (!public_key || !shown.key) {
        if (!shown.label) {
            throw Failure(ExitCode::failed, "there is no key in " + slot_title(slot));
        }
        shown.key.reset();
        shown.certificate = {"none", {{"Certificate", "none"}}, nullptr};
        return shown;
    }
    shown.public_key = *public_key;
    shown.certificate = report_certificate(keys, slot, *public_key);
    return shown;
}

/// All that hold a key, in the card's order, and containers that should.
std::vector<card::KeySlot> slots_on(const client::KeyCard& keys, const ChosenCard& card) {
    std::vector<card::KeySlot> slots;
    for (const admin::KeyStatus& key : card.status.keys) {
        slots.push_back(key.slot);
    }
    const auto labelled = keys.labelled_slots();
    for (const card::KeySlot slot : labelled) {
        if (!key_in(card, slot)) {
            slots.push_back(slot);
        }
    }
    if (!labelled.empty()) {
        std::sort(slots.begin(), slots.end());
    }
    return slots;
}

/// Names that are told of a key: by column, row and member.
using Facts = std::vector<std::pair<std::string, std::string>>;

Facts facts_of(const ShownKey& shown) {
    Facts facts;
    if (shown.key) {
        facts = {{"Algorithm", card::algorithm_name(shown.key->algorithm)},
                 {"PIN", pin_policy_name(shown.key->pin_policy)},
                 {"Origin", origin_name(shown.key->origin)}};
    } else {
        facts = {{"Algorithm", "no key"}, {"PIN", "-"}, {"Origin", "-"}};
    }
    if (shown.slot.profile == card::Profile::gids) {
        facts.insert(facts.begin(), {"Key", key_reference_text(shown.slot.number)});
        const auto& label = shown.label;
        facts.emplace_back("Use", label ? use_name(label->use) : "-");
        facts.emplace_back("Default", label && label->is_default ? "yes" : "no");
        facts.emplace_back("Name", label ? printable(label->name) : "in no container");
    }
    return facts;
}

Json to_json(const ShownKey& shown) {
    Json json = slot_json(shown.slot);
    if (shown.key) {
        json["algorithm"] = card::algorithm_name(shown.key->algorithm);
        json["pin_policy"] = pin_policy_name(shown.key->pin_policy);
        json["origin"] = origin_name(shown.key->origin);
        json["fingerprint"] = x509::fingerprint(shown.public_key);
    } else {
        for (const char* member : {"algorithm", "pin_policy", "origin", "fingerprint"}) {
            json[member] = nullptr;
        }
    }
    if (shown.label) {
        json["use"] = use_name(shown.label->use);
        json["default"] = shown.label->is_default;
        json["name"] = shown.label->name;
    }
    json["certificate"] = shown.certificate.json;
    return json;
}

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string to_table(const std::vector<ShownKey>& keys) {
    std::vector<std::vector<std::string>> rows{{"SLOT"}};
    for (const auto& [name, value] : facts_of(keys.front())) {
        rows.front().push_back(upper_case(name));
    }
    rows.front().emplace_back("CERTIFICATE");
    for (const ShownKey& shown : keys) {
        rows.push_back({slot_text(shown.slot)});
        for (const auto& [name, value] : facts_of(shown)) {
            rows.back().push_back(value);
        }
        rows.back().push_back(shown.certificate.summary);
    }
    std::string text = headed_table(std::move(rows));
    text.pop_back();
    return text;
}

std::string to_text(const ShownKey& shown) {
    std::vector<std::vector<std::string>> rows{{"Slot", slot_text(shown.slot)}};
    for (const auto& [name, value] : facts_of(shown)) {
        rows.push_back({name, value});
    }
    if (shown.key) {
        rows.push_back({"Fingerprint", x509::fingerprint(shown.public_key)});
    }
    for (const auto& [name, value] : shown.certificate.lines) {
        rows.push_back({name, value});
    }
    std::string text = table(rows);
    text.pop_back();
    return text;
}

ExitCode show_one(const InfoArguments& arguments, const ChosenCard& card, Output& output) {
    const Slot slot = parse_slot_on(card, arguments.slot);
    OutputFile file(arguments.public_key_out);
    const ShownKey shown = look_at(CardInUse(card).keys(), card, slot);
    if (!shown.key && file.wanted()) {
        throw Failure(ExitCode::failed, "there is no key in " + slot_title(slot));
    }
    deliver({"public_key", shown.key ? x509::public_key_pem(shown.public_key) : Bytes()}, file,
            output, card, to_text(shown), to_json(shown));
    return ExitCode::done;
}

ExitCode show_all(const ChosenCard& card, Output& output) {
    std::vector<ShownKey> keys;
    Json json = Json::array();
    {
        CardInUse use(card);
        for (const card::KeySlot slot : slots_on(use.keys(), card)) {
            keys.push_back(look_at(use.keys(), card, Slot(slot, card)));
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
    command->add_option("slot", arguments->slot, std::string("one key only: ") + slot_forms)
        ->type_name("SLOT");
    command
        ->add_option("--public-key-out", arguments->public_key_out,
                     "file for the public key in PEM; - is standard output")
        ->type_name("FILE");
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, key_info_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return show_keys(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
