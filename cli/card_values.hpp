// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "card/admin_key.hpp"
#include "card/identity.hpp"
#include "card/pin_rules.hpp"
#include "card/pins.hpp"
#include "cli/secret_hex.hpp"

#include <optional>
#include <string>
#include <vector>

/// What a card's name, PIN, PUK and admin key may be.
namespace tpmvsc::cli {

/// Each complaint_ function gives nothing for a value that is fine, else a sentence part saying
/// what is wrong, without the value.
std::optional<std::string> complaint_about_name(const std::string& name);
std::optional<std::string> complaint_about_pin(card::PinKind kind, card::Profile profile,
                                               const card::PinRules& rules, ByteView value);
std::optional<std::string> complaint_about_admin_key(card::AdminAlgorithm algorithm, ByteView key);

/// weaknesses lists what speaks against an acceptable PIN or PUK, called `what`, a sentence each.
std::vector<std::string> weaknesses(const std::string& what, card::Profile profile, ByteView value);

/// well_known_admin_key says what it means that `key_name` ("the admin key") is the value that
/// everybody knows.
std::string well_known_admin_key(const std::string& key_name, bool resets_pin);

/// random_digits gives uniformly distributed decimal digits.
SecretBytes random_digits(std::size_t count);

/// random_pin makes a PIN or PUK that the rules are content with: eight digits where they do not
/// ask for more, or for something else.
SecretBytes random_pin(card::PinKind kind, card::Profile profile, const card::PinRules& rules);

/// random_admin_key makes a key that is not weak.
SecretBytes random_admin_key(card::AdminAlgorithm algorithm);

/// admin_algorithm_name is the name that the command line and JSON use: tdes, aes128, aes192,
/// aes256.
std::string admin_algorithm_name(card::AdminAlgorithm algorithm);
std::optional<card::AdminAlgorithm> parse_admin_algorithm(const std::string& name);

} // namespace tpmvsc::cli
