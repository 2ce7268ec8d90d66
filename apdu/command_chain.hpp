// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"

namespace tpmvsc::apdu {

/// The most data that a chain may carry: as much as one extended command could, several times the
/// largest object of any profile (12,710 bytes, SP 800-73-4 part 1 appendix A).
inline constexpr std::size_t max_chained_bytes = 65535;

/// CommandChain collects the blocks of a chained command (ISO 7816-4 section 5.3.3) until the block
/// without the chaining bit. What it holds may be a private key under way: it never leaves a copy
/// behind.
class CommandChain {
  public:
    CommandChain() = default;
    ~CommandChain() { drop(); }
    CommandChain(const CommandChain&) = delete;
    CommandChain& operator=(const CommandChain&) = delete;

    bool active() const { return active_; }
    /// True when `command` has the header of the chain under way, class byte apart.
    bool continues(const Command& command) const;
    /// Takes a block, the first one or a further one. False when the chain got too long; it is then
    /// dropped.
    bool add(const Command& block);
    /// Joins what was collected with the last block, which becomes the whole command. False when
    /// that is too long; the chain is over either way.
    bool finish(Command& last);
    void drop();

  private:
    bool active_ = false;
    std::uint8_t ins_ = 0;
    std::uint16_t p1_p2_ = 0;
    Bytes data_;
};

} // namespace tpmvsc::apdu
