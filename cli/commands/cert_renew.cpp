// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/piv_keys.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/commands/card_signer.hpp"
#include "cli/commands/cert_commands.hpp"
#include "cli/commands/certificate_slot.hpp"
#include "cli/commands/challenge_password.hpp"
#include "cli/commands/content_options.hpp"
#include "cli/commands/key_options.hpp"
#include "cli/commands/key_pair.hpp"
#include "cli/commands/known_secret.hpp"
#include "cli/commands/make_key.hpp"
#include "cli/commands/product.hpp"
#include "cli/commands/slot.hpp"
#include "cli/x509/certificate_object.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace tpmvsc::cli {
namespace {

constexpr const char* examples =
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
    std::string pin = "prompt";
    std::string challenge_password;
    std::string hash;
    std::string retire_to;
    bool new_key = false;
};

/// The first retired slot that holds neither key nor certificate.
card::KeySlot empty_retired_slot(const ChosenCard& card, const client::PivCard& piv) {
    for (const piv::KeyReference& reference : piv::key_references()) {
        if (reference.retired && !key_in(card, reference.slot) &&
            !piv.read_object(reference.certificate)) {
            return reference.slot;
        }
    }
    throw Failure(ExitCode::failed, "all retired slots of " + card.title() +
                                        " are taken: delete a key that is no longer needed");
}

/// Where the former pair goes; nothing where the key stays.
std::optional<card::KeySlot> retirement(const RenewArguments& arguments, const ChosenCard& card,
                                        card::KeySlot slot) {
    if (!arguments.new_key) {
        if (!arguments.retire_to.empty()) {
            throw Failure(ExitCode::usage, "--retire-to goes with --new-key");
        }
        return std::nullopt;
    }
    CardInUse use(card);
    if (arguments.retire_to.empty()) {
        return empty_retired_slot(card, use.piv());
    }
    const card::KeySlot to = parse_slot(arguments.retire_to);
    if (to == slot || key_in(card, to) || use.piv().read_object(x509::certificate_tag(to))) {
        throw Failure(ExitCode::failed, slot_title(to) + " is not empty: choose another slot");
    }
    return to;
}

/// Moves the former pair away and makes a key of the same kind in its place. Where that fails, the
/// pair comes back.
void replace_key(client::PivCard& piv, card::KeySlot slot, card::KeySlot to,
                 const admin::KeyStatus& key, const Output& output) {
    move_pair(piv, slot, to);
    try {
        make_key(piv, {slot, key.algorithm, key.pin_policy}, output);
    } catch (...) {
        move_pair(piv, to, slot);
        throw;
    }
}

/// Brings the former pair back in place of the new key, which nobody has seen yet.
void undo_replacement(client::PivCard& piv, card::KeySlot slot, card::KeySlot to) {
    piv.delete_key(slot);
    move_pair(piv, to, slot);
}

struct Renewal {
    card::KeySlot slot = 0;
    admin::KeyStatus key;
    std::optional<card::KeySlot> retire_to;
    SecretBytes pin;
    SecretBytes admin_key;
    SecretBytes challenge_password;
};

Bytes request_like(const x509::Certificate& former, client::PivCard& piv, const Renewal& renewal,
                   const std::string& hash) {
    x509::Extensions extensions;
    extensions.add_from(former);
    const x509::Signer signer = signer_of(piv, renewal.slot, renewal.pin);
    const Bytes subject =
        x509::to_der<const X509_NAME>(i2d_X509_NAME, X509_get_subject_name(&former.x509()));
    return x509::make_request({subject, &extensions, chosen_hash(hash, signer.algorithm)},
                              renewal.challenge_password.view(), signer);
}

/// The PIN is tried before anything is moved: a wrong one is the likeliest reason to fail.
Bytes renew_on_card(const ChosenCard& card, const Renewal& renewal, const std::string& hash,
                    const Output& output) {
    CardInUse use(card);
    client::PivCard& piv = use.piv();
    const x509::Certificate former = require_certificate(piv, renewal.slot);
    const Bytes request = request_like(former, piv, renewal, hash);
    if (!renewal.retire_to) {
        return request;
    }
    piv.show_admin_key(renewal.admin_key.view());
    replace_key(piv, renewal.slot, *renewal.retire_to, renewal.key, output);
    try {
        return request_like(former, piv, renewal, hash);
    } catch (...) {
        undo_replacement(piv, renewal.slot, *renewal.retire_to);
        throw;
    }
}

std::string sentence(const Renewal& renewal) {
    const std::string key = key_title(renewal.key.algorithm, renewal.slot);
    if (!renewal.retire_to) {
        return "Signed a request for a new certificate with " + key + ".";
    }
    return "Made a new key in " + slot_title(renewal.slot) + " and signed a request with it; the " +
           "former key and its certificate are in " + slot_title(*renewal.retire_to) + ".";
}

ExitCode renew(const RenewArguments& arguments, Output& output) {
    Renewal renewal;
    renewal.slot = parse_slot(arguments.slot);
    const ChosenCard card = ask_chosen_card(arguments.choice);
    require_piv(card, "cert renew");
    renewal.key = require_key(card, renewal.slot);
    (void)require_certificate(CardInUse(card).piv(), renewal.slot);
    renewal.retire_to = retirement(arguments, card, renewal.slot);
    OutputFile file(arguments.product.path);
    renewal.challenge_password = read_challenge_password(arguments.challenge_password);
    renewal.pin = read_pin_for(renewal.key, arguments.pin, card);
    if (renewal.retire_to) {
        renewal.admin_key = read_known_admin_key(arguments.admin_key, card);
    }
    Bytes request = renew_on_card(card, renewal, arguments.hash, output);
    const bool pem = arguments.product.pem();
    Json result = key_json(renewal.key.algorithm, renewal.slot);
    result["retired_to"] = renewal.retire_to ? Json(slot_text(*renewal.retire_to)) : Json(nullptr);
    deliver({"request", pem ? x509::request_pem(request) : std::move(request), pem}, file, output,
            card, sentence(renewal), std::move(result));
    return ExitCode::done;
}

} // namespace

void add_cert_renew(CLI::App& noun, Output& output, Chosen& chosen) {
    const auto arguments = std::make_shared<RenewArguments>();
    CLI::App* command =
        noun.add_subcommand("renew", "make a request that renews the present certificate");
    add_slot(*command, *arguments);
    command->add_flag("--new-key", arguments->new_key,
                      "by a new key of the same kind; the former one is kept in a retired slot");
    command->add_option("--retire-to", arguments->retire_to,
                        "where the former key goes; the first empty retired slot when not given");
    add_hash_option(*command, arguments->hash);
    add_challenge_password_option(*command, arguments->challenge_password);
    add_product_options(*command, arguments->product, "the request");
    add_pin_option(*command, arguments->pin);
    add_admin_key_option(*command, arguments->admin_key);
    add_card_choice(*command, arguments->choice);
    add_common_options(*command, output, examples);
    command->callback([&chosen, arguments] {
        chosen = [arguments](Output& out) { return renew(*arguments, out); };
    });
}

} // namespace tpmvsc::cli
