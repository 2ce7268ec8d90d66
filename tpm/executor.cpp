// SPDX-License-Identifier: Apache-2.0
#include "tpm/executor.hpp"

#include "base/crypto.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace tpmvsc::tpm {

namespace {

/// A TPM that is testing itself or throttles NV writes says "again"; 9 waits, doubling, are 5 s.
constexpr unsigned most_attempts = 10;
constexpr std::chrono::milliseconds first_wait{10};

/// The session that en- or decrypts, other than the first: its nonce enters the first one's HMAC.
const Session* other_session(const Call& call, std::uint8_t attribute) {
    for (std::size_t i = 1; i < call.authorizations.size(); ++i) {
        if ((call.authorizations[i].encryption & attribute) != 0)
            return call.authorizations[i].session;
    }
    return nullptr;
}

const Authorization* encrypting(const Call& call, std::uint8_t attribute) {
    for (const Authorization& authorization : call.authorizations) {
        if ((authorization.encryption & attribute) != 0)
            return &authorization;
    }
    return nullptr;
}

std::uint8_t attributes_of(const Authorization& authorization) {
    return static_cast<std::uint8_t>(
        authorization.encryption | (authorization.keep ? session_attribute::continue_session : 0));
}

bool uses_sessions(const Call& call) {
    return std::any_of(call.authorizations.begin(), call.authorizations.end(),
                       [](const Authorization& a) { return a.session != nullptr; });
}

} // namespace

Executor::Executor(const std::string& tcti) {
    const TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_);
    if (rc != TSS2_RC_SUCCESS)
        throw Error(Fault::unreachable, rc,
                    "the TPM cannot be reached by \"" + tcti +
                        "\": see that it exists and that this user may open it (group tss)");
    const std::size_t size = Tss2_Sys_GetContextSize(0);
    memory_.assign((size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t), 0);
    sys_ = reinterpret_cast<TSS2_SYS_CONTEXT*>(memory_.data());
    TSS2_ABI_VERSION abi = TSS2_ABI_VERSION_CURRENT;
    const TSS2_RC initialized = Tss2_Sys_Initialize(sys_, size, tcti_, &abi);
    if (initialized != TSS2_RC_SUCCESS) {
        Tss2_TctiLdr_Finalize(&tcti_);
        throw make_error("Tss2_Sys_Initialize", initialized);
    }
}

Executor::~Executor() {
    Tss2_Sys_Finalize(sys_);
    wipe({reinterpret_cast<std::uint8_t*>(memory_.data()), memory_.size() * sizeof(std::uint64_t)});
    Tss2_TctiLdr_Finalize(&tcti_);
}

/// Sends the prepared command. True when the answer is in; false when the same command is to be
/// prepared again, since the response has overwritten it.
bool Executor::send(const Call& call, unsigned attempt) {
    if (!call.authorizations.empty())
        authorize(call);
    ++command_count_;
    const TSS2_RC rc = Tss2_Sys_Execute(sys_);
    if (is_transient(rc) && attempt + 1 < most_attempts) {
        std::this_thread::sleep_for(first_wait * (1u << attempt));
        return false;
    }
    if (rc != TSS2_RC_SUCCESS) {
        if (call.never_twice && classify(rc) == Fault::unreachable)
            in_doubt_ = true;
        throw make_error(call.name, rc);
    }
    if (!call.authorizations.empty())
        accept_response(call);
    return true;
}

void Executor::authorize(const Call& call) {
    for (const Authorization& authorization : call.authorizations) {
        if (authorization.session != nullptr)
            authorization.session->set_nonce_caller(crypto::random_bytes(crypto::sha256_bytes));
    }
    encrypt_first_parameter(call);
    Bytes command_hash;
    if (uses_sessions(call)) {
        std::size_t size = 0;
        const std::uint8_t* parameters = nullptr;
        check("Tss2_Sys_GetCpBuffer", Tss2_Sys_GetCpBuffer(sys_, &size, &parameters));
        command_hash = cp_hash(call.code, call.names, {parameters, size});
    }
    TSS2L_SYS_AUTH_COMMAND auths{};
    const WipeAtEnd wiper(auths);
    auths.count = static_cast<std::uint16_t>(call.authorizations.size());
    for (std::size_t i = 0; i < call.authorizations.size(); ++i)
        auths.auths[i] = authorize_one(call, i, command_hash);
    check("Tss2_Sys_SetCmdAuths", Tss2_Sys_SetCmdAuths(sys_, &auths));
}

TPMS_AUTH_COMMAND Executor::authorize_one(const Call& call, std::size_t index,
                                          ByteView command_hash) const {
    const Authorization& authorization = call.authorizations[index];
    TPMS_AUTH_COMMAND result{};
    if (authorization.session == nullptr) {
        result.sessionHandle = TPM2_RS_PW;
        result.sessionAttributes = session_attribute::continue_session;
        result.hmac = to_tpm2b<TPM2B_AUTH>(authorization.auth_value);
        return result;
    }
    const Session& session = *authorization.session;
    HmacInput input{command_hash, session.nonce_caller(), session.nonce_tpm()};
    input.attributes = attributes_of(authorization);
    if (index == 0) {
        const Session* decrypting = other_session(call, session_attribute::decrypt);
        const Session* encrypting_one = other_session(call, session_attribute::encrypt);
        if (decrypting != nullptr)
            input.nonce_tpm_decrypt = decrypting->nonce_tpm();
        if (encrypting_one != nullptr && encrypting_one != decrypting)
            input.nonce_tpm_encrypt = encrypting_one->nonce_tpm();
    }
    result.sessionHandle = session.handle();
    result.nonce = to_tpm2b<TPM2B_NONCE>(session.nonce_caller());
    result.sessionAttributes = input.attributes;
    result.hmac =
        to_tpm2b<TPM2B_AUTH>(session_hmac(session.key(), authorization.auth_value, input));
    return result;
}

void Executor::encrypt_first_parameter(const Call& call) {
    const Authorization* by = encrypting(call, session_attribute::decrypt);
    if (by == nullptr)
        return;
    std::size_t size = 0;
    const std::uint8_t* parameter = nullptr;
    check("Tss2_Sys_GetDecryptParam", Tss2_Sys_GetDecryptParam(sys_, &size, &parameter));
    SecretBytes content(ByteView{parameter, size});
    crypt_parameter(Direction::encrypt, by->session->key(), by->auth_value,
                    by->session->nonce_caller(), by->session->nonce_tpm(), content.span());
    check("Tss2_Sys_SetDecryptParam", Tss2_Sys_SetDecryptParam(sys_, size, content.view().data()));
}

void Executor::accept_response(const Call& call) {
    TSS2L_SYS_AUTH_RESPONSE auths{};
    check("Tss2_Sys_GetRspAuths", Tss2_Sys_GetRspAuths(sys_, &auths));
    if (auths.count != call.authorizations.size())
        throw Error(Fault::protocol, 0,
                    std::string(call.name) + ": sessions missing in the answer");
    if (uses_sessions(call))
        verify_response(call, auths);
    decrypt_first_parameter(call);
}

void Executor::verify_response(const Call& call, const TSS2L_SYS_AUTH_RESPONSE& auths) {
    std::size_t size = 0;
    const std::uint8_t* parameters = nullptr;
    check("Tss2_Sys_GetRpBuffer", Tss2_Sys_GetRpBuffer(sys_, &size, &parameters));
    const Bytes response_hash = rp_hash(TPM2_RC_SUCCESS, call.code, {parameters, size});
    for (std::size_t i = 0; i < call.authorizations.size(); ++i) {
        const Authorization& authorization = call.authorizations[i];
        if (authorization.session == nullptr)
            continue;
        const ByteView nonce = view_of(auths.auths[i].nonce);
        HmacInput input{response_hash, nonce, authorization.session->nonce_caller()};
        input.attributes = auths.auths[i].sessionAttributes;
        const Bytes expected =
            session_hmac(authorization.session->key(), authorization.auth_value, input);
        if (!equal_secret(expected, view_of(auths.auths[i].hmac)))
            throw Error(Fault::protocol, 0,
                        std::string(call.name) +
                            ": the answer was not made by this card's TPM (session HMAC is wrong)");
        authorization.session->roll(to_bytes(nonce));
    }
}

void Executor::decrypt_first_parameter(const Call& call) {
    const Authorization* by = encrypting(call, session_attribute::encrypt);
    if (by == nullptr)
        return;
    std::size_t size = 0;
    const std::uint8_t* parameter = nullptr;
    check("Tss2_Sys_GetEncryptParam", Tss2_Sys_GetEncryptParam(sys_, &size, &parameter));
    if (size == 0) // no ticket was given
        return;
    SecretBytes content(ByteView{parameter, size});
    crypt_parameter(Direction::decrypt, by->session->key(), by->auth_value,
                    by->session->nonce_tpm(), by->session->nonce_caller(), content.span());
    check("Tss2_Sys_SetEncryptParam", Tss2_Sys_SetEncryptParam(sys_, size, content.view().data()));
    secret_response_ = true;
}

/// A decrypted answer (an unsealed key, a shared secret) does not stay in the system context.
void Executor::forget_response() {
    if (!secret_response_)
        return;
    secret_response_ = false;
    std::size_t size = 0;
    const std::uint8_t* parameter = nullptr;
    if (Tss2_Sys_GetEncryptParam(sys_, &size, &parameter) == TSS2_RC_SUCCESS)
        wipe({const_cast<std::uint8_t*>(parameter), size}); // NOLINT: memory_ above is ours
}

} // namespace tpmvsc::tpm
