// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/wipe.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace tpmvsc {

/// SecretBytes own a PIN, a key or an authorisation value. They cannot be copied by accident, never
/// reallocate, and are wiped when they go.
class SecretBytes {
  public:
    SecretBytes() = default;
    /// Allocates `size` zero bytes, to be filled through span().
    explicit SecretBytes(std::size_t size);
    /// Copies `source`; wiping the source stays its owner's business.
    explicit SecretBytes(ByteView source);
    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes();

    /// Makes a second owner on purpose.
    SecretBytes clone() const { return SecretBytes(view()); }
    ByteView view() const { return {data_, size_}; }
    std::span<std::uint8_t> span() { return {data_, size_}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// Drops all behind the first `size` bytes, wiping what is dropped.
    void truncate(std::size_t size);
    /// Wipes and becomes empty.
    void clear();

  private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace tpmvsc
