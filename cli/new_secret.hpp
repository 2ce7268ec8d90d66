// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/admin_key.hpp"
#include "card/identity.hpp"
#include "card/pin_rules.hpp"
#include "cli/output.hpp"
#include "cli/secret_source.hpp"

#include <functional>
#include <optional>
#include <string>

namespace tpmvsc::cli {

/// NewSecretKind says what a secret of a new card is called and what it may be.
struct NewSecretKind {
    std::string option;           ///< "--pin"
    std::string key;              ///< its name in JSON: "pin"
    std::string label;            ///< what people call it: "PIN"
    std::string guidance;         ///< shown before the question
    bool random_on_enter = false; ///< an empty answer at the prompt makes a random one
    /// The value from what was typed or read; nothing when it cannot be read.
    std::function<std::optional<SecretBytes>(ByteView)> decode;
    /// What is wrong with a value, or nothing.
    std::function<std::optional<std::string>(ByteView)> complaint;
    std::function<SecretBytes()> well_known;
    std::function<SecretBytes()> random;
    /// The form in which a random one is shown.
    std::function<SecretBytes(ByteView)> show;
};

/// A PIN and a PUK that the rules take.
NewSecretKind pin_kind(card::Profile profile, const card::PinRules& rules);
NewSecretKind puk_kind(card::Profile profile, const card::PinRules& rules);
NewSecretKind admin_key_kind(card::AdminAlgorithm algorithm);

/// obtain gets the value: asked for twice, read, well-known or random. What was made here is added
/// to `shown`. Empty for SecretSource::Kind::none. Throws Failure(usage) for an unacceptable value.
SecretBytes obtain(const NewSecretKind& kind, const SecretSource& source, Output& output,
                   std::vector<ShownSecret>& shown);

} // namespace tpmvsc::cli
