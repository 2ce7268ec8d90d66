// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/card_edge.hpp"
#include "base/settings.hpp"
#include "card/card.hpp"
#include "card/create.hpp"
#include "tests/scenarios/pattern.hpp"
#include "tests/support/swtpm.hpp"
#include "tests/tpm/other_user.hpp"
#include "tpm/tpm.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::test {

/// Player runs one scenario file on a card of its own in a software TPM of its own.
class Player {
  public:
    /// Throws std::invalid_argument ("line 3: ...") when the file makes no sense. Gives the lines
    /// where the card did not answer as expected, with what it answered; none when all is well.
    std::vector<std::string> play(const std::string& path);
    unsigned commands() const { return commands_; }

  private:
    void play_line(const std::string& line);
    void set_up(const std::string& settings);
    void control(const std::string& order);
    void control_lockout(const std::string& what, const std::string& rest);
    void send(const std::string& line);
    void expect(const std::string& text);

    void make_card();
    void open_card();
    Bytes transmit(ByteView command);
    /// Sends, and fetches what waits behind 61xx.
    Bytes transmit_all(ByteView command);
    Bytes transmit_chained(ByteView header, ByteView data);

    Context context_;
    card::CreateOptions options_;
    bool has_puk_ = true;
    bool settable_tries_ = true;
    Settings settings_;
    BootTime now_{"first", std::chrono::hours(1)};
    std::optional<Swtpm> swtpm_;
    std::optional<tpm::Tpm> tpm_;
    std::optional<OtherUser> other_user_;
    std::string folder_;
    std::unique_ptr<card::Card> card_;
    std::unique_ptr<apdu::CardEdge> edge_;
    Bytes answer_;
    std::vector<std::string> failures_;
    std::string title_;
    unsigned commands_ = 0;
    std::uint64_t commands_before_ = 0; ///< TPM commands before the last command to the card
};

} // namespace tpmvsc::test
