// SPDX-License-Identifier: Apache-2.0
#include "library/options.hpp"

#include "base/crypto.hpp"
#include "base/derived_admin_key.hpp"
#include "base/verifying_key.hpp"
#include "cli/card_values.hpp"
#include "library/handle.hpp"

#include <array>
#include <utility>

namespace tpmvsc::library {

using cli::ExitCode;
using cli::Failure;

namespace {

[[noreturn]] void refuse(const std::string& sentence) {
    throw Failure(ExitCode::usage, sentence);
}

/// One of the words, or a refusal.
std::string word(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* known : words) {
        if (text == known) {
            return text;
        }
    }
    refuse("a word of an option is none that is known");
}

void set_text(tpmvsc_options& options, tpmvsc_text_option key, const std::string& text) {
    const auto rule = [&] { return word(text, {"allowed", "required", "forbidden"}); };
    switch (key) {
    case TPMVSC_NAME:
        options.card.name = text;
        return;
    case TPMVSC_PROFILE:
        options.card.profile =
            word(text, {"piv", "gids"}) == "gids" ? card::Profile::gids : card::Profile::piv;
        return;
    case TPMVSC_ADMIN_ALGORITHM:
        options.card.admin_algorithm =
            *cli::parse_admin_algorithm(word(text, {"tdes", "aes128", "aes192", "aes256"}));
        return;
    case TPMVSC_ANTI_HAMMERING:
        options.anti_hammering = word(text, {"counter", "lockout"});
        return;
    case TPMVSC_OWNER:
        options.owner = text;
        return;
    case TPMVSC_PIN_UPPER:
        options.pin_rules.upper_case = rule();
        return;
    case TPMVSC_PIN_LOWER:
        options.pin_rules.lower_case = rule();
        return;
    case TPMVSC_PIN_DIGITS:
        options.pin_rules.digits = rule();
        return;
    case TPMVSC_PIN_SPECIAL:
        options.pin_rules.special = rule();
        return;
    }
    refuse("a text option that this version does not know");
}

void set_number(tpmvsc_options& options, tpmvsc_number_option key, unsigned number) {
    switch (key) {
    case TPMVSC_BLANK:
        options.card.blank = number != 0;
        return;
    case TPMVSC_UNMANAGED:
        options.unmanaged = number != 0;
        return;
    case TPMVSC_SETTABLE_TRIES:
        options.card.settable_tries = number != 0;
        return;
    case TPMVSC_PIN_TRIES:
        options.pin_tries = number;
        return;
    case TPMVSC_PUK_TRIES:
        options.puk_tries = number;
        return;
    case TPMVSC_PIN_MIN_LENGTH:
        options.pin_rules.shortest = number;
        return;
    case TPMVSC_PIN_MAX_LENGTH:
        options.pin_rules.longest = number;
        return;
    case TPMVSC_PIN_NO_TRIVIAL:
        options.pin_rules.no_trivial = number != 0;
        return;
    case TPMVSC_PIN_HISTORY:
        options.pin_rules.history = number;
        return;
    case TPMVSC_PIN_SESSION:
        options.pin_rules.session = number == 0 ? "" : std::to_string(number);
        return;
    case TPMVSC_PIN_INACTIVITY:
        options.pin_rules.inactivity = number == 0 ? "" : std::to_string(number);
        return;
    }
    refuse("a number option that this version does not know");
}

void set_bytes(tpmvsc_options& options, tpmvsc_bytes_option key, ByteView bytes) {
    switch (key) {
    case TPMVSC_PIN:
        options.card.pin = SecretBytes(bytes);
        return;
    case TPMVSC_PUK:
        options.card.puk = SecretBytes(bytes);
        return;
    case TPMVSC_ADMIN_KEY:
        options.card.admin_key = SecretBytes(bytes);
        return;
    case TPMVSC_ADMIN_MASTER:
        if (bytes.size() < least_master_bytes) {
            refuse("a master secret has at least 32 bytes");
        }
        options.admin_master = SecretBytes(bytes);
        return;
    case TPMVSC_AUTHORITY:
        if (!bytes.empty() && !crypto::VerifyingKey::parse(bytes)) {
            refuse("the authority's public key is neither P-256 nor RSA");
        }
        options.card.reset_authority = to_bytes(bytes);
        return;
    case TPMVSC_OWNER_AUTH:
        options.card.owner_auth = SecretBytes(bytes);
        return;
    }
    refuse("a bytes option that this version does not know");
}

/// CreateOptions hold secrets, so they are copied on purpose only.
card::CreateOptions copy_of(const card::CreateOptions& from) {
    card::CreateOptions copy;
    copy.name = from.name;
    copy.profile = from.profile;
    copy.pin = from.pin.clone();
    copy.puk = from.puk.clone();
    copy.reset_authority = from.reset_authority;
    copy.settable_tries = from.settable_tries;
    copy.admin_algorithm = from.admin_algorithm;
    copy.admin_key = from.admin_key.clone();
    copy.blank = from.blank;
    copy.owner_auth = from.owner_auth.clone();
    return copy;
}

void require_parties(const tpmvsc_options& options) {
    const bool puk = !options.card.puk.empty();
    const bool authority = !options.card.reset_authority.empty();
    if (options.unmanaged && (puk || authority)) {
        refuse("unmanaged means that nobody can reset the PIN, but there is a PUK or an authority");
    }
    if (!options.admin_master.empty() && !options.card.admin_key.empty()) {
        refuse("the admin key is given or derived, not both");
    }
    const bool known = !options.card.admin_key.empty() || !options.admin_master.empty() ||
                       options.keeper != nullptr;
    const bool wanted = options.card.profile == card::Profile::piv || options.card.blank ||
                        (!puk && !authority && !options.unmanaged);
    if (!known && wanted) {
        refuse("an admin key made at random would be known to nobody: give one, or a keeper");
    }
}

} // namespace

cli::AntiHammeringWish wish_of(const tpmvsc_options& options) {
    const bool tries = options.pin_tries || options.puk_tries || options.card.settable_tries;
    return {options.anti_hammering, tries ? "a limit of tries" : "", options.card.blank};
}

card::CreateOptions finished(const tpmvsc_options& options) {
    constexpr unsigned default_tries = 3;
    require_parties(options);
    card::CreateOptions made = copy_of(options.card);
    made.pin_tries = options.pin_tries.value_or(default_tries);
    made.puk_tries = options.puk_tries.value_or(default_tries);
    made.admin_resets_pin = made.puk.empty() && made.reset_authority.empty() && !options.unmanaged;
    made.pin_rules = cli::pin_rules(options.pin_rules, made.profile, made.settable_tries);
    const bool derived = !options.admin_master.empty();
    if (!derived && made.admin_key.empty()) {
        made.admin_key = cli::random_admin_key(made.admin_algorithm);
    }
    cli::require_no_tries(wish_of(options));
    require_possible(made, derived);
    return made;
}

Complete completion_of(const tpmvsc_options& options) {
    return [&options](const card::Identity& identity, card::CreateOptions& made) {
        if (!options.admin_master.empty()) {
            const auto& cipher =
                *find_admin_cipher(cli::admin_algorithm_name(made.admin_algorithm));
            made.admin_key = derive_admin_key(options.admin_master.view(), cipher, identity.id);
        }
        if (options.keeper == nullptr) {
            return;
        }
        cli::KnownCard known;
        known.identity = identity;
        const tpmvsc_card card(known);
        const ByteView key = made.admin_key.view();
        if (options.keeper(options.keeper_user, &card, key.data(), key.size()) != 0) {
            throw Failure(ExitCode::failed,
                          "the program did not keep the admin key, so no card was made");
        }
    };
}

namespace {

/// Options have no message: what is wrong shows in the status.
template<typename Work>
tpmvsc_status quietly(tpmvsc_options* options, Work work) noexcept {
    if (options == nullptr) {
        return TPMVSC_USAGE;
    }
    std::string message;
    try {
        work();
        return TPMVSC_DONE;
    } catch (...) {
        return note_failure(message);
    }
}

} // namespace
} // namespace tpmvsc::library

using namespace tpmvsc::library;

tpmvsc_status tpmvsc_options_new(tpmvsc_options** made) {
    if (made == nullptr) {
        return TPMVSC_USAGE;
    }
    *made = new (std::nothrow) tpmvsc_options;
    return *made == nullptr ? TPMVSC_FAILED : TPMVSC_DONE;
}

void tpmvsc_options_free(tpmvsc_options* options) {
    delete options;
}

tpmvsc_status tpmvsc_options_set_text(tpmvsc_options* options, tpmvsc_text_option key,
                                      const char* text) {
    return quietly(options, [&] { set_text(*options, key, text_of(text, "a text")); });
}

tpmvsc_status tpmvsc_options_set_number(tpmvsc_options* options, tpmvsc_number_option key,
                                        unsigned long number) {
    constexpr unsigned long most = 100'000'000; // more than any option takes
    return number > most ? TPMVSC_USAGE : quietly(options, [&] {
        set_number(*options, key, static_cast<unsigned>(number));
    });
}

tpmvsc_status tpmvsc_options_set_bytes(tpmvsc_options* options, tpmvsc_bytes_option key,
                                       const void* bytes, size_t size) {
    return quietly(options, [&] { set_bytes(*options, key, view_of(bytes, size, "a value")); });
}

tpmvsc_status tpmvsc_options_set_keeper(tpmvsc_options* options, tpmvsc_keeper keeper, void* user) {
    return quietly(options, [&] {
        options->keeper = keeper;
        options->keeper_user = user;
    });
}
