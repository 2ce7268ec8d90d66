// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pkcs11_signer.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace tpmvsc::bench {

namespace {

void check(const char* call, ck_rv_t code) {
    if (code == CKR_OK)
        return;
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%s: PKCS#11 code 0x%08lx", call, code);
    throw std::runtime_error(text.data());
}

/// PKCS#11 pads its texts with spaces and ends them with nothing.
template<std::size_t Size>
bool is_text(const unsigned char (&field)[Size], const std::string& text) {
    std::string_view padded(reinterpret_cast<const char*>(field), Size);
    return padded.substr(0, padded.find_last_not_of(' ') + 1) == text;
}

} // namespace

Pkcs11Module::Pkcs11Module(const std::string& path)
    : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL), dlclose) {
    if (!library_)
        throw std::runtime_error(dlerror());
    const auto get_list = reinterpret_cast<ck_rv_t (*)(ck_function_list**)>(
        dlsym(library_.get(), "C_GetFunctionList"));
    if (get_list == nullptr)
        throw std::runtime_error(path + " is no PKCS#11 module");
    check("C_GetFunctionList", get_list(&functions_));
    check("C_Initialize", functions_->C_Initialize(nullptr));
}

Pkcs11Module::~Pkcs11Module() {
    functions_->C_Finalize(nullptr);
}

ck_slot_id_t Pkcs11Module::find_slot(const std::string& name) const {
    std::vector<ck_slot_id_t> slots(64);
    unsigned long count = slots.size();
    check("C_GetSlotList", functions_->C_GetSlotList(1, slots.data(), &count));
    slots.resize(count);
    for (const ck_slot_id_t slot : slots) {
        ck_slot_info about_slot{};
        ck_token_info about_token{};
        check("C_GetSlotInfo", functions_->C_GetSlotInfo(slot, &about_slot));
        if (functions_->C_GetTokenInfo(slot, &about_token) != CKR_OK)
            continue;
        if (is_text(about_slot.slot_description, name) || is_text(about_token.label, name))
            return slot;
    }
    throw std::runtime_error("no PKCS#11 slot or token \"" + name + "\"");
}

Pkcs11Signer::Pkcs11Signer(const Pkcs11Module& module, const std::string& name,
                           const std::string& pin, ck_key_type_t type)
    : functions_(module.functions()) {
    check("C_OpenSession", functions_.C_OpenSession(module.find_slot(name), CKF_SERIAL_SESSION,
                                                    nullptr, nullptr, &session_));
    try {
        log_in(pin);
        key_ = find_key(type);
    } catch (...) {
        functions_.C_CloseSession(session_);
        throw;
    }
}

Pkcs11Signer::~Pkcs11Signer() {
    functions_.C_Logout(session_);
    functions_.C_CloseSession(session_);
}

void Pkcs11Signer::log_in(const std::string& pin) const {
    Bytes bytes = to_bytes(pin);
    check("C_Login", functions_.C_Login(session_, CKU_USER, bytes.data(), bytes.size()));
}

ck_object_handle_t Pkcs11Signer::find_key(ck_key_type_t type) const {
    ck_object_class_t kind = CKO_PRIVATE_KEY;
    std::array<ck_attribute, 2> wanted{
        {{CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}}};
    check("C_FindObjectsInit",
          functions_.C_FindObjectsInit(session_, wanted.data(), wanted.size()));
    ck_object_handle_t found = 0;
    unsigned long count = 0;
    const ck_rv_t result = functions_.C_FindObjects(session_, &found, 1, &count);
    functions_.C_FindObjectsFinal(session_);
    check("C_FindObjects", result);
    if (count == 0)
        throw std::runtime_error("the PKCS#11 token has no such private key");
    return found;
}

void Pkcs11Signer::sign(ck_mechanism_type_t mechanism, ByteView data) const {
    ck_mechanism how{mechanism, nullptr, 0};
    check("C_SignInit", functions_.C_SignInit(session_, &how, key_));
    Bytes input = to_bytes(data);
    std::array<unsigned char, 512> signature;
    unsigned long size = signature.size();
    check("C_Sign",
          functions_.C_Sign(session_, input.data(), input.size(), signature.data(), &size));
}

} // namespace tpmvsc::bench
