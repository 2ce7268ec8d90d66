// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/applet.hpp"
#include "card/card.hpp"

namespace tpmvsc::admin {

/// AdminApplet answers what the standards have no command for. It is on every card, whatever its
/// profile, and never the one selected after reset. Its status can be had without selecting it,
/// which would end the login of the program that uses the card.
class AdminApplet final : public apdu::Applet {
  public:
    /// `card` must outlive the applet.
    explicit AdminApplet(card::Card& card) : card_(card) {}

    ByteView aid() const override;
    apdu::Response select(const apdu::Command& command) override;
    void deselect() override {}
    apdu::Response handle(const apdu::Command& command) override;
    std::optional<apdu::Response> answer_unselected(const apdu::Command& command) override;
    bool accepts_chaining(const apdu::Command& command) const override;
    /// Holds nothing; the card itself is reset by the applet of its profile.
    void reset() override {}

  private:
    card::Card& card_;
};

} // namespace tpmvsc::admin
