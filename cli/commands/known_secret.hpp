// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "cli/chosen_card.hpp"

#include <string>

namespace CLI {
class App;
}

/// Secrets that the card knows already, to be shown to it.
namespace tpmvsc::cli {

/// Each add_ function declares the option that says where the secret comes from; it is asked for
/// when the option is absent.
void add_pin_option(CLI::App& command, std::string& source);
void add_puk_option(CLI::App& command, std::string& source);
void add_admin_key_option(CLI::App& command, std::string& source);

/// read_known_pin and read_known_puk refuse what cannot be a value of this card, before a try is
/// lost on it, and ask for nothing where the card would not compare it. Throws Failure.
SecretBytes read_known_pin(const std::string& source, const ChosenCard& card);
SecretBytes read_known_puk(const std::string& source, const ChosenCard& card);

/// read_known_admin_key also takes "default", the well-known key.
SecretBytes read_known_admin_key(const std::string& source, const ChosenCard& card);

} // namespace tpmvsc::cli
