// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tss2/tss2_tpm2_types.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>

namespace tpmvsc::tpm {

class Connection;

/// get_capability asks for one page of a capability; `more` is told whether there are others.
TPMS_CAPABILITY_DATA get_capability(Connection& connection, TPM2_CAP capability,
                                    std::uint32_t property, TPMI_YES_NO* more);

/// Properties are the numbers that a TPM tells of itself (part 2 section 6.13).
class Properties {
  public:
    /// Reads the group that begins with `first`: TPM2_PT_FIXED or TPM2_PT_VAR.
    void read(Connection& connection, std::uint32_t first);

    /// Zero where the TPM does not tell it.
    std::uint32_t value(std::uint32_t property) const;
    /// The printable letters of some properties, one after the other.
    std::string letters(std::initializer_list<std::uint32_t> wanted) const;

  private:
    std::map<std::uint32_t, std::uint32_t> values_;
};

} // namespace tpmvsc::tpm
