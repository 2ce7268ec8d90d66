// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/traces_text.hpp"

#include "cli/commands/slot.hpp"

#include <array>
#include <cstdio>
#include <filesystem>

namespace tpmvsc::cli {
namespace {

using Presence = card::IndexState::Presence;

std::string handle_text(std::uint32_t handle) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%08x", handle);
    return text.data();
}

const char* presence_name(const library::Traces& traces, Presence presence) {
    if (!traces.indices_known) {
        return "unknown";
    }
    switch (presence) {
    case Presence::undefined:
        return "undefined";
    case Presence::of_somebody_else:
        return "undefined, and the handle is another's by now";
    case Presence::there:
        break;
    }
    return "still there";
}

bool folder_gone(const library::Traces& traces) {
    std::error_code error;
    return !std::filesystem::exists(traces.folder, error) && !error;
}

/// What somebody can do with a copy of the folder that he took before.
std::string copies_text(const library::Traces& traces) {
    std::string text = "Nothing was overwritten on the disk, for that would promise more than it "
                       "keeps: what a copy or an old block of the folder holds, only this TPM "
                       "opens. ";
    if (library::nothing_left(traces)) {
        text += "Keys that want the PIN work from no copy any more, since nobody can make the "
                "PIN's index again.";
    }
    if (!traces.keys_known) {
        return text + " Whether the card had keys without PIN, which a copy goes on using in this "
                      "TPM until it is cleared, could not be seen.";
    }
    if (traces.keys_without_pin.empty()) {
        return text;
    }
    std::string slots;
    for (const card::KeySlot slot : traces.keys_without_pin) {
        slots += (slots.empty() ? "" : ", ") + slot_text(slot);
    }
    return text + " The key without PIN (" + slots +
           ") a copy goes on using in this TPM, until the TPM is cleared: revoke its certificate.";
}

} // namespace

std::string traces_text(const library::Traces& traces) {
    if (!traces.indices_known) {
        return "What is left in the TPM could not be seen.\n" + copies_text(traces);
    }
    std::string indices;
    for (const auto& index : traces.indices) {
        indices += (indices.empty() ? "" : ", ") + index.role + " " + handle_text(index.handle) +
                   " " + presence_name(traces, index.presence);
    }
    return "Read back from the TPM: " + indices + ". Its folder is " +
           (folder_gone(traces) ? "gone.\n" : "still there.\n") + copies_text(traces);
}

Json traces_json(const library::Traces& traces) {
    Json indices = Json::array();
    for (const auto& index : traces.indices) {
        indices.push_back({{"role", index.role},
                           {"handle", handle_text(index.handle)},
                           {"state", presence_name(traces, index.presence)}});
    }
    Json slots = Json::array();
    for (const card::KeySlot slot : traces.keys_without_pin) {
        slots.push_back(to_hex(Bytes{slot}));
    }
    return {{"nothing_left", library::nothing_left(traces)},
            {"indices", indices},
            {"folder_gone", folder_gone(traces)},
            {"overwritten", false},
            {"copies_usable_for", traces.keys_known ? slots : Json(nullptr)}};
}

} // namespace tpmvsc::cli
