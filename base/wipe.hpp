// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

namespace tpmvsc {

/// wipe overwrites `bytes` in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes) noexcept;

/// WipeAtEnd overwrites a plain structure when the scope ends, also on the way out of a fault.
template<typename T>
class WipeAtEnd {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    explicit WipeAtEnd(T& value) : value_(value) {}
    ~WipeAtEnd() { wipe({reinterpret_cast<std::uint8_t*>(&value_), sizeof value_}); }
    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;

  private:
    T& value_;
};

/// WipingAllocator overwrites each block that it gives back: what a container has outgrown, dropped
/// or taken along to its end is in no later memory image.
template<typename T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() = default;
    template<typename U>
    constexpr WipingAllocator(const WipingAllocator<U>&) noexcept {} // NOLINT: containers convert

    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* block, std::size_t count) noexcept {
        wipe({reinterpret_cast<std::uint8_t*>(block), count * sizeof(T)});
        std::allocator<T>().deallocate(block, count);
    }
    friend bool operator==(const WipingAllocator&, const WipingAllocator&) = default;
};

} // namespace tpmvsc
