// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"

/// Public keys as ISO 7816-8 writes them, for both profiles.
namespace tpmvsc::apdu {

/// public_key_template writes 7F49 as GENERATE ASYMMETRIC KEY PAIR answers it (SP 800-73-4 part 2
/// section 3.3.2, and GIDS the same).
Bytes public_key_template(const card::PublicKey& key);
/// public_key_objects writes what is inside of 7F49: modulus (81) and exponent (82), or the
/// uncompressed point (86).
Bytes public_key_objects(const card::PublicKey& key);

} // namespace tpmvsc::apdu
