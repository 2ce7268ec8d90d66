// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/admin/status.hpp"
#include "cli/output.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli {

namespace pcsc {
class Context;
}

/// profile_of tells a card of ours by what its reader shows; nothing for any other card.
std::optional<card::Profile> profile_of(ByteView atr);

/// ask_card reads the status that the card in `reader` gives through its admin applet. Everybody
/// may, no PIN is needed, and nobody's login ends by it. Throws pcsc::Error, and Failure when what
/// is there is no card of ours; such a card is sent nothing.
admin::CardStatus ask_card(const pcsc::Context& context, const std::string& reader);

/// concerns lists what its holder should know of the card, a sentence each: well-known values in
/// use, blocked PIN or PUK, few tries left.
std::vector<std::string> concerns(const admin::CardStatus& status);

/// to_json and to_text present the status for scripts and for people.
Json to_json(const admin::CardStatus& status, const std::string& reader);
std::string to_text(const admin::CardStatus& status, const std::string& reader);

} // namespace tpmvsc::cli
