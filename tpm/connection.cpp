// SPDX-License-Identifier: Apache-2.0
#include "tpm/connection.hpp"

#include "base/crypto.hpp"
#include "tpm/parent_secret.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <utility>

namespace tpmvsc::tpm {

Connection::Connection(const std::string& tcti) : executor_(tcti) {}

Connection::~Connection() {
    if (!abandoned_)
        flush_all();
    if (count_at_close_ != nullptr)
        *count_at_close_ = executor_.command_count();
}

/// One that is gone already must not keep the others from being flushed.
void Connection::flush_all() noexcept {
    for (const std::uint32_t handle :
         {loaded_handle_, policy_ ? policy_->handle() : 0, hmac_ ? hmac_->handle() : 0}) {
        try {
            if (handle != 0)
                flush(handle);
        } catch (...) { // NOLINT: the TPM has gone, and our handles with it
        }
    }
}

Session Connection::start_session(const Parent& parent, TPM2_SE type, std::size_t nonce_bytes) {
    const ParentSecret salt = make_parent_secret(parent, "SECRET");
    const Bytes nonce_caller = crypto::random_bytes(nonce_bytes);
    const auto nonce = to_tpm2b<TPM2B_NONCE>(nonce_caller);
    TPMT_SYM_DEF symmetric{};
    symmetric.algorithm = TPM2_ALG_AES;
    symmetric.keyBits.aes = 128;
    symmetric.mode.aes = TPM2_ALG_CFB;
    TPM2_HANDLE handle = 0;
    TPM2B_NONCE nonce_tpm{};
    executor_.run(
        {.name = "TPM2_StartAuthSession", .code = TPM2_CC_StartAuthSession},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_StartAuthSession_Prepare(sys, parent.handle, TPM2_RH_NULL, &nonce,
                                                     &salt.encrypted, type, &symmetric,
                                                     TPM2_ALG_SHA256);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_StartAuthSession_Complete(sys, &handle, &nonce_tpm);
        });
    return Session(handle, session_key(salt.value.view(), {}, view_of(nonce_tpm), nonce_caller),
                   to_bytes(view_of(nonce_tpm)));
}

Session& Connection::policy_session(const Parent& parent) {
    if (policy_ && policy_parent_ != parent.name) {
        flush(policy_->handle());
        policy_.reset();
    }
    if (!policy_) {
        policy_ = start_session(parent, TPM2_SE_POLICY, crypto::sha256_bytes);
        policy_parent_ = parent.name;
        policy_dirty_ = false;
    }
    if (policy_dirty_) {
        executor_.run({.name = "TPM2_PolicyRestart", .code = TPM2_CC_PolicyRestart},
                      [&](TSS2_SYS_CONTEXT* sys) {
                          return Tss2_Sys_PolicyRestart_Prepare(sys, policy_->handle());
                      });
        policy_dirty_ = false;
    }
    return *policy_;
}

Session& Connection::hmac_session(const Parent& parent) {
    if (hmac_ && hmac_parent_ != parent.name) {
        flush(hmac_->handle());
        hmac_.reset();
    }
    if (!hmac_) {
        hmac_ = start_session(parent, TPM2_SE_HMAC, crypto::sha256_bytes);
        hmac_parent_ = parent.name;
    }
    return *hmac_;
}

Session Connection::waiting_session(const Parent& parent) {
    constexpr std::size_t shortest_nonce = 16; // part 3 section 11.1.1
    return start_session(parent, TPM2_SE_POLICY, shortest_nonce);
}

std::uint32_t Connection::load(const Parent& parent, const KeyBlob& key) {
    if (loaded_handle_ != 0 && loaded_key_ == key)
        return loaded_handle_;
    unload();
    loaded_handle_ = load_beside(parent, key);
    loaded_key_ = key;
    return loaded_handle_;
}

std::uint32_t Connection::load_beside(const Parent& parent, const KeyBlob& key) {
    const auto public_area =
        unmarshal<TPM2B_PUBLIC>(Tss2_MU_TPM2B_PUBLIC_Unmarshal, key.public_area);
    const auto private_area =
        unmarshal<TPM2B_PRIVATE>(Tss2_MU_TPM2B_PRIVATE_Unmarshal, key.private_area);
    TPM2_HANDLE handle = 0;
    executor_.run(
        {.name = "TPM2_Load",
         .code = TPM2_CC_Load,
         .names = {parent.name},
         .authorizations = {Authorization{}}},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_Load_Prepare(sys, parent.handle, &private_area, &public_area);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            TPM2B_NAME name{};
            return Tss2_Sys_Load_Complete(sys, &handle, &name);
        });
    return handle;
}

void Connection::unload() {
    if (loaded_handle_ == 0)
        return;
    const std::uint32_t handle = std::exchange(loaded_handle_, 0);
    loaded_key_ = {};
    flush(handle);
}

void Connection::flush(std::uint32_t handle) {
    executor_.run(
        {.name = "TPM2_FlushContext", .code = TPM2_CC_FlushContext},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_FlushContext_Prepare(sys, handle); });
}

} // namespace tpmvsc::tpm
