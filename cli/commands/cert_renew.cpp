// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/card_signer.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/certificate_slot.hpp"
#include "cli/commands/challenge_password.hpp"
#include "cli/commands/content_options.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/make_key.hpp"
#include "cli/commands/product.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* cert_renew_examples =
    "Examples:\n"
    "  tpmvsc cert renew 9a --out renewal.csr\n"
    "      a request with the names and usages of the present certificate, by the same key;\n"
    "      \"tpmvsc cert import\" takes what the authority makes of it\n"
    "  tpmvsc cert renew 9d --new-key --out renewal.csr\n"
    "      by a new key; the former one moves to a retired slot with its certificate, so that\n"
    "      what was encrypted for it can still be read\n"
    "  tpmvsc cert renew 9d --new-key --retire-to 85 --pin file:/run/pin --admin-key "
    "file:/run/admin\n";

struct RenewArguments : KeyArguments {
    ProductOptions product;
    std::string challenge_password;
    std::string hash;
    std::string retire_to;
    bool new_key = false;
};

struct Renewal {
    Slot slot; ///< of the present pair
    admin::KeyStatus key;
    std::optional<client::Succession> succession; ///< nothing: the same key
    SecretBytes challenge_password;
};

/// Where the former pair and the new key go; nothing where the key stays.
std::optional<client::Succession> plan(const RenewArguments& arguments, const ChosenCard& card,
                                       const Slot& slot) {
    if (!arguments.new_key) {
        if (!arguments.retire_to.empty()) {
            throw Failure(ExitCode::usage, "--retire-to goes with --new-key");
        }
        return std::nullopt;
    }
    std::optional<card::KeySlot> keep;
    if (!arguments.retire_to.empty()) {
        keep = parse_slot_on(card, arguments.retire_to).number;
    }
    return CardInUse(card).keys().plan_succession(slot.number, keep);
}

Bytes request_like(const x509::Certificate& former, client::KeyCard& keys, const Slot& slot,
                   const Renewal& renewal, const std::string& hash,
                   const Authorisation& authorisation) {
    x509::Extensions extensions;
    extensions.add_from(former);
    const x509::Signer signer = signer_of(keys, slot, authorisation);
    const Bytes subject =
        x509::to_der<const X509_NAME>(i2d_X509_NAME, X509_get_subject_name(&former.x509()));
    return x509::make_request({subject, &extensions, chosen_hash(hash, signer.algorithm)},
                              renewal.challenge_password.view(), signer);
}

/// What is said where the former pair cannot be brought back: the card is gone, most likely.
Failure not_undone(const std::exception& reason, const client::Succession& succession,
                   const ChosenCard& card) {
    const Slot kept(succession.kept, card);
    return {exit_code_of(reason), std::string(reason.what()) +
                                      "; the former key and its certificate may be in " +
                                      slot_title(kept) + ": look with \"tpmvsc key info\""};
}

/// Makes the new key, in a way that the former pair is back where the rest of the command fails.
Bytes with_new_key(client::KeyCard& keys, const ChosenCard& card, const Renewal& renewal,
                   const Output& output, const std::function<Bytes(const Slot&)>& sign) {
    const client::Succession& succession = *renewal.succession;
    if (succession.fresh != succession.former && keys.public_key(succession.fresh)) {
        throw Failure(ExitCode::failed, "another program has put a key into " +
                                            slot_title(Slot(succession.fresh, card)) +
                                            " meanwhile: try again");
    }
    try {
        {
            const KeyPatience patience(output, renewal.key.algorithm);
            keys.begin_succession(succession, renewal.key.algorithm, renewal.key.pin_policy);
        }
        Bytes request = sign(Slot(succession.fresh, card));
        keys.finish_succession(succession);
        return request;
    } catch (const std::exception& reason) {
        try {
            keys.undo_succession(succession);
        } catch (const std::exception&) {
            throw not_undone(reason, succession, card);
        }
        throw;
    }
}

Bytes renew_on_card(const ChosenCard& card, const Renewal& renewal, const std::string& hash,
                    const Authorisation& authorisation, const Output& output) {
    CardInUse use(card);
    const x509::Certificate former = require_certificate(use.keys(), renewal.slot);
    authorisation.show(use.keys());
    const auto sign = [&](const Slot& slot) {
        return request_like(former, use.keys(), slot, renewal, hash, authorisation);
    };
    return renewal.succession ? with_new_key(use.keys(), card, renewal, output, sign)
                              : sign(renewal.slot);
}

std::string sentence(const Renewal& renewal, const ChosenCard& card) {
    if (!renewal.succession) {
        return "Signed a request for a new certificate with " +
               key_title(renewal.key.algorithm, renewal.slot) + ".";
    }
    return "Made a new key in " + slot_title(Slot(renewal.succession->fresh, card)) +
           " and signed a request with it; the former key and its certificate are in " +
           slot_title(Slot(renewal.succession->kept, card)) + ".";
}

Json to_json(const Renewal& renewal, const ChosenCard& card) {
    const auto& succession = renewal.succession;
    Json json =
        key_json(renewal.key.algorithm, succession ? Slot(succession->fresh, card) : renewal.slot);
    json["retired_to"] = succession ? Json(key_reference_text(succession->kept)) : Json(nullptr);
    return json;
}

ExitCode renew(const RenewArguments& arguments, Output& output) {
    Renewal renewal;
    const ChosenCard card = ask_chosen_card(arguments.choice);
    renewal.slot = parse_slot_on(card, arguments.slot);
    renewal.key = require_key(card, renewal.slot);
    (void)require_certificate(CardInUse(card).keys(), renewal.slot);
    renewal.succession = plan(arguments, card, renewal.slot);
    OutputFile file(arguments.product.path);
    renewal.challenge_password = read_challenge_password(arguments.challenge_password);
    const bool makes_key = renewal.succession.has_value();
    const Authorisation authorisation(
        arguments.secrets, card,
        {.makes_key = makes_key, .writes = makes_key, .signs_with = renewal.key});
    Bytes request = renew_on_card(card, renewal, arguments.hash, authorisation, output);
    const bool pem = arguments.product.pem();
    deliver({"request", pem ? x509::request_pem(request) : std::move(request), pem}, file, output,
            card, sentence(renewal, card), to_json(renewal, card));
    return ExitCode::done;
}

} // namespace

void add_cert_renew(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<RenewArguments>();
    CLI::App* command =
        noun.add_subcommand("renew", "make a request that renews the present certificate");
    add_slot(*command, *arguments);
    command->add_flag("--new-key", arguments->new_key,
                      "by a new key of the same kind; the former one is kept in a retired slot, on "
                      "a GIDS card in its container");
    command
        ->add_option("--retire-to", arguments->retire_to,
                     "where the former key of a PIV card goes; the first empty retired slot when "
                     "not given")
        ->type_name("SLOT");
    add_hash_option(*command, arguments->hash);
    add_challenge_password_option(*command, arguments->challenge_password);
    add_product_options(*command, arguments->product, "the request");
    add_secrets(*command, *arguments);
    add_common_options(*command, output, cert_renew_examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return renew(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
