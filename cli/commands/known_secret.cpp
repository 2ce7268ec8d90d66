// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/known_secret.hpp"

#include "card/pin_lengths.hpp"
#include "card/well_known.hpp"
#include "cli/card_values.hpp"
#include "cli/commands/pin_refusal.hpp"
#include "cli/failure.hpp"
#include "cli/secret_source.hpp"
#include "cli/terminal.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

using client::Secret;

constexpr const char* forms =
    ": prompt, default (the well-known value), file:PATH, fd:N or - (standard input)";

struct PinNames {
    std::string option;
    std::string label;
    card::PinKind kind;
};

PinNames names_of(Secret secret) {
    return secret == Secret::pin ? PinNames{"--pin", "PIN", card::PinKind::pin}
                                 : PinNames{"--puk", "PUK", card::PinKind::puk};
}

SecretBytes ask(const std::string& option, const std::string& question) {
    const Terminal terminal("give " + option + " file:PATH, fd:N or - (standard input)");
    return terminal.ask_secret(question);
}

/// How often it may still be wrong, where that is less often than usual.
std::string remaining(const card::PinTries& tries) {
    return tries.left == tries.limit ? ""
                                     : " (" + std::to_string(tries.left) + " of " +
                                           std::to_string(tries.limit) + " tries left)";
}

/// A try on a value of which the card says that it is another one would be a try lost.
SecretBytes well_known(const PinNames& names, const ChosenCard& card, bool is_default) {
    if (!is_default) {
        throw Failure(ExitCode::not_authorised,
                      "the " + names.label + " is not the well-known one: no try is lost");
    }
    return SecretBytes(as_bytes(card::well_known_value(names.kind, card.status.identity.profile)));
}

/// Throws where the card would compare nothing.
void require_comparison(Secret secret, const ChosenCard& card, const card::PinTries& tries) {
    if (tries.limit == 0) {
        throw Failure(ExitCode::unsupported, card.title() + " has no " + names_of(secret).label);
    }
    if (tries.left == 0) {
        throw pin_refusal(card, secret, {client::PinAnswer::Kind::blocked, 0, 0});
    }
}

SecretBytes read_known(Secret secret, const std::string& given, const ChosenCard& card,
                       const card::PinTries& tries, bool is_default) {
    const PinNames names = names_of(secret);
    if (given == "default") {
        require_comparison(secret, card, tries);
        return well_known(names, card, is_default);
    }
    const SecretSource source =
        parse_secret_source(names.option, given, {.well_known_and_random = false});
    require_comparison(secret, card, tries);
    SecretBytes value = source.kind == SecretSource::Kind::prompt
                            ? ask(names.option, names.label + remaining(tries))
                            : read_secret(names.option, source);
    const card::PinLengths lengths = card::pin_lengths(names.kind, card.status.identity.profile);
    if (!lengths.allow(value.size())) {
        throw Failure(ExitCode::not_authorised,
                      "this cannot be the " + names.label +
                          ", it has the wrong length; the card was not asked, so no try is lost");
    }
    return value;
}

} // namespace

void add_pin_option(CLI::App& command, std::string& source) {
    command.add_option("--pin", source, std::string("the PIN") + forms)->default_str("prompt");
}

void add_puk_option(CLI::App& command, std::string& source) {
    command.add_option("--puk", source, std::string("the PUK") + forms)->default_str("prompt");
}

void add_admin_key_option(CLI::App& command, std::string& source) {
    command.add_option("--admin-key", source, std::string("the admin key in hexadecimal") + forms)
        ->default_str("prompt");
}

SecretBytes read_known_pin(const std::string& source, const ChosenCard& card) {
    return read_known(Secret::pin, source, card, card.status.pin, card.status.default_pin);
}

SecretBytes read_known_puk(const std::string& source, const ChosenCard& card) {
    return read_known(Secret::puk, source, card, card.status.puk, card.status.default_puk);
}

SecretBytes read_known_admin_key(const std::string& given, const ChosenCard& card) {
    const Bytes well_known = card::default_admin_key(card.status.admin_algorithm);
    if (given == "default") {
        return SecretBytes(ByteView(well_known));
    }
    const SecretSource source =
        parse_secret_source("--admin-key", given, {.well_known_and_random = false});
    const bool asked = source.kind == SecretSource::Kind::prompt;
    const bool may_be_empty = asked && card.status.default_admin_key;
    const SecretBytes text =
        asked ? ask("--admin-key",
                    may_be_empty ? "Admin key (Enter for the well-known one)" : "Admin key")
              : read_secret("--admin-key", source);
    if (text.empty() && may_be_empty) {
        return SecretBytes(ByteView(well_known));
    }
    auto key = decode_hex(text.view());
    if (!key || key->size() != well_known.size()) {
        throw Failure(ExitCode::not_authorised, "this cannot be the admin key: it has " +
                                                    std::to_string(2 * well_known.size()) +
                                                    " hexadecimal digits");
    }
    return std::move(*key);
}

} // namespace tpmvsc::cli
