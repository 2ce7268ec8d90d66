// SPDX-License-Identifier: Apache-2.0
#include "cli/new_secret.hpp"

#include "card/well_known.hpp"
#include "cli/card_values.hpp"
#include "cli/failure.hpp"
#include "cli/pin_rule_words.hpp"
#include "cli/terminal.hpp"

namespace tpmvsc::cli {
namespace {

constexpr int attempts = 3;

SecretBytes copy(ByteView value) {
    return SecretBytes(value);
}

NewSecretKind pin_or_puk_kind(card::PinKind which, card::Profile profile,
                              const card::PinRules& rules) {
    NewSecretKind kind;
    const std::string_view well_known = card::well_known_value(which, profile);
    kind.complaint = [which, profile, rules](ByteView value) {
        return complaint_about_pin(which, profile, rules, value);
    };
    kind.decode = [](ByteView typed) { return std::optional(copy(typed)); };
    kind.well_known = [well_known] { return copy(as_bytes(well_known)); };
    kind.random = [which, profile, rules] { return random_pin(which, profile, rules); };
    kind.show = copy;
    return kind;
}

/// What the card asks of a PIN beyond that, as a sentence; empty when it is nothing.
std::string guidance_of(const card::PinRules& rules) {
    const std::string words = joined(pin_rule_words(rules), ", ");
    return words.empty() ? "" : " This card takes: " + words + ".";
}

/// What is wrong with the text that was given, or nothing and the value in `value`.
std::optional<std::string> judge(const NewSecretKind& kind, ByteView text, SecretBytes& value) {
    auto decoded = kind.decode(text);
    if (!decoded) {
        return "it must be written in hexadecimal digits";
    }
    auto complaint = kind.complaint(decoded->view());
    if (!complaint) {
        value = std::move(*decoded);
    }
    return complaint;
}

SecretBytes make_random(const NewSecretKind& kind, std::vector<ShownSecret>& shown) {
    SecretBytes value = kind.random();
    shown.emplace_back(kind.key, kind.show(value.view()));
    return value;
}

SecretBytes take_well_known(const NewSecretKind& kind) {
    SecretBytes value = kind.well_known();
    if (const auto complaint = kind.complaint(value.view())) {
        throw Failure(ExitCode::usage, "the well-known " + kind.label +
                                           " cannot be taken for this card: " + *complaint);
    }
    return value;
}

SecretBytes prompt(const NewSecretKind& kind, std::vector<ShownSecret>& shown) {
    const Terminal terminal("give " + kind.option +
                            " file:PATH, fd:N, - (standard input), random or default");
    terminal.say(kind.guidance + "\n");
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const SecretBytes first = terminal.ask_secret("New " + kind.label);
        if (first.empty() && kind.random_on_enter) {
            return make_random(kind, shown);
        }
        SecretBytes value;
        if (const auto complaint = judge(kind, first.view(), value)) {
            terminal.say("This " + kind.label + " cannot be taken: " + *complaint + ".\n");
            continue;
        }
        const SecretBytes second = terminal.ask_secret("New " + kind.label + " again");
        if (equal_secret(first.view(), second.view())) {
            return value;
        }
        terminal.say("The two are not the same.\n");
    }
    throw Failure(ExitCode::usage, "no acceptable " + kind.label + " was given");
}

} // namespace

NewSecretKind pin_kind(card::Profile profile, const card::PinRules& rules) {
    NewSecretKind kind = pin_or_puk_kind(card::PinKind::pin, profile, rules);
    kind.option = "--pin";
    kind.key = "pin";
    kind.label = "PIN";
    kind.guidance = "The PIN is asked for each time a key is used. " +
                    (profile == card::Profile::gids
                         ? "8 to 15 characters work in every program"
                         : std::string("6 to 8 characters; digits work in every program")) +
                    ". No birthday, no 123456: a thief has few tries, and makes them count." +
                    guidance_of(rules);
    return kind;
}

NewSecretKind puk_kind(card::Profile profile, const card::PinRules& rules) {
    NewSecretKind kind = pin_or_puk_kind(card::PinKind::puk, profile, rules);
    kind.option = "--puk";
    kind.key = "puk";
    kind.label = "PUK";
    kind.random_on_enter = true;
    kind.guidance =
        "The PUK unblocks the card after too many wrong PINs. 8 characters, best "
        "digits; kept apart from the computer. Enter alone makes a random one, shown at "
        "the end.";
    return kind;
}

NewSecretKind admin_key_kind(card::AdminAlgorithm algorithm) {
    NewSecretKind kind;
    kind.option = "--admin-key";
    kind.key = "admin_key";
    kind.label = "admin key";
    kind.random_on_enter = true;
    kind.guidance = "The admin key lets its holder put keys and certificates on the card: " +
                    std::to_string(2 * card::key_bytes(algorithm)) +
                    " hexadecimal digits. Enter alone makes a random one, shown at the end.";
    kind.decode = decode_hex;
    kind.complaint = [algorithm](ByteView key) {
        return complaint_about_admin_key(algorithm, key);
    };
    kind.well_known = [algorithm] { return copy(card::default_admin_key(algorithm)); };
    kind.random = [algorithm] { return random_admin_key(algorithm); };
    kind.show = encode_hex;
    return kind;
}

SecretBytes obtain(const NewSecretKind& kind, const SecretSource& source, Output& output,
                   std::vector<ShownSecret>& shown) {
    switch (source.kind) {
    case SecretSource::Kind::none:
        return {};
    case SecretSource::Kind::well_known:
        return take_well_known(kind);
    case SecretSource::Kind::random:
        return make_random(kind, shown);
    case SecretSource::Kind::prompt:
        return prompt(kind, shown);
    case SecretSource::Kind::file:
    case SecretSource::Kind::descriptor:
        break;
    }
    if (source.kind == SecretSource::Kind::file && is_world_readable(source.path)) {
        output.warning("every user of this computer can read " + source.path);
    }
    SecretBytes value;
    const SecretBytes text = read_secret(kind.option, source);
    if (const auto complaint = judge(kind, text.view(), value)) {
        throw Failure(ExitCode::usage, "this " + kind.label + " cannot be taken: " + *complaint);
    }
    return value;
}

} // namespace tpmvsc::cli
