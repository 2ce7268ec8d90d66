// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/applet.hpp"
#include "apdu/command_chain.hpp"
#include "apdu/pending_response.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace tpmvsc::apdu {

/// CardEdge turns bytes from the reader into commands for the selected applet and its answers back
/// into bytes: decoding, class bytes, command chaining, SELECT by AID, GET RESPONSE. The first
/// applet is selected after reset. Commands of class 80 go to whichever applet knows them.
class CardEdge {
  public:
    /// `atr` is what power-up answers. `applets` must not be empty.
    CardEdge(Bytes atr, std::vector<std::unique_ptr<Applet>> applets);

    ByteView atr() const { return atr_; }
    /// Runs one command APDU and gives the response APDU: always at least a status word, whatever
    /// came in. Faults of the TPM or of storage are caught here, logged, and answered by a status
    /// word.
    Bytes transmit(ByteView command_apdu);
    /// Power-up, warm reset and power-down: forgets all volatile state and selects the first
    /// applet.
    void reset();

  private:
    Response run(ByteView command_apdu);
    Response run_well_formed(Command& command);
    std::optional<Response> answer_unselected(const Command& command);
    Response take_block(const Command& block);
    Response get_response(const Command& command);
    Response select(const Command& command);
    /// Answers a command that the applet does not get to see.
    Response refuse(StatusWord status);
    void drop_broken_chain();
    Applet* find(ByteView aid) const;
    Bytes answer_fault(const std::exception& fault, ByteView command_apdu);

    Bytes atr_;
    std::vector<std::unique_ptr<Applet>> applets_;
    Applet* selected_;
    CommandChain chain_;
    PendingResponse pending_;
};

} // namespace tpmvsc::apdu
