// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace tpmvsc {

/// Settings is what /etc/tpmvsc/tpmvsc.conf says, each with its default where the file is silent.
struct Settings {
    /// Where the cards are kept, a folder each below "cards".
    std::string state_dir = "/var/lib/tpmvsc";
    /// TCTI configuration as tpm2-tss writes it ("device:/dev/tpmrm0", "swtpm:path=..."); empty
    /// means to look: the first /dev/tpmrmN (find_tpm_device), else the socket of the embedded
    /// software TPM.
    std::string tcti;
    /// Empty slots kept beside the existing cards, so that a new card appears at once. At most 16.
    unsigned spare_slots = 1;
    /// How long the connection to the TPM stays open without use. In the file a number of
    /// milliseconds, or one with a unit: "2s", "500 ms", "1min". At most an hour; 0 closes at once.
    std::chrono::milliseconds tpm_idle{2000};
    /// How long one PIN entry lasts at most before the TPM itself ends it. In the file a number of
    /// seconds, or one with a unit: "900", "15min", "8h". From a second to a year.
    std::chrono::seconds pin_session{8 * 3600};
    /// Whether PIV cards take RSA-1024 keys in every slot. In the file "everywhere", or "retired"
    /// for the slots of retired keys only.
    bool rsa1024_everywhere = false;

    /// The TCTI configuration in force: `tcti`, or what was found on this machine.
    std::string effective_tcti() const;
    /// True where the TPM is a program and not a chip: its keys are only as safe as files.
    bool tpm_is_software() const;
    std::string cards_dir() const { return state_dir + "/cards"; }
};

/// Where the embedded software TPM listens when the machine has no TPM device.
inline constexpr const char* embedded_tcti = "swtpm:path=/run/tpmvsc-swtpm/data";

/// load_settings reads the file that the environment variable TPMVSC_CONFIG names, else
/// /etc/tpmvsc/tpmvsc.conf; a missing file means the defaults. Throws std::runtime_error with the
/// file, the line and the reason when a line cannot be understood.
Settings load_settings();

/// load_settings_from reads `path` likewise.
Settings load_settings_from(const std::string& path);

} // namespace tpmvsc
