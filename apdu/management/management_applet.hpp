// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/applet.hpp"
#include "card/identity.hpp"

namespace tpmvsc::management {

/// ManagementApplet is as much of the management application of YubiKeys as a card needs for
/// yubikey-manager to know its version and serial number, and by that to tell it from others
/// (ykman --device). It says of the card: PIV on the contact interface, nothing else.
class ManagementApplet final : public apdu::Applet {
  public:
    explicit ManagementApplet(const card::Identity& identity) : serial_(identity.serial) {}

    ByteView aid() const override;
    /// The version as text, in the words that yubikey-manager looks for.
    apdu::Response select(const apdu::Command& command) override;
    void deselect() override {}
    /// READ CONFIG (1D) alone; there is nothing to configure.
    apdu::Response handle(const apdu::Command& command) override;
    bool accepts_chaining(const apdu::Command&) const override { return false; }
    void reset() override {}

  private:
    std::uint32_t serial_;
};

} // namespace tpmvsc::management
