// SPDX-License-Identifier: Apache-2.0
#include "cli/journal.hpp"
#include "cli/machine.hpp"
#include "cli/owner_rule.hpp"
#include "library/handle.hpp"
#include "library/options.hpp"
#include "library/unmake_card.hpp"
#include "tpm/capabilities.hpp"

#include <memory>

using namespace tpmvsc;
using namespace tpmvsc::library;

struct tpmvsc_list {
    std::vector<tpmvsc_card> cards;
};

tpmvsc_card::tpmvsc_card(cli::KnownCard from) : known(std::move(from)), id(known.id()) {}

namespace {

/// The journal's entry for what a program had done.
void record(const char* action, const card::Identity& identity, const std::string& sentence,
            const cli::Json& details) {
    cli::Output output;
    output.program = "libtpmvsc";
    output.command = action;
    cli::record_change(output, identity, sentence, details);
}

/// recorded does so once the thing is done, which no lack of memory makes undone.
template<typename Work>
void recorded(Work work) noexcept {
    try {
        work();
    } catch (const std::exception&) {
        // Nothing else depends on the record.
    }
}

/// Tells the caller's completion, and takes what is known of the card before it is there, so that
/// nothing can fail afterwards.
Complete completion_into(tpmvsc_card& made, const tpmvsc_options& options) {
    return [&made, complete = completion_of(options)](const card::Identity& identity,
                                                      card::CreateOptions& card) {
        complete(identity, card);
        cli::KnownCard known;
        known.identity = identity;
        known.reader = cli::ReaderNames(cli::find_driver_entries()).reader_of(identity.slot);
        made = tpmvsc_card(std::move(known));
    };
}

const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

void create(const tpmvsc_handle& handle, const tpmvsc_options& options, tpmvsc_card** made) {
    Workplace place(settings_of(handle));
    const Listener listener = listener_of(handle);
    card::CreateOptions card = finished(options);
    if (!options.owner.empty()) {
        cli::require_owner_rules(options.owner);
    }
    cli::require_writable_state(place.settings);
    cli::require_tpm(place.settings, place.tpm);
    const tpm::TpmFacts facts = tpm::read_facts(place.tpm);
    card.anti_hammering = cli::choose_anti_hammering(wish_of(options), facts, listener.warning);
    if (facts.owner_auth_set && card.owner_auth.empty()) {
        throw cli::Failure(cli::ExitCode::not_authorised,
                           "the TPM's owner has set a password, which is needed here");
    }
    require_room(place.store, card.name);
    auto known = std::make_unique<tpmvsc_card>(cli::KnownCard());
    const card::Identity identity = make_card(place, std::move(card), options.owner,
                                              completion_into(*known, options), listener);
    recorded([&] {
        record("create", identity,
               "A program made the card \"" + cli::printable(identity.name) + "\": serial " +
                   std::to_string(identity.serial) + ", slot " + std::to_string(identity.slot) +
                   ".",
               options.owner.empty() ? cli::Json() : cli::Json{{"owner", options.owner}});
    });
    if (made != nullptr) {
        *made = known.release();
    }
}

void destroy(const tpmvsc_handle& handle, const std::string& text, ByteView owner_auth,
             int* nothing_left) {
    Workplace place(settings_of(handle));
    const Listener listener = listener_of(handle);
    cli::require_writable_state(place.settings);
    const cli::KnownCard known =
        cli::find_card(cli::take_inventory(place.settings, cli::Unseen::left_unasked), text);
    if (known.folder.empty()) {
        throw cli::Failure(cli::ExitCode::failed,
                           known.title() + " is not in " + place.settings.cards_dir());
    }
    const cli::TpmAccess access = cli::look_for_tpm(place.settings, place.tpm);
    const bool answers = access.state == cli::TpmAccess::State::open;
    if (!answers) {
        listener.detail(access.sentence);
    }
    const Destroyed done = destroy_card(place, known.folder, owner_auth, answers, listener);
    for (const std::string& sentence : done.remains) {
        listener.warning(sentence);
    }
    recorded([&] {
        record("destroy", known.identity_for_record(), "A program destroyed " + known.title() + ".",
               {});
    });
    if (nothing_left != nullptr) {
        *nothing_left = library::nothing_left(done.traces) ? 1 : 0;
    }
}

} // namespace

const char* tpmvsc_card_text(const tpmvsc_card* card, tpmvsc_card_text_key key) {
    if (card == nullptr) {
        return nullptr;
    }
    const auto& known = card->known;
    const auto profile = known.profile();
    switch (key) {
    case TPMVSC_CARD_NAME:
        return known.identity ? known.identity->name.c_str() : nullptr;
    case TPMVSC_CARD_ID:
        return or_null(card->id);
    case TPMVSC_CARD_PROFILE:
        return profile ? cli::profile_name(*profile) : nullptr;
    case TPMVSC_CARD_READER:
        return or_null(known.reader);
    case TPMVSC_CARD_CREATED:
        return known.identity ? known.identity->created.c_str() : nullptr;
    case TPMVSC_CARD_PROBLEM:
        return known.problem.c_str();
    }
    return nullptr;
}

int tpmvsc_card_number(const tpmvsc_card* card, tpmvsc_card_number_key key, unsigned long* number) {
    if (card == nullptr || number == nullptr) {
        return 0;
    }
    const auto slot = card->known.slot();
    switch (key) {
    case TPMVSC_CARD_SERIAL:
        *number = card->known.identity ? card->known.identity->serial : 0;
        return card->known.identity ? 1 : 0;
    case TPMVSC_CARD_SLOT:
        *number = slot.value_or(0);
        return slot ? 1 : 0;
    case TPMVSC_CARD_INSERTED:
        *number = card->known.inserted ? 1 : 0;
        return 1;
    }
    return 0;
}

tpmvsc_status tpmvsc_list_cards(tpmvsc_handle* handle, tpmvsc_list** list) {
    return guarded(handle, [&] {
        if (list == nullptr) {
            throw cli::Failure(cli::ExitCode::usage, "there is no place for the list");
        }
        *list = nullptr;
        auto inventory = cli::take_inventory(settings_of(*handle), cli::Unseen::left_unasked);
        if (!inventory.no_readers.empty()) {
            if (!inventory.folders_seen) {
                throw inventory.without_readers();
            }
            listener_of(*handle).warning(inventory.no_readers);
        }
        auto made = std::make_unique<tpmvsc_list>();
        for (auto& card : inventory.cards) {
            made->cards.emplace_back(std::move(card));
        }
        *list = made.release();
    });
}

size_t tpmvsc_list_size(const tpmvsc_list* list) {
    return list == nullptr ? 0 : list->cards.size();
}

const tpmvsc_card* tpmvsc_list_card(const tpmvsc_list* list, size_t position) {
    return position < tpmvsc_list_size(list) ? &list->cards[position] : nullptr;
}

void tpmvsc_list_free(tpmvsc_list* list) {
    delete list;
}

void tpmvsc_card_free(tpmvsc_card* card) {
    delete card;
}

tpmvsc_status tpmvsc_create(tpmvsc_handle* handle, const tpmvsc_options* options,
                            tpmvsc_card** made) {
    if (made != nullptr) {
        *made = nullptr;
    }
    return guarded(handle, [&] {
        if (options == nullptr) {
            throw cli::Failure(cli::ExitCode::usage, "there are no options");
        }
        create(*handle, *options, made);
    });
}

tpmvsc_status tpmvsc_destroy(tpmvsc_handle* handle, const char* card, const void* owner_auth,
                             size_t size, int* nothing_left) {
    return guarded(handle, [&] {
        destroy(*handle, text_of(card, "the card"), view_of(owner_auth, size, "the password"),
                nothing_left);
    });
}
