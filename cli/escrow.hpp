// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/escrow_record.hpp"
#include "cli/openssl.hpp"

#include <string>
#include <vector>

namespace tpmvsc::cli {

/// Where a new card's secrets are to be kept, as typed.
struct EscrowTargets {
    std::vector<std::string> certificates; ///< of those who may open the file, PEM files
    std::string file;                      ///< empty: NAME-SERIAL.cms in the current folder
    std::string command;                   ///< is given the record on standard input

    bool any() const { return !certificates.empty() || !command.empty(); }
};

/// Escrow puts them there. What was put into a file is taken back when this goes, unless the card
/// was made and keep() said so; what a command has got stays there, a record of a card that is not.
class Escrow {
  public:
    /// Reads the certificates. Throws Failure.
    explicit Escrow(EscrowTargets targets);
    ~Escrow();
    Escrow(Escrow&&) = delete;
    Escrow& operator=(Escrow&&) = delete;

    bool wanted() const { return targets_.any(); }
    /// Writes the file, then runs the command. Throws Failure.
    void store(const EscrowRecord& record);
    void keep() { written_.clear(); }
    /// The file, once it was written.
    const std::string& file() const { return file_; }

  private:
    EscrowTargets targets_;
    std::vector<openssl::Certificate> recipients_;
    std::string file_;
    std::string written_;
};

/// escrow_file_name makes a file's name of the card's: other characters than letters, digits, dots,
/// dashes and underscores become underscores, and so does a dot in front.
std::string escrow_file_name(const std::string& card_name, std::uint32_t serial);

} // namespace tpmvsc::cli
