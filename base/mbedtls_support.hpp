// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/crypto.hpp"

#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>

/// What the crypto_*.cpp files share. Not for other folders: they see no mbedTLS.
namespace tpmvsc::crypto::detail {

/// check throws CryptoError naming `call` unless mbedTLS answered 0.
void check(const char* call, int result);

/// rng is random_fill in the shape that mbedTLS calls back.
int rng(void* context, unsigned char* target, std::size_t size) noexcept;

/// Scoped holds an mbedTLS context, which its Free function also wipes.
template<typename T, void (*Init)(T*), void (*Free)(T*)>
class Scoped {
  public:
    Scoped() { Init(&value_); }
    ~Scoped() { Free(&value_); }
    Scoped(const Scoped&) = delete;
    Scoped& operator=(const Scoped&) = delete;
    T* get() { return &value_; }
    const T* get() const { return &value_; }

  private:
    T value_;
};

using Number = Scoped<mbedtls_mpi, mbedtls_mpi_init, mbedtls_mpi_free>;
using Point = Scoped<mbedtls_ecp_point, mbedtls_ecp_point_init, mbedtls_ecp_point_free>;

/// mbedTLS' number for `curve`.
mbedtls_ecp_group_id group_id(Curve curve);

/// A curve's parameters, loaded anew each time: a shared group caches on use and so needs a lock.
class Group {
  public:
    explicit Group(Curve curve) {
        check("mbedtls_ecp_group_load", mbedtls_ecp_group_load(group_.get(), group_id(curve)));
    }
    mbedtls_ecp_group* get() { return group_.get(); }

  private:
    Scoped<mbedtls_ecp_group, mbedtls_ecp_group_init, mbedtls_ecp_group_free> group_;
};

} // namespace tpmvsc::crypto::detail
