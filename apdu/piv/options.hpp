// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tpmvsc::piv {

/// Where PivApplet may depart from the standard for the sake of hosts that expect it.
struct Options {
    /// SP 800-73-4 part 2 section 3.2.4 forbids key agreement with 9A, 9C and 9E. YubiKeys allow
    /// it, and libykcs11 2.7 tries it on every key.
    bool key_agreement_with_any_key = true;
    /// SP 800-78-4 section 3.1 leaves RSA-1024 to retired keys. YubiKeys take it in every slot.
    bool rsa1024_in_any_slot = false;
};

} // namespace tpmvsc::piv
