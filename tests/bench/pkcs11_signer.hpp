// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#define CRYPTOKI_GNU 1
#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>

namespace tpmvsc::bench {

/// Pkcs11Module is a PKCS#11 library in this process.
class Pkcs11Module {
  public:
    explicit Pkcs11Module(const std::string& path);
    ~Pkcs11Module();
    Pkcs11Module(const Pkcs11Module&) = delete;
    Pkcs11Module& operator=(const Pkcs11Module&) = delete;

    /// The slot of this description, or whose token has this label.
    ck_slot_id_t find_slot(const std::string& name) const;
    const ck_function_list& functions() const { return *functions_; }

  private:
    std::unique_ptr<void, int (*)(void*)> library_;
    ck_function_list* functions_ = nullptr;
};

/// Pkcs11Signer is a program that has logged in and signs with one key.
class Pkcs11Signer {
  public:
    /// The first private key of `type` (CKK_RSA, CKK_EC) in the slot `name`.
    Pkcs11Signer(const Pkcs11Module& module, const std::string& name, const std::string& pin,
                 ck_key_type_t type);
    ~Pkcs11Signer();
    Pkcs11Signer(const Pkcs11Signer&) = delete;
    Pkcs11Signer& operator=(const Pkcs11Signer&) = delete;

    /// C_SignInit and C_Sign, nothing else.
    void sign(ck_mechanism_type_t mechanism, ByteView data) const;

  private:
    void log_in(const std::string& pin) const;
    ck_object_handle_t find_key(ck_key_type_t type) const;

    const ck_function_list& functions_;
    ck_session_handle_t session_ = 0;
    ck_object_handle_t key_ = 0;
};

} // namespace tpmvsc::bench
