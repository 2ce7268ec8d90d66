// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"

#include <optional>

namespace tpmvsc::apdu {

/// Applet is one application on the card. It sees whole, well-formed commands: SELECT by AID,
/// command chaining and GET RESPONSE are the card edge's business.
class Applet {
  public:
    virtual ~Applet() = default;
    /// The full application identifier.
    virtual ByteView aid() const = 0;
    /// True when a SELECT with this P2 (what is to be answered, ISO 7816-4 table 39) can be served:
    /// the first one of the name, with its template or without data.
    virtual bool answers_select(std::uint8_t p2) const { return p2 == 0x00 || p2 == 0x0C; }
    /// Answers a SELECT that named this applet (by full or right-truncated AID), whether or not it
    /// was selected before.
    virtual Response select(const Command& command) = 0;
    /// Another applet was selected: the security status that SP 800-73-4 ties to the selection
    /// ends.
    virtual void deselect() = 0;
    /// Answers any other command.
    virtual Response handle(const Command& command) = 0;
    /// Answers a command of the proprietary class 80, whichever applet is selected; nothing when it
    /// is none of this applet's. It may only look: the selected applet does not notice, so neither
    /// does the program that is logged in to it.
    virtual std::optional<Response> answer_unselected(const Command&) { return std::nullopt; }
    /// True when `command` may come in a chain of blocks (CLA bit 5).
    virtual bool accepts_chaining(const Command& command) const = 0;
    /// A command reached the card edge that this applet does not get to see (a SELECT that failed,
    /// a malformed APDU, a broken chain): whatever holds only "until the next command" ends.
    virtual void interrupted() {}
    /// The card was powered up, down or reset.
    virtual void reset() = 0;
};

} // namespace tpmvsc::apdu
