// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tpmvsc::cli {

/// maker_name says who is behind the letters of the TCG's vendor registry: "Infineon" for IFX; the
/// letters themselves where nobody is known.
std::string maker_name(const std::string& letters);

} // namespace tpmvsc::cli
