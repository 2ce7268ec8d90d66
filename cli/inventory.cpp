// SPDX-License-Identifier: Apache-2.0
#include "cli/inventory.hpp"

#include "cli/card_report.hpp"
#include "cli/output.hpp"
#include "cli/pcsc.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

/// A shorter beginning of an id is too easily that of another card.
constexpr std::size_t min_id_digits = 8;

constexpr const char* no_folder =
    "its folder is not here: pcscd has other settings than this command (tpmvsc.conf)";

/// True where this process may look into the folder of the cards, or there is none to look into.
bool may_see(const Settings& settings) {
    const std::string folder = settings.cards_dir();
    std::error_code error;
    const bool there = std::filesystem::exists(folder, error);
    return !error && (!there || ::access(folder.c_str(), R_OK | X_OK) == 0);
}

std::vector<KnownCard> cards_from_folders(const Settings& settings, const ReaderNames& names) {
    std::vector<KnownCard> cards;
    for (auto& stored : card::Store(settings.cards_dir()).list()) {
        KnownCard card;
        card.folder = stored.folder;
        card.problem = stored.problem;
        if (stored.identity) {
            card.reader = names.reader_of(stored.identity->slot);
        }
        card.identity = std::move(stored.identity);
        cards.push_back(std::move(card));
    }
    return cards;
}

void match_reader(KnownCard& card, const std::vector<pcsc::ReaderState>& readers,
                  const ReaderNames& names) {
    if (!card.identity) {
        return;
    }
    const auto reader = std::find_if(readers.begin(), readers.end(), [&](const auto& candidate) {
        return names.slot_of(candidate.name) == card.identity->slot;
    });
    if (reader == readers.end()) {
        card.problem = "pcscd has no reader for it: restart pcscd (systemctl restart pcscd)";
        return;
    }
    card.reader = reader->name;
    card.inserted = reader->card_present;
    if (!card.inserted && card.problem.empty()) {
        card.problem =
            "its reader is empty: pcscd's log (journalctl -u pcscd) or \"tpmvsc doctor\" "
            "says why";
    }
}

void ask_identity(KnownCard& card, const pcsc::Context& context) {
    try {
        card.identity = ask_card(context, card.reader).identity;
    } catch (const std::exception& error) {
        card.problem = error.what();
    }
}

/// Puts in what a reader told: to the folder of the same card, whose identity may be damaged by
/// now, or as a card that only root sees the folder of.
void merge(std::vector<KnownCard>& cards, KnownCard from_reader) {
    const auto same = std::find_if(cards.begin(), cards.end(), [&from_reader](const auto& card) {
        return from_reader.identity && card.id() == from_reader.id();
    });
    if (same == cards.end()) {
        cards.push_back(std::move(from_reader));
    } else {
        same->reader = from_reader.reader;
        same->inserted = true;
    }
}

bool is_known(const std::vector<KnownCard>& cards, const std::string& reader) {
    return std::any_of(cards.begin(), cards.end(),
                       [&reader](const auto& card) { return card.reader == reader; });
}

/// Looks at the readers that no folder told of.
void add_unseen_cards(Inventory& inventory, const pcsc::Context& context,
                      const std::vector<pcsc::ReaderState>& readers, const ReaderNames& names,
                      Unseen unseen) {
    // One that is not asked may be the very one whose folder cannot be read.
    const bool damaged = std::any_of(inventory.cards.begin(), inventory.cards.end(),
                                     [](const auto& card) { return !card.identity; });
    for (const auto& reader : readers) {
        KnownCard card;
        card.reader = reader.name;
        card.reader_slot = names.slot_of(reader.name);
        card.atr_profile = profile_of(reader.atr);
        card.inserted = true;
        if (!reader.card_present || !card.reader_slot || is_known(inventory.cards, reader.name)) {
            continue;
        }
        if (unseen == Unseen::asked) {
            ask_identity(card, context);
            merge(inventory.cards, std::move(card));
        } else if (!damaged) {
            if (inventory.folders_seen) {
                card.problem = no_folder;
            }
            inventory.cards.push_back(std::move(card));
        }
    }
}

std::optional<std::uint64_t> parse_number(const std::string& text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc() || stop != end) {
        return std::nullopt;
    }
    return number;
}

bool is_meant(const KnownCard& card, const std::string& text) {
    std::string lower = text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower.size() >= min_id_digits && card.id().starts_with(lower)) {
        return true;
    }
    const auto number = parse_number(text);
    if (number && card.slot() == *number) {
        return true;
    }
    return card.identity &&
           (card.identity->name == text || (number && *number == card.identity->serial));
}

} // namespace

std::string KnownCard::id() const {
    return identity ? to_hex(identity->id) : std::filesystem::path(folder).filename().string();
}

card::Identity KnownCard::identity_for_record() const {
    card::Identity record = identity.value_or(card::Identity());
    record.id = from_hex(id()).value_or(Bytes());
    return record;
}

std::string KnownCard::title() const {
    if (!identity) {
        return folder.empty() ? "the card in reader \"" + reader + "\"" : "the card in " + folder;
    }
    return "card \"" + printable(identity->name) + "\" (serial " +
           std::to_string(identity->serial) + ", slot " + std::to_string(identity->slot) + ")";
}

Inventory take_inventory(const Settings& settings, Unseen unseen) {
    const ReaderNames names(find_driver_entries());
    Inventory inventory;
    inventory.folders_seen = may_see(settings);
    if (inventory.folders_seen) {
        inventory.cards = cards_from_folders(settings, names);
    }
    try {
        const pcsc::Context context;
        const auto readers = context.readers();
        for (KnownCard& card : inventory.cards) {
            match_reader(card, readers, names);
        }
        add_unseen_cards(inventory, context, readers, names, unseen);
    } catch (const pcsc::Error& error) {
        inventory.no_readers = error.what();
        inventory.no_readers_code = error.exit_code();
    }
    return inventory;
}

const char* profile_name(card::Profile profile) {
    return profile == card::Profile::gids ? "gids" : "piv";
}

const KnownCard& find_card(const Inventory& inventory, const std::string& text) {
    if (inventory.sees_nothing()) {
        throw inventory.without_readers();
    }
    const KnownCard* found = nullptr;
    for (const KnownCard& card : inventory.cards) {
        if (!is_meant(card, text)) {
            continue;
        }
        if (found != nullptr) {
            throw Failure(ExitCode::usage, "\"" + printable(text) + "\" could mean " +
                                               found->title() + " or " + card.title() +
                                               ": say its serial number or id (tpmvsc list)");
        }
        found = &card;
    }
    if (found == nullptr) {
        throw Failure(ExitCode::failed,
                      "there is no card \"" + printable(text) + "\" (tpmvsc list shows all)");
    }
    return *found;
}

} // namespace tpmvsc::cli
