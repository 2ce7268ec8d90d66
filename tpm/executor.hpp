// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/check.hpp"
#include "tpm/session.hpp"

#include <tss2/tss2_sys.h>

#include <memory>
#include <string>
#include <vector>

namespace tpmvsc::tpm {

/// Authorization is one entry of a command's authorisation area: for a handle that wants one, in
/// order, then further sessions that only encrypt.
struct Authorization {
    Session* session = nullptr;  ///< null: password authorisation
    ByteView auth_value{};       ///< of the entity that the session authorises
    std::uint8_t encryption = 0; ///< session_attribute::decrypt and encrypt
    bool keep = true;            ///< false: the TPM ends the session when the command succeeds
};

/// Call says how a command is to be run.
struct Call {
    const char* name; ///< "TPM2_NV_Write"
    TPM2_CC code;
    std::vector<Bytes> names{}; ///< Names of the handles in order, for cpHash
    std::vector<Authorization> authorizations{};
    /// It costs a try when its authorisation is wrong, or changes what the next try is held
    /// against: after a broken connection nobody knows whether it did, so the work is never
    /// repeated by itself.
    bool never_twice = false;
};

/// Executor runs TPM commands, one at a time: marshalling and transport are tpm2-tss's system API,
/// the sessions are ours.
class Executor {
  public:
    explicit Executor(const std::string& tcti);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    /// Runs one command. `prepare` and `complete` call the command's Tss2_Sys_..._Prepare and
    /// _Complete and return their code. Throws Error.
    template<typename Prepare, typename Complete>
    void run(const Call& call, Prepare&& prepare, Complete&& complete) {
        unsigned attempt = 0;
        do
            check(call.name, prepare(sys()));
        while (!send(call, attempt++));
        check(call.name, complete(sys()));
        forget_response();
    }
    template<typename Prepare>
    void run(const Call& call, Prepare&& prepare) {
        run(call, prepare, [](TSS2_SYS_CONTEXT*) { return TSS2_RC_SUCCESS; });
    }

    TSS2_SYS_CONTEXT* sys() { return sys_; }
    std::uint64_t command_count() const { return command_count_; }
    /// True when a command that is never sent twice was left without an answer, since
    /// clear_doubt().
    bool in_doubt() const { return in_doubt_; }
    void clear_doubt() { in_doubt_ = false; }

  private:
    bool send(const Call& call, unsigned attempt);
    void authorize(const Call& call);
    TPMS_AUTH_COMMAND authorize_one(const Call& call, std::size_t index,
                                    ByteView command_hash) const;
    void encrypt_first_parameter(const Call& call);
    void accept_response(const Call& call);
    void verify_response(const Call& call, const TSS2L_SYS_AUTH_RESPONSE& auths);
    void decrypt_first_parameter(const Call& call);
    void forget_response();

    TSS2_TCTI_CONTEXT* tcti_ = nullptr;
    std::vector<std::uint64_t> memory_; ///< the system context lives in here
    TSS2_SYS_CONTEXT* sys_ = nullptr;
    std::uint64_t command_count_ = 0;
    bool secret_response_ = false;
    bool in_doubt_ = false;
};

/// handle_name is the Name of a session, PCR or permanent handle: the handle itself.
inline Bytes handle_name(std::uint32_t handle) {
    return big_endian32(handle);
}

} // namespace tpmvsc::tpm
