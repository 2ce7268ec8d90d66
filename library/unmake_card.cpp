// SPDX-License-Identifier: Apache-2.0
#include "library/unmake_card.hpp"

#include "card/card.hpp"
#include "card/errors.hpp"
#include "card/indices_file.hpp"
#include "cli/leftovers.hpp"
#include "cli/owner_auth.hpp"
#include "cli/owner_rule.hpp"

#include <algorithm>
#include <filesystem>

namespace tpmvsc::library {
namespace {

using Presence = card::IndexState::Presence;

void look_for_keys(Workplace& place, Traces& traces) {
    try {
        const auto card = card::Card::open(traces.folder, place.tpm);
        for (const card::KeySlot slot : card->key_slots()) {
            const auto key = card->key(slot);
            if (key && key->pin_policy == card::PinPolicy::never) {
                traces.keys_without_pin.push_back(slot);
            }
        }
    } catch (const std::exception&) {
        traces.keys_known = false; // it may be destroyed all the same: that is often why it is
    }
}

} // namespace

Traces look_for_traces(Workplace& place, const std::string& folder) {
    Traces traces;
    traces.folder = folder;
    try {
        for (const auto& entry : card::IndicesFile::read(card::Folder(folder)).entries) {
            traces.indices.push_back({entry.role, entry.handle, entry.name, Presence::there});
        }
        traces.indices_known = !traces.indices.empty();
    } catch (const std::exception&) {
        traces.indices_known = false;
    }
    look_for_keys(place, traces);
    place.tpm.close();
    return traces;
}

void look_again(Workplace& place, Traces& traces) {
    try {
        card::look_for_indices(place.tpm, traces.indices);
    } catch (const std::exception&) {
        traces.indices_known = false;
    }
    place.tpm.close();
}

bool nothing_left(const Traces& traces) {
    const bool any =
        std::any_of(traces.indices.begin(), traces.indices.end(),
                    [](const auto& index) { return index.presence == Presence::there; });
    std::error_code error;
    return traces.indices_known && !any && !std::filesystem::exists(traces.folder, error) && !error;
}

Destroyed destroy_card(Workplace& place, const std::string& folder, ByteView owner_auth,
                       bool tpm_answers, const Listener& listener) {
    Destroyed done;
    done.traces = look_for_traces(place, folder);
    cli::as_owner(
        [&] { done.remains = card::destroy(place.store, place.tpm, folder, owner_auth); });
    try {
        cli::remove_owner_rule(std::filesystem::path(folder).filename().string());
    } catch (const std::exception& error) { // the card is gone all the same
        done.remains.push_back(std::string("polkit's rule for the card's owner: ") + error.what());
    }
    if (tpm_answers) {
        cli::clear_leftovers(place.store, place.tpm, owner_auth, listener.progress,
                             listener.detail);
        look_again(place, done.traces);
    } else {
        done.traces.indices_known = false;
    }
    place.tpm.close(); // pcscd's turn
    return done;
}

} // namespace tpmvsc::library
