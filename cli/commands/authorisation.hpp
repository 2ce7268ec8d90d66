// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "cli/chosen_card.hpp"
#include "cli/client/key_card.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli {

/// SecretSources are where the command line says that PIN and admin key come from; empty where it
/// does not say.
struct SecretSources {
    std::string pin;
    std::string admin_key;
};

/// Deed is what a command is going to do on a card, as far as the card wants something for it.
struct Deed {
    bool makes_key = false;
    bool writes = false; ///< deletes as well
    /// The key that it signs with, now or when it has been made.
    std::optional<admin::KeyStatus> signs_with;
};

/// Authorisation is the PIN, the admin key or both: what a card wants for a deed. On a PIV card the
/// administrator writes and the user signs. On a GIDS card the user makes keys and signs with them;
/// certificates and deletion are the user's or, where --admin-key was given, the administrator's.
class Authorisation {
  public:
    /// Asks for what is needed, each secret once. Throws Failure.
    Authorisation(const SecretSources& sources, const ChosenCard& card, const Deed& deed);

    /// show proves all of it to the card. Throws Failure(not_authorised).
    void show(client::KeyCard& card) const;
    /// show_for_signature proves once more what a key wants that asks for the PIN each time.
    void show_for_signature(client::KeyCard& card) const;

  private:
    SecretBytes pin_;
    SecretBytes admin_key_;
    bool for_each_signature_ = false;
};

} // namespace tpmvsc::cli
