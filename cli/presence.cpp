// SPDX-License-Identifier: Apache-2.0
#include "cli/presence.hpp"

#include "cli/pcsc.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace tpmvsc::cli {
namespace {

using Seen = Presence::Seen;
using Clock = std::chrono::steady_clock;

Presence look(const std::vector<pcsc::ReaderState>& readers, const ReaderNames& names,
              unsigned slot, bool want_card) {
    bool loaded = false;
    for (const auto& reader : readers) {
        const auto its_slot = names.slot_of(reader.name);
        loaded = loaded || its_slot.has_value();
        if (its_slot == slot) {
            const bool fits = reader.card_present == want_card;
            return {fits ? Seen::as_wanted : Seen::not_yet, reader.name, ""};
        }
    }
    return {loaded ? Seen::no_reader : Seen::not_loaded, names.reader_of(slot), ""};
}

std::string advice_for(Seen seen) {
    switch (seen) {
    case Seen::as_wanted:
        return "";
    case Seen::no_service:
        return "pcscd is not running: start it with \"systemctl enable --now pcscd.socket\"";
    case Seen::not_loaded:
        return "pcscd runs without the tpmvsc driver: restart it with \"systemctl restart pcscd\"; "
               "if "
               "that does not help, see \"tpmvsc doctor\"";
    case Seen::no_reader:
        return "pcscd has no empty slot left for it: restart it with \"systemctl restart pcscd\"";
    case Seen::not_yet:
        return "the driver has not shown the card in time: see \"tpmvsc doctor\" and pcscd's log "
               "(journalctl -u pcscd)";
    }
    return "";
}

Presence wait_for(const ReaderNames& names, unsigned slot, bool want_card,
                  std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    Presence presence{Seen::no_service, names.reader_of(slot), ""};
    try {
        const pcsc::Context context;
        for (;;) {
            const auto readers = context.readers();
            presence = look(readers, names, slot, want_card);
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
            // pcscd adds no reader of a driver while it runs: waiting for one is in vain.
            if (presence.seen != Seen::not_yet || left.count() <= 0) {
                break;
            }
            // A short turn, since not every change of the list of readers is announced.
            context.wait_for_change(readers, std::min(left, std::chrono::milliseconds(500)));
        }
    } catch (const pcsc::Error& error) {
        presence.seen = Seen::no_service;
        presence.advice = error.no_service() ? "" : error.what();
    }
    if (presence.advice.empty()) {
        presence.advice = advice_for(presence.seen);
    }
    return presence;
}

} // namespace

Presence wait_for_card(const ReaderNames& names, unsigned slot, std::chrono::milliseconds limit) {
    return wait_for(names, slot, true, limit);
}

Presence wait_for_removal(const ReaderNames& names, unsigned slot,
                          std::chrono::milliseconds limit) {
    Presence presence = wait_for(names, slot, false, limit);
    if (presence.seen != Seen::not_yet) {
        presence.seen = Seen::as_wanted;
        presence.advice.clear();
    }
    return presence;
}

} // namespace tpmvsc::cli
