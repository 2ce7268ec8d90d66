// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tpmvsc::apdu {

/// StatusWord is the two bytes SW1 SW2 that end a response (ISO 7816-4 section 5.6).
struct StatusWord {
    std::uint16_t value;
    friend constexpr bool operator==(StatusWord, StatusWord) = default;
};

/// Status words by the names of ISO 7816-4 tables 5 and 6.
namespace sw {
inline constexpr StatusWord success{0x9000};
inline constexpr StatusWord file_terminated{0x6285};
inline constexpr StatusWord memory_failure{0x6581};
inline constexpr StatusWord wrong_length{0x6700};
inline constexpr StatusWord logical_channel_not_supported{0x6881};
inline constexpr StatusWord last_command_of_chain_expected{0x6883};
inline constexpr StatusWord secure_messaging_not_supported{0x6882};
inline constexpr StatusWord chaining_not_supported{0x6884};
inline constexpr StatusWord security_status_not_satisfied{0x6982};
inline constexpr StatusWord authentication_blocked{0x6983};
inline constexpr StatusWord conditions_not_satisfied{0x6985};
inline constexpr StatusWord wrong_data{0x6A80};
inline constexpr StatusWord function_not_supported{0x6A81};
inline constexpr StatusWord file_not_found{0x6A82};
inline constexpr StatusWord not_enough_memory{0x6A84};
inline constexpr StatusWord wrong_p1_p2{0x6A86};
inline constexpr StatusWord lc_inconsistent_with_p1_p2{0x6A87};
inline constexpr StatusWord reference_not_found{0x6A88};
inline constexpr StatusWord file_exists{0x6A89};
inline constexpr StatusWord wrong_le_base{0x6C00};
inline constexpr StatusWord instruction_not_supported{0x6D00};
inline constexpr StatusWord class_not_supported{0x6E00};
inline constexpr StatusWord no_precise_diagnosis{0x6F00};

/// tries_left is 63Cx: verification failed, x further tries (15 at most can be said).
constexpr StatusWord tries_left(unsigned tries) {
    return {static_cast<std::uint16_t>(0x63C0 | (tries > 15 ? 15 : tries))};
}
/// more_data is 61xx: xx further bytes wait for GET RESPONSE, 00 for 256 or more.
constexpr StatusWord more_data(std::size_t bytes) {
    return {static_cast<std::uint16_t>(0x6100 | (bytes > 255 ? 0 : bytes))};
}
} // namespace sw

} // namespace tpmvsc::apdu
