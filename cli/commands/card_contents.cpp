// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/card_contents.hpp"

#include "card/card.hpp"
#include "cli/card_report.hpp"
#include "cli/commands/card_in_use.hpp"
#include "cli/x509/certificate_in.hpp"
#include "cli/x509/certificate_object.hpp"
#include "tpm/tpm.hpp"

#include <algorithm>
#include <set>

namespace tpmvsc::cli {
namespace {

void read_folder(CardContents& contents, card::Card& card) {
    contents.profile = card.identity().profile;
    for (const card::KeySlot slot : card.key_slots()) {
        if (auto key = card.key(slot)) {
            contents.keys.push_back({slot, std::move(*key)});
        }
    }
    for (const card::ObjectTag tag : card.object_tags()) {
        const auto object = card.read_object(tag, card::ReadAccess::always);
        if (!object) {
            continue; // for who gives the PIN: no certificate
        }
        auto certificate = contents.profile == card::Profile::piv
                               ? x509::certificate_in(*object)
                               : x509::certificate_in_gids(*object);
        if (certificate) {
            contents.certificates.push_back(std::move(*certificate));
        }
    }
}

/// Where a certificate may be, with or without a key.
std::set<card::KeySlot> certificate_slots(const ChosenCard& card, const client::KeyCard& keys) {
    std::set<card::KeySlot> slots;
    for (const admin::KeyStatus& key : card.status.keys) {
        slots.insert(key.slot);
    }
    for (const card::KeySlot slot : keys.labelled_slots()) {
        slots.insert(slot);
    }
    if (card.status.identity.profile == card::Profile::piv) {
        for (const piv::KeyReference& reference : piv::key_references()) {
            slots.insert(reference.slot);
        }
    }
    return slots;
}

void read_card(CardContents& contents, const ChosenCard& card) {
    contents.profile = card.status.identity.profile;
    CardInUse in_use(card);
    client::KeyCard& keys = in_use.keys();
    for (const admin::KeyStatus& key : card.status.keys) {
        if (auto public_key = keys.public_key(key.slot)) {
            contents.keys.push_back(
                {key.slot, {key.algorithm, key.pin_policy, key.origin, std::move(*public_key)}});
        }
    }
    for (const card::KeySlot slot : certificate_slots(card, keys)) {
        if (auto certificate = x509::read_certificate(keys, slot)) {
            contents.certificates.push_back(std::move(*certificate));
        }
    }
}

} // namespace

const CardContents::Key* CardContents::key_of(const x509::Certificate& certificate) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) {
        return certificate.is_for(key.info.public_key);
    });
    return found == keys.end() ? nullptr : &*found;
}

bool CardContents::has_certificate(const Key& key) const {
    return std::any_of(certificates.begin(), certificates.end(), [&](const auto& certificate) {
        return certificate.is_for(key.info.public_key);
    });
}

CardContents contents_of_folder(const std::string& folder, tpm::Tpm& tpm) {
    CardContents contents;
    try {
        read_folder(contents, *card::Card::open(folder, tpm));
    } catch (const std::exception& error) {
        contents.problem = error.what();
    }
    tpm.close();
    return contents;
}

CardContents contents_in_reader(const std::string& reader) {
    CardContents contents;
    try {
        const pcsc::Context context;
        read_card(contents, {reader, ask_card(context, reader)});
    } catch (const std::exception& error) {
        contents.problem = error.what();
    }
    return contents;
}

} // namespace tpmvsc::cli
