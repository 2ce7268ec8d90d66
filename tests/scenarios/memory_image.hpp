// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <string>

/// What a memory image of this program would show. The program's operator new and delete are
/// replaced: freed memory is looked at as it is given back, before chance overwrites it.
namespace tpmvsc::test {

/// Veiled is a secret that the test can keep without having it in memory.
class Veiled {
  public:
    Veiled() = default;
    explicit Veiled(ByteView secret);
    /// The secret itself, for as long as the caller keeps it.
    Bytes unveil() const;

  private:
    Bytes bytes_;
};

/// MemoryWatch looks for secrets, in freed blocks from its beginning on and in all of memory when
/// it is asked to. One at a time.
class MemoryWatch {
  public:
    MemoryWatch();
    ~MemoryWatch();
    MemoryWatch(const MemoryWatch&) = delete;
    MemoryWatch& operator=(const MemoryWatch&) = delete;

    /// Looks for the secret from now on: for each sixteen bytes of it by themselves, so that what
    /// is left of a part is found as well.
    void look_for(const std::string& name, ByteView secret);
    /// Likewise for a number, which programs also keep with the lowest byte first.
    void look_for_number(const std::string& name, ByteView secret);
    /// What was found, a line each: the secret's name and the mapping, or "freed". Empty when all
    /// is well.
    std::string findings();
};

} // namespace tpmvsc::test
