// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "card/identity.hpp"
#include "card/pin_rules.hpp"
#include "card/pins.hpp"

#include <optional>
#include <string>

namespace tpmvsc::card {

/// complaint_about_rules says which of the card's rules a new PIN or PUK breaks, as a part of a
/// sentence without the value; nothing when it keeps them all. The profile's own bounds and the
/// history are not looked at.
///
/// A PUK stands in for the PIN, so it may not be the easier one to guess: it has at least as many
/// characters, and is not trivial where a PIN may not be. Kinds of characters are not asked of it,
/// nor a longest length: it is machine-made as a rule.
std::optional<std::string> complaint_about_rules(const PinRules& rules, PinKind kind,
                                                 ByteView value);

/// can_be_kept is false for rules that contradict each other, or that no PIN of the profile could
/// keep.
bool can_be_kept(const PinRules& rules, Profile profile);

} // namespace tpmvsc::card
