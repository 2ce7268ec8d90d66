// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/settings.hpp"
#include "card/store.hpp"
#include "tpm/tpm.hpp"

namespace tpmvsc::library {

/// Workplace is where cards are made and destroyed: the computer's settings, its cards and its TPM.
/// The connection to the TPM opens by itself and is to be closed whenever somebody is asked
/// something: a software TPM serves one program at a time.
struct Workplace {
    explicit Workplace(Settings from)
        : settings(std::move(from)), store(settings.cards_dir()),
          tpm(settings.effective_tcti(), settings.tpm_idle) {}

    Settings settings;
    card::Store store;
    tpm::Tpm tpm;
};

} // namespace tpmvsc::library
