// SPDX-License-Identifier: Apache-2.0
#include "library/make_card.hpp"

#include "apdu/gids/initial_objects.hpp"
#include "apdu/piv/initial_objects.hpp"
#include "card/card.hpp"
#include "card/identity_file.hpp"
#include "cli/card_values.hpp"
#include "cli/driver_entry.hpp"
#include "cli/failure.hpp"
#include "cli/leftovers.hpp"
#include "cli/machine.hpp"
#include "cli/output.hpp"
#include "cli/owner_auth.hpp"
#include "cli/owner_rule.hpp"
#include "cli/pin_rule_options.hpp"

#include <algorithm>

namespace tpmvsc::library {

using cli::ExitCode;
using cli::Failure;

namespace {

bool begins_with(ByteView value, ByteView start) {
    return value.size() >= start.size() && equal_secret(value.first(start.size()), start);
}

void warn_of_puk(const card::CreateOptions& options, const Listener& listener) {
    for (const auto& sentence : cli::weaknesses("PUK", options.profile, options.puk.view())) {
        listener.warning(sentence);
    }
    if (equal_secret(options.pin.view(), options.puk.view())) {
        listener.warning("PIN and PUK are the same: who finds out the one has the other");
    } else if (begins_with(options.puk.view(), options.pin.view()) &&
               options.profile == card::Profile::gids) {
        listener.warning("the PUK begins with the PIN: a program that sends the PUK where the PIN "
                         "belongs, as OpenSC's pkcs11-tool --unlock-pin, sets a PIN that nobody "
                         "knows");
    }
}

void warn_of_weak_values(const card::CreateOptions& options, const Listener& listener) {
    for (const auto& sentence : cli::weaknesses("PIN", options.profile, options.pin.view())) {
        listener.warning(sentence);
    }
    if (!options.puk.empty()) {
        warn_of_puk(options, listener);
    }
    const Bytes well_known = card::default_admin_key(options.admin_algorithm);
    if (equal_secret(options.admin_key.view(), well_known)) {
        listener.warning(cli::well_known_admin_key("the admin key", options.admin_resets_pin));
    }
    if (const auto complaint = cli::complaint_about_rules(options.pin_rules, options.profile)) {
        listener.warning(*complaint);
    }
}

/// Of who can set a new PIN.
void warn_of_parties(const card::CreateOptions& options, const Listener& listener) {
    if (!options.puk.empty() || !options.reset_authority.empty()) {
        return;
    }
    listener.warning(options.admin_resets_pin
                         ? "this card has no PUK: only the admin key's holder can reset the PIN"
                         : "nobody can reset the PIN of this card: who forgets or blocks it has to "
                           "destroy the card, and its keys with it");
}

std::vector<std::pair<card::ObjectTag, Bytes>> initial_objects(const card::Identity& identity,
                                                               bool blank) {
    if (identity.profile == card::Profile::piv) {
        return piv::initial_objects(identity);
    }
    return blank ? std::vector<std::pair<card::ObjectTag, Bytes>>()
                 : gids::initial_objects(identity);
}

void begin(Workplace& place, card::CreateOptions& options, const std::string& heading,
           const Listener& listener) {
    warn_of_parties(options, listener);
    warn_of_weak_values(options, listener);
    listener.progress(heading);
    if (place.settings.tpm_is_software()) {
        listener.warning(cli::software_tpm_warning);
    }
    options.progress = [&listener](const std::string& step) { listener.progress("  " + step); };
    cli::clear_leftovers(place.store, place.tpm, options.owner_auth.view(), listener.progress,
                         listener.detail);
}

std::string reader_of(const card::Identity& identity) {
    return cli::ReaderNames(cli::find_driver_entries()).reader_of(identity.slot);
}

[[noreturn]] void refuse(const std::string& sentence) {
    throw Failure(ExitCode::usage, sentence);
}

void require_gids(const card::CreateOptions& options) {
    if (options.admin_algorithm != card::AdminAlgorithm::tdes) {
        refuse("a GIDS card's admin key is a triple DES key: its hosts speak nothing else");
    }
    constexpr unsigned most_tries = 14; // 63CF means "unknown" there
    if (std::max(options.pin_tries, options.puk_tries) > most_tries) {
        refuse("a GIDS card can count at most 14 tries");
    }
    if (options.settable_tries) {
        refuse("settable tries are for PIV cards: GIDS has no command to set tries");
    }
}

/// Whoever personalises a blank card sets its PIN as who may reset it, and its admin key.
void require_personalisable(const card::CreateOptions& options, bool derived) {
    if (options.profile == card::Profile::piv) {
        refuse("a PIV card is always ready for use: only a GIDS card can be blank");
    }
    if (options.puk.empty() && !options.admin_resets_pin) {
        refuse("whoever personalises a blank card sets its PIN by the PUK or the admin key, and "
               "here neither of them could");
    }
    if (derived) {
        refuse("a blank card gets its admin key from whoever personalises it: it cannot be "
               "derived before that");
    }
}

void require_values(const card::CreateOptions& options, bool derived) {
    const auto require = [](const std::string& what, const std::optional<std::string>& complaint) {
        if (complaint) {
            refuse(what + ": " + *complaint);
        }
    };
    require("the PIN", cli::complaint_about_pin(card::PinKind::pin, options.profile,
                                                options.pin_rules, options.pin.view()));
    if (!options.puk.empty()) {
        require("the PUK", cli::complaint_about_pin(card::PinKind::puk, options.profile,
                                                    options.pin_rules, options.puk.view()));
    }
    if (!derived) {
        require("the admin key",
                cli::complaint_about_admin_key(options.admin_algorithm, options.admin_key.view()));
    }
}

} // namespace

void require_new_name(const card::Store& store, const std::string& name) {
    for (const auto& card : store.list()) {
        if (card.identity && card.identity->name == name) {
            throw Failure(ExitCode::failed, "there is a card named \"" + cli::printable(name) +
                                                "\" already: choose another name, or destroy it");
        }
    }
}

void require_room(const card::Store& store, const std::string& name) {
    require_new_name(store, name);
    if (!store.free_slot()) {
        throw Failure(ExitCode::failed,
                      "all " + std::to_string(card::max_slots) +
                          " slots have a card: destroy one that is no longer needed "
                          "(tpmvsc list shows them)");
    }
}

void require_possible(const card::CreateOptions& options, bool derived) {
    if (const auto complaint = cli::complaint_about_name(options.name)) {
        refuse(*complaint);
    }
    constexpr unsigned most_tries = 15;
    for (const unsigned tries : {options.pin_tries, options.puk_tries}) {
        if (tries < 1 || tries > most_tries) {
            refuse("a PIN or PUK has from 1 to 15 tries");
        }
    }
    if (options.profile == card::Profile::gids) {
        require_gids(options);
    }
    if (options.blank) {
        require_personalisable(options, derived);
    }
    if (options.anti_hammering == card::AntiHammering::lockout && options.settable_tries) {
        refuse(
            "in the TPM's lockout the tries are the TPM's: there are none that a card could set");
    }
    cli::require_keepable(options.pin_rules, options.profile, options.settable_tries);
    require_values(options, derived);
}

card::Identity make_card(Workplace& place, card::CreateOptions options, const std::string& owner,
                         const Complete& complete, const Listener& listener) {
    begin(place, options, "Making card \"" + cli::printable(options.name) + "\":", listener);
    cli::NewOwner rule(owner);
    const auto assign = [&](const card::Identity& identity, card::CreateOptions& made) {
        require_new_name(place.store, identity.name); // somebody else may have been faster
        complete(identity, made);
        rule.take(identity, reader_of(identity));
        made.objects = initial_objects(identity, made.blank);
    };
    card::Identity identity;
    cli::as_owner(
        [&] { identity = card::create(place.store, place.tpm, std::move(options), assign); });
    rule.keep();
    place.tpm.close();
    return identity;
}

card::Reissued remake_card(Workplace& place, const std::string& folder, card::CreateOptions options,
                           const std::string& owner, const Complete& complete,
                           const Listener& listener) {
    begin(place, options, "Making card \"" + cli::printable(options.name) + "\" anew:", listener);
    const auto old = card::IdentityFile::read(card::Folder(folder)).identity;
    // The former owner's rule is the slot's until the new card's takes its place, before that is
    // seen.
    cli::NewOwner rule(owner.empty() ? cli::owner_of(cli::read_owner_rules(), old.slot).value_or("")
                                     : owner);
    const auto assign = [&](const card::Identity& identity, card::CreateOptions& made) {
        complete(identity, made);
        rule.take(identity, reader_of(identity));
        made.objects = initial_objects(identity, made.blank);
    };
    card::Reissued made;
    cli::as_owner(
        [&] { made = card::reissue(place.store, place.tpm, folder, std::move(options), assign); });
    rule.keep();
    place.tpm.close();
    return made;
}

OldCard look_at_old_card(Workplace& place, const std::string& folder,
                         const card::Identity& identity) {
    OldCard old;
    try {
        const auto card = card::Card::open(folder, place.tpm);
        card::CreateOptions settings = card::settings_of(*card);
        settings.blank = card->is_blank();
        settings.admin_algorithm = card->admin_key().algorithm();
        if (settings.anti_hammering == card::AntiHammering::counter) {
            settings.pin_tries = card->tries(card::PinKind::pin).limit;
            settings.puk_tries = card->reset_parties().puk ? card->tries(card::PinKind::puk).limit
                                                           : settings.puk_tries;
        }
        old.parties = card->reset_parties();
        old.settings = std::move(settings);
    } catch (const std::exception& error) {
        old.unknown = error.what();
        old.parties.puk = true; // what create would make
    }
    old.settings.name = identity.name;
    old.settings.profile = identity.profile;
    place.tpm.close();
    return old;
}

} // namespace tpmvsc::library
