// SPDX-License-Identifier: Apache-2.0
#include "base/secret.hpp"

#include <algorithm>
#include <utility>

namespace tpmvsc {

SecretBytes::SecretBytes(std::size_t size)
    : data_(size == 0 ? nullptr : new std::uint8_t[size]()), size_(size), capacity_(size) {}

SecretBytes::SecretBytes(ByteView source) : SecretBytes(source.size()) {
    std::copy(source.begin(), source.end(), data_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this == &other)
        return *this;
    clear();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
}

SecretBytes::~SecretBytes() {
    clear();
}

void SecretBytes::truncate(std::size_t size) {
    if (size >= size_)
        return;
    wipe(span().subspan(size));
    size_ = size;
}

void SecretBytes::clear() {
    wipe({data_, capacity_});
    delete[] data_;
    data_ = nullptr;
    size_ = 0;
    capacity_ = 0;
}

} // namespace tpmvsc
