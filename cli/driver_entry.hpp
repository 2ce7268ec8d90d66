// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::cli {

/// Where pcscd looks for drivers that no bus announces.
inline constexpr const char* reader_conf_dir = "/etc/reader.conf.d";

/// What our readers are called unless the administrator says otherwise.
inline constexpr const char* default_friendly_name = "TPM Virtual Smart Card";

/// DriverEntry is an entry of reader.conf.d that loads our driver.
struct DriverEntry {
    std::string file;
    std::string friendly_name;
    std::string library;
};

/// find_driver_entries reads all files in `folder` the way pcscd does: whatever their names are,
/// without hidden ones and symbolic links.
std::vector<DriverEntry> find_driver_entries(const std::string& folder = reader_conf_dir);

/// ReaderNames knows which readers are ours by what they are called: the friendly name, the number
/// of the entry and the slot ("TPM Virtual Smart Card 00 02").
class ReaderNames {
  public:
    /// Takes the friendly names of `entries`; the default one when there are none.
    explicit ReaderNames(const std::vector<DriverEntry>& entries);

    /// What the reader of `slot` is called, as far as can be told without asking pcscd.
    std::string reader_of(unsigned slot) const;
    /// The slot of `reader`; nothing when the reader is not one of ours.
    std::optional<unsigned> slot_of(const std::string& reader) const;

  private:
    std::vector<std::string> friendly_names_;
};

} // namespace tpmvsc::cli
