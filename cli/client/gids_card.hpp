// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/pin_answer.hpp"
#include "cli/client/transport.hpp"

namespace tpmvsc::cli::client {

/// GidsCard speaks GIDS 2.0 to the card of a session, as far as its secrets go. As with PivCard,
/// the card is reset at the end where something secret was shown to it.
class GidsCard {
  public:
    /// Selects the application. Throws Failure(unsupported) when the card has none.
    explicit GidsCard(pcsc::Session& session);

    PinAnswer change_pin(ByteView old_pin, ByteView new_pin);
    PinAnswer change_puk(ByteView old_puk, ByteView new_puk);
    /// show_admin_key authenticates to the card. Throws Failure(not_authorised) for a wrong key,
    /// and while the card hears none.
    void show_admin_key(ByteView key);
    /// set_admin_key replaces it by another triple DES key.
    void set_admin_key(ByteView key);

  private:
    pcsc::Reply send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, Bytes data) const;
    PinAnswer change(std::uint8_t reference, ByteView known, ByteView fresh);
    pcsc::Session& session_;
};

} // namespace tpmvsc::cli::client
