// SPDX-License-Identifier: Apache-2.0
#include "apdu/piv/key_attributes.hpp"

namespace tpmvsc::piv {

std::optional<card::PinPolicy> read_pin_policy(const Tlv& attribute,
                                               const KeyReference& reference) {
    if (attribute.value.size() != 1) {
        return std::nullopt;
    }
    switch (attribute.value.front()) {
    case 0:
        return reference.pin_policy;
    case 1:
        return card::PinPolicy::never;
    case 2:
        return card::PinPolicy::once;
    case 3:
        return card::PinPolicy::always;
    default:
        return std::nullopt;
    }
}

std::uint8_t identifier_of(card::PinPolicy policy) {
    switch (policy) {
    case card::PinPolicy::never:
        return 1;
    case card::PinPolicy::once:
        return 2;
    case card::PinPolicy::always:
        break;
    }
    return 3;
}

bool is_touch_policy(const Tlv& attribute) {
    return attribute.value.size() == 1 && attribute.value.front() <= no_touch;
}

} // namespace tpmvsc::piv
