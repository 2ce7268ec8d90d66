// SPDX-License-Identifier: Apache-2.0
#include "card/pin_history.hpp"

#include "base/crypto.hpp"
#include "base/stretch.hpp"
#include "card/errors.hpp"
#include "card/record_fields.hpp"
#include "card/records.hpp"

#include <algorithm>

namespace tpmvsc::card {

namespace {

constexpr std::size_t list_key_bytes = 32;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t entry_bytes = 1 + crypto::sha256_bytes;
/// Far more than the longest history, for those that nobody has confirmed.
constexpr std::size_t most_entries = 64;
constexpr std::uint32_t most_parties = 8;
/// A tenth of a second or so for who guesses at a list that he may open.
constexpr unsigned iterations = 100'000;

[[noreturn]] void damaged() {
    throw StorageError(StorageError::Reason::damaged, std::string("the card's file \"") +
                                                          PinHistory::file +
                                                          "\" is missing or damaged");
}

} // namespace

std::vector<Bytes> PinHistory::parties_of(const PinRecord& pins, const tpm::Authority& authority) {
    std::vector<Bytes> names{pins.pin.name};
    if (pins.puk)
        names.push_back(pins.puk->name);
    if (pins.admin_resets_pin)
        names.push_back(authority.name);
    if (pins.grant)
        names.push_back(pins.grant->name);
    return names;
}

PinHistory::PinHistory(std::vector<Bytes> parties)
    : parties_(std::move(parties)), salt_(crypto::random_bytes(salt_bytes)) {}

PinHistory PinHistory::open(const SealedFiles& files, const tpm::Parent& parent,
                            const TpmRunner& run, const tpm::PolicyStep& step) {
    const auto record = parse_record(files, file);
    if (!record)
        damaged();
    const RecordFields fields(*record, file);
    const std::uint32_t count = fields.number("parties");
    if (count == 0 || count > most_parties)
        fields.complain("parties");
    PinHistory history({});
    for (std::uint32_t i = 0; i < count; ++i)
        history.parties_.push_back(fields.bytes("party_" + std::to_string(i)));
    history.seal_ = {fields.bytes("seal_public"), fields.bytes("seal_private")};
    run([&](tpm::Connection& connection) {
        history.key_ =
            tpm::unseal_as_party(connection, parent, history.seal_, history.parties_, step);
    });
    const auto list = crypto::gcm_open(history.key_.view(), as_bytes(file), fields.bytes("list"));
    if (!list || !history.read_list(list->view()))
        damaged();
    return history;
}

void PinHistory::settle(ByteView pin, unsigned count) {
    const Bytes wanted = digest(pin);
    const auto in_force = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return equal_secret(entry.digest, wanted);
    });
    if (in_force == entries_.end()) {
        entries_.insert(entries_.begin(), {true, wanted});
    } else {
        in_force->sure = true;
        entries_.erase(std::remove_if(entries_.begin(), in_force,
                                      [](const Entry& entry) { return !entry.sure; }),
                       in_force);
    }
    keep(count);
}

bool PinHistory::note(ByteView pin) {
    const Bytes wanted = digest(pin);
    const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return equal_secret(entry.digest, wanted);
    });
    if (same != entries_.end())
        return same == entries_.begin() && !same->sure;
    entries_.insert(entries_.begin(), {false, wanted});
    if (entries_.size() > most_entries) {
        const auto oldest_unsure = std::find_if(entries_.rbegin(), entries_.rend(),
                                                [](const Entry& entry) { return !entry.sure; });
        entries_.erase(std::next(oldest_unsure).base());
    }
    return true;
}

void PinHistory::confirm(unsigned count) {
    entries_.front().sure = true;
    keep(count);
}

void PinHistory::keep(unsigned count) {
    auto end = entries_.begin();
    for (unsigned kept = 0; end != entries_.end() && kept < count; ++end)
        kept += end->sure ? 1 : 0;
    entries_.erase(end, entries_.end());
}

void PinHistory::store(const SealedFiles& files, const tpm::Parent& parent, const TpmRunner& run) {
    key_ = SecretBytes(list_key_bytes);
    crypto::random_fill(key_.span());
    run([&](tpm::Connection& connection) {
        seal_ = tpm::seal_for_parties(connection, parent, key_.view(), parties_);
    });
    store_again(files);
}

void PinHistory::store_again(const SealedFiles& files) const {
    KeyValue record;
    record.set_number("parties", parties_.size());
    for (std::size_t i = 0; i < parties_.size(); ++i)
        record.set_bytes("party_" + std::to_string(i), parties_[i]);
    record.set_bytes("seal_public", seal_.public_area);
    record.set_bytes("seal_private", seal_.private_area);
    record.set_bytes("list", crypto::gcm_seal(key_.view(), as_bytes(file), list().view()));
    write_record(files, file, record);
}

Bytes PinHistory::digest(ByteView pin) const {
    return crypto::stretch(pin, salt_, iterations);
}

/// The salt, then for each entry 01 or 00 and the digest.
SecretBytes PinHistory::list() const {
    Bytes text = salt_;
    for (const Entry& entry : entries_) {
        text.push_back(entry.sure ? 1 : 0);
        append(text, entry.digest);
    }
    return SecretBytes(text);
}

bool PinHistory::read_list(ByteView list) {
    if (list.size() < salt_bytes || (list.size() - salt_bytes) % entry_bytes != 0)
        return false;
    salt_ = to_bytes(list.first(salt_bytes));
    for (list = list.subspan(salt_bytes); !list.empty(); list = list.subspan(entry_bytes))
        entries_.push_back({list.front() != 0, to_bytes(list.subspan(1, crypto::sha256_bytes))});
    return true;
}

} // namespace tpmvsc::card
