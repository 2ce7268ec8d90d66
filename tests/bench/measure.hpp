// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/report.hpp"
#include "tests/bench/setting.hpp"

namespace tpmvsc::bench {

/// Signatures through PC/SC, against the bare TPM command.
void measure_signatures(const Setting& setting, Report& report);

/// Signatures through PKCS#11, against tpm2-pkcs11.
void measure_pkcs11(const Setting& setting, Report& report);

/// What many cards with many objects cost: memory of pcscd, and the time of public reads.
void measure_many_cards(const Setting& setting, Report& report);

} // namespace tpmvsc::bench
