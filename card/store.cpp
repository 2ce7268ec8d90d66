// SPDX-License-Identifier: Apache-2.0
#include "card/store.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "card/errors.hpp"
#include "card/file_system.hpp"
#include "card/identity_file.hpp"
#include "card/replaced.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <sys/file.h>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace tpmvsc::card {

using file_system::ActAsOwner;
using file_system::Directory;
using file_system::is_directory;
using file_system::throw_storage_error;

namespace {

// Only folders of these names are swept up; what else begins with a dot is somebody else's.
constexpr std::string_view creating_prefix = ".new-";
constexpr std::string_view destroying_prefix = ".old-";

bool begins_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool is_hidden_card(std::string_view name) {
    return begins_with(name, creating_prefix) || begins_with(name, destroying_prefix);
}

bool is_card_folder_name(const std::string& name) {
    const auto id = from_hex(name);
    return id && id->size() == 16 && to_hex(*id) == name;
}

/// The last part of `path`, which must be directly in `cards_dir`.
std::string name_in(const std::string& cards_dir, const std::string& path) {
    const std::string prefix = cards_dir + "/";
    std::string name = begins_with(path, prefix) ? path.substr(prefix.size()) : std::string();
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
        throw std::invalid_argument(path + " is not a folder in " + cards_dir);
    return name;
}

/// False when the disk does not confirm what everybody sees already.
bool is_confirmed(const Directory& directory) {
    try {
        directory.sync();
        return true;
    } catch (const StorageError& error) {
        log(LogLevel::error, "A card has been made, reset or destroyed, yet a power cut may take "
                             "that back: " +
                                 std::string(error.what()));
        return false;
    }
}

bool rename_durably(const std::string& cards_dir, const std::string& from, const std::string& to,
                    unsigned flags = 0) {
    const ActAsOwner owner(cards_dir);
    const Directory directory(cards_dir);
    if (::renameat2(directory.fd(), from.c_str(), directory.fd(), to.c_str(), flags) != 0)
        throw_storage_error(errno, cards_dir + "/" + from, "renamed");
    return is_confirmed(directory);
}

void remove_all(const std::string& path) {
    const ActAsOwner owner(path);
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error)
        throw_storage_error(error.value(), path, "removed");
}

/// Orders by slot, then by who was there first; cards of unknown slot come last.
bool comes_before(const StoredCard& a, const StoredCard& b) {
    if (!a.identity || !b.identity)
        return a.identity ? true : b.identity ? false : a.folder < b.folder;
    const auto key = [](const StoredCard& card) {
        const Identity& identity = *card.identity;
        return std::tie(identity.slot, identity.created, identity.id, card.folder);
    };
    return key(a) < key(b);
}

/// Of two cards in one slot the later gets a problem. `cards` are in order.
void mark_slot_conflicts(std::vector<StoredCard>& cards) {
    std::array<const StoredCard*, max_slots> holders{};
    for (StoredCard& card : cards) {
        if (!card.identity || !card.problem.empty())
            continue;
        const StoredCard*& holder = holders.at(card.identity->slot);
        if (holder == nullptr)
            holder = &card;
        else
            card.problem = card.folder + " claims slot " + std::to_string(card.identity->slot) +
                           ", which " + holder->folder +
                           " has had for longer. Destroy one of the two cards.";
    }
}

/// A card, and the id of the one whose place it has taken.
struct SeenCard {
    StoredCard card;
    Bytes replaces;
};

/// Looks at one entry of the cards folder; nothing when it has nothing to do with cards.
std::optional<SeenCard> look_at(const std::string& cards_dir, const std::string& name) {
    if (name.front() == '.')
        return std::nullopt;
    SeenCard seen;
    StoredCard& card = seen.card;
    card.folder = cards_dir + "/" + name;
    const bool named_as_card = is_card_folder_name(name);
    if (!is_directory(card.folder)) {
        if (!named_as_card)
            return std::nullopt;
        card.problem = card.folder + " has the name of a card but is no folder. Remove it.";
        return seen;
    }
    try {
        // A folder of another name is a card only if it has an identity: see lost+found.
        const Folder folder(card.folder);
        if (!named_as_card && !folder.read(IdentityFile::name))
            return std::nullopt;
        IdentityFile file = IdentityFile::read(folder);
        card.identity = std::move(file.identity);
        seen.replaces = std::move(file.replaces);
        if (to_hex(card.identity->id) != name)
            card.problem = card.folder + " holds the card " + to_hex(card.identity->id) +
                           ": it was copied or renamed. Give it that name, or remove the copy.";
    } catch (const StorageError& error) {
        card.problem = error.what();
    }
    return seen;
}

/// Replaced ones among them.
std::vector<SeenCard> look_at_all(const std::string& cards_dir) {
    std::vector<SeenCard> cards;
    if (::access(cards_dir.c_str(), F_OK) != 0 && errno == ENOENT)
        return cards;
    for (const std::string& name : Directory(cards_dir).entries())
        if (auto card = look_at(cards_dir, name))
            cards.push_back(*std::move(card));
    return cards;
}

/// True when one of `cards` has taken the place of the one in `folder`.
bool is_replaced(const std::string& folder, const std::vector<SeenCard>& cards) {
    const std::string id = folder.substr(folder.rfind('/') + 1);
    return std::any_of(cards.begin(), cards.end(), [&id](const SeenCard& seen) {
        return !seen.replaces.empty() && seen.card.problem.empty() && to_hex(seen.replaces) == id;
    });
}

std::vector<std::string> replaced_folders(const std::string& cards_dir) {
    std::vector<std::string> folders;
    const std::vector<SeenCard> all = look_at_all(cards_dir);
    for (const SeenCard& seen : all)
        if (is_replaced(seen.card.folder, all))
            folders.push_back(seen.card.folder);
    return folders;
}

} // namespace

std::vector<StoredCard> Store::list() const {
    std::vector<StoredCard> cards;
    const std::vector<SeenCard> all = look_at_all(cards_dir_);
    for (const SeenCard& seen : all)
        if (!is_replaced(seen.card.folder, all))
            cards.push_back(seen.card);
    std::sort(cards.begin(), cards.end(), comes_before);
    mark_slot_conflicts(cards);
    return cards;
}

std::optional<unsigned> Store::free_slot() const {
    std::array<bool, max_slots> taken{};
    // A card with a problem keeps its slot: the problem may be solved tomorrow.
    for (const StoredCard& card : list())
        if (card.identity)
            taken.at(card.identity->slot) = true;
    const auto free = std::find(taken.begin(), taken.end(), false);
    if (free == taken.end())
        return std::nullopt;
    return static_cast<unsigned>(free - taken.begin());
}

Store::Lock::Lock(const Store& store) : fd_(-1) {
    Folder(store.path()).create();
    fd_ = ::open(store.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd_ < 0)
        throw_storage_error(errno, store.path(), "opened");
    int result = 0;
    do {
        result = ::flock(fd_, LOCK_EX);
    } while (result != 0 && errno == EINTR);
    if (result == 0)
        return;
    const int error = errno;
    ::close(fd_);
    throw_storage_error(error, store.path(), "locked");
}

Store::Lock::~Lock() {
    ::close(fd_);
}

Folder Store::begin_create(const Identity& identity) const {
    const Folder folder(cards_dir_ + "/" + std::string(creating_prefix) + to_hex(identity.id));
    // Left over from another try it would bring that one's files along.
    if (folder.exists())
        throw std::runtime_error(folder.path() + " exists already");
    folder.create();
    return folder;
}

std::string Store::commit_create(const Folder& folder, const Identity& identity) const {
    const std::string hidden = name_in(cards_dir_, folder.path());
    if (!begins_with(hidden, creating_prefix))
        throw std::invalid_argument(folder.path() + " is not a card under construction");
    const std::string name = to_hex(identity.id);
    rename_durably(cards_dir_, hidden, name);
    return cards_dir_ + "/" + name;
}

bool Store::exchange(const Folder& finished, const std::string& folder) const {
    return rename_durably(cards_dir_, name_in(cards_dir_, finished.path()),
                          name_in(cards_dir_, folder), RENAME_EXCHANGE);
}

Folder Store::begin_destroy(const std::string& folder) const {
    const std::string name = name_in(cards_dir_, folder);
    // A leftover of the same card (brought back from a backup in between) must not be in the way.
    const std::string hidden =
        std::string(destroying_prefix) + name + "-" + to_hex(crypto::random_bytes(4));
    rename_durably(cards_dir_, name, hidden);
    return Folder(cards_dir_ + "/" + hidden);
}

void bury_replaced(const Store& store) {
    for (const std::string& folder : replaced_folders(store.path())) {
        store.sync();
        store.begin_destroy(folder);
    }
}

void Store::undo_destroy(const Folder& hidden, const std::string& folder) const {
    rename_durably(cards_dir_, name_in(cards_dir_, hidden.path()), name_in(cards_dir_, folder));
}

void Store::strip(const Folder& hidden, const std::string& kept) const {
    require_hidden(hidden);
    for (const std::string& name : Directory(hidden.path()).entries())
        if (name != kept)
            remove_all(hidden.path() + "/" + name);
    is_confirmed(Directory(hidden.path()));
}

void Store::erase(const Folder& hidden) const {
    require_hidden(hidden);
    remove_all(hidden.path());
    is_confirmed(Directory(cards_dir_)); // what comes back is swept up again
}

void Store::require_hidden(const Folder& folder) const {
    if (!is_hidden_card(name_in(cards_dir_, folder.path())))
        throw std::invalid_argument(folder.path() + " is not hidden, so it is not erased");
}

void Store::sync() const {
    Directory(cards_dir_).sync();
}

std::vector<Folder> Store::leftovers() const {
    std::vector<Folder> folders;
    if (::access(cards_dir_.c_str(), F_OK) != 0 && errno == ENOENT)
        return folders;
    for (const std::string& name : Directory(cards_dir_).entries()) {
        const std::string path = cards_dir_ + "/" + name;
        if (is_hidden_card(name) && is_directory(path))
            folders.emplace_back(path);
    }
    for (const std::string& folder : replaced_folders(cards_dir_))
        folders.emplace_back(folder);
    return folders;
}

} // namespace tpmvsc::card
