// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace tpmvsc::card {

class SealedFiles;

/// What a PIN may hold of one kind of character, as tpmvscmgr's /pinpolicy has it.
enum class CharacterRule { allowed, required, forbidden };

/// PinRules is what the card demands of a new PIN, and how long one entry of it lasts. It is
/// decided when the card is made. The file "pin-rules"; a card without it has the profile's rules
/// only.
struct PinRules {
    unsigned shortest = 0; ///< characters; 0: as the profile has it
    unsigned longest = 0;  ///< likewise
    CharacterRule upper_case = CharacterRule::allowed;
    CharacterRule lower_case = CharacterRule::allowed;
    CharacterRule digits = CharacterRule::allowed;
    CharacterRule special = CharacterRule::allowed;
    bool no_trivial = false; ///< refuses 123456, 11111111 and their like
    unsigned history = 0;    ///< the last so many PINs are refused
    /// How long one PIN entry lasts at most, in seconds; 0: as the driver is set.
    std::chrono::seconds session{0};
    /// A login that nobody has used for so long ends; 0: never.
    std::chrono::seconds inactivity{0};

    static constexpr const char* file = "pin-rules";
    static PinRules read(const SealedFiles& files);
    void write(const SealedFiles& files) const;

    friend bool operator==(const PinRules&, const PinRules&) = default;
};

} // namespace tpmvsc::card
