// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"
#include "cli/output.hpp"

#include <span>
#include <string>

/// Events of a card's life in the system's journal, for whoever keeps records of many computers.
namespace tpmvsc::cli {

/// What all entries have in MESSAGE_ID: "journalctl MESSAGE_ID=..." finds them.
inline constexpr const char* life_cycle_message_id = "e61cacd0748f4a42a0a58974e625eb33";

/// The commands ("key generate") whose doing belongs into the record; the others only look.
std::span<const char* const> changing_commands();

/// record_change writes an entry: `sentence` as its text, TPMVSC_ACTION with the command, the
/// card's identity, and of `details` what is good for a record (doc/inventory.md has the fields).
/// Does nothing for a command that only looks, for an empty sentence (nothing has changed yet), and
/// where there is no journal, or one that takes nothing: the change is made, and that it is not
/// recorded is no reason to say that it failed. To be called when the result is shown, secrets
/// above all.
void record_change(const Output& output, const card::Identity& identity,
                   const std::string& sentence, const Json& details);

/// record_machine_change does so for what concerns the TPM and no one card.
void record_machine_change(const Output& output, const std::string& sentence);

} // namespace tpmvsc::cli
