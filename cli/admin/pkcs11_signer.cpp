// SPDX-License-Identifier: Apache-2.0
#include "cli/admin/pkcs11_signer.hpp"

#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace tpmvsc::cli {
namespace {

constexpr const char* scheme = "pkcs11:";

template<auto free_function>
struct Free {
    template<typename Object>
    void operator()(Object* object) const {
        free_function(object);
    }
};
using Uri = std::unique_ptr<P11KitUri, Free<p11_kit_uri_free>>;

void require(CK_RV result, const char* call) {
    if (result != CKR_OK) {
        throw Failure(ExitCode::failed,
                      std::string("the token: ") + call + ": " + p11_kit_strerror(result));
    }
}

Uri parse_uri(const std::string& text) {
    Uri uri(p11_kit_uri_new());
    const int result = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get());
    if (result != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(uri.get()) != 0) {
        throw Failure(ExitCode::usage, "--key: this PKCS#11 URI cannot be read (RFC 7512)");
    }
    if (p11_kit_uri_get_pin_value(uri.get()) != nullptr) {
        throw Failure(ExitCode::usage,
                      "--key: a PIN in the URI (pin-value) is not taken: on the command line every "
                      "user of this computer could see it (ps); use --pin");
    }
    CK_OBJECT_CLASS wanted = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE attribute{CKA_CLASS, &wanted, sizeof wanted};
    p11_kit_uri_set_attribute(uri.get(), &attribute);
    return uri;
}

/// Modules are the PKCS#11 libraries in which the token may be, made ready while this lives.
class Modules {
  public:
    explicit Modules(P11KitUri* uri) {
        const char* path = p11_kit_uri_get_module_path(uri);
        if (path != nullptr) {
            load_one(path);
        } else {
            list_ = p11_kit_modules_load_and_initialize(0);
        }
        if (list_ == nullptr) {
            const char* reason = p11_kit_message();
            throw Failure(ExitCode::failed, std::string("no PKCS#11 module can be loaded: ") +
                                                (reason == nullptr ? "none is there" : reason));
        }
    }
    ~Modules() { p11_kit_modules_finalize_and_release(list_); }
    Modules(const Modules&) = delete;
    Modules& operator=(const Modules&) = delete;
    CK_FUNCTION_LIST** list() const { return list_; }

  private:
    void load_one(const char* path) {
        CK_FUNCTION_LIST* module = p11_kit_module_load(path, 0);
        if (module == nullptr) {
            return;
        }
        if (p11_kit_module_initialize(module) != CKR_OK) {
            p11_kit_module_release(module);
            return;
        }
        // Released as p11-kit releases its own lists: with free().
        list_ = static_cast<CK_FUNCTION_LIST**>(std::calloc(2, sizeof(CK_FUNCTION_LIST*)));
        list_[0] = module;
    }
    CK_FUNCTION_LIST** list_ = nullptr;
};

/// A token, and the module that speaks for it.
struct Token {
    CK_FUNCTION_LIST* module = nullptr;
    CK_SLOT_ID slot = 0;
    CK_TOKEN_INFO info{};

    bool has(CK_FLAGS flag) const { return (info.flags & flag) != 0; }
    /// Padded with blanks in PKCS#11.
    std::string label() const {
        std::string text(reinterpret_cast<const char*>(info.label), sizeof info.label);
        text.erase(text.find_last_not_of(' ') + 1);
        return printable(text);
    }
};

bool fits(CK_FUNCTION_LIST* module, P11KitUri* uri) {
    CK_INFO info{};
    return module->C_GetInfo(&info) == CKR_OK && p11_kit_uri_match_module_info(uri, &info) == 1;
}

/// Tokens that cannot hold a private key of ours are passed over: those without a PIN.
bool fits(const Token& token, P11KitUri* uri) {
    return token.has(CKF_TOKEN_INITIALIZED) && token.has(CKF_LOGIN_REQUIRED) &&
           p11_kit_uri_match_token_info(uri, &token.info) == 1;
}

std::vector<CK_SLOT_ID> slots_with_tokens(CK_FUNCTION_LIST* module) {
    CK_ULONG count = 0;
    if (module->C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK) {
        return {};
    }
    std::vector<CK_SLOT_ID> slots(count);
    if (module->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) {
        return {}; // one came in between: the next try finds it
    }
    slots.resize(count);
    return slots;
}

std::vector<Token> fitting_tokens(const Modules& modules, P11KitUri* uri) {
    std::vector<Token> found;
    for (CK_FUNCTION_LIST** module = modules.list(); *module != nullptr; ++module) {
        if (!fits(*module, uri)) {
            continue;
        }
        for (const CK_SLOT_ID slot : slots_with_tokens(*module)) {
            Token token{*module, slot, {}};
            if ((*module)->C_GetTokenInfo(slot, &token.info) == CKR_OK && fits(token, uri)) {
                found.push_back(token);
            }
        }
    }
    return found;
}

Token find_token(const Modules& modules, P11KitUri* uri) {
    const std::vector<Token> found = fitting_tokens(modules, uri);
    if (found.empty()) {
        throw Failure(ExitCode::no_device, "--key: there is no token that this URI fits "
                                           "(p11tool --list-tokens shows them)");
    }
    if (found.size() > 1) {
        std::string labels;
        for (const Token& token : found) {
            labels += (labels.empty() ? "\"" : ", \"") + token.label() + "\"";
        }
        throw Failure(ExitCode::usage, "--key: several tokens fit this URI; name one of them with "
                                       "token= or serial=: " +
                                           labels);
    }
    return found.front();
}

/// Session is a session with the token, logged in where it wants that.
class Session {
  public:
    Session(const Token& token, const SecretSource& source) : token_(token) {
        require(token_.module->C_OpenSession(token_.slot, CKF_SERIAL_SESSION, nullptr, nullptr,
                                             &handle_),
                "C_OpenSession");
        try {
            obtain_pin(source);
            log_in(CKU_USER);
        } catch (...) {
            token_.module->C_CloseSession(handle_);
            throw;
        }
    }
    ~Session() {
        token_.module->C_Logout(handle_);
        token_.module->C_CloseSession(handle_);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    CK_OBJECT_HANDLE find_key(P11KitUri* uri) const;
    /// The value of an attribute; nothing where the key has none.
    std::optional<Bytes> attribute(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type) const;
    Bytes sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type, Bytes data);

  private:
    void obtain_pin(const SecretSource& source);
    void log_in(CK_USER_TYPE user);

    const Token token_;
    CK_SESSION_HANDLE handle_ = 0;
    std::optional<SecretBytes> pin_; ///< none: it is entered at the token's own keypad
};

void Session::obtain_pin(const SecretSource& source) {
    if (token_.has(CKF_PROTECTED_AUTHENTICATION_PATH)) {
        return;
    }
    if (source.kind != SecretSource::Kind::prompt) {
        pin_ = read_secret("--pin", source);
        return;
    }
    const Terminal terminal("give --pin file:PATH, fd:N or - (standard input)");
    pin_ = terminal.ask_secret("PIN of token \"" + token_.label() + "\"");
}

void Session::log_in(CK_USER_TYPE user) {
    unsigned char* pin = pin_ ? pin_->span().data() : nullptr;
    const CK_RV result = token_.module->C_Login(handle_, user, pin, pin_ ? pin_->size() : 0);
    if (result == CKR_USER_ALREADY_LOGGED_IN) {
        return;
    }
    if (result == CKR_PIN_INCORRECT || result == CKR_PIN_LEN_RANGE || result == CKR_PIN_INVALID ||
        result == CKR_PIN_LOCKED) {
        throw Failure(
            ExitCode::not_authorised,
            "token \"" + token_.label() +
                "\": " + (result == CKR_PIN_LOCKED ? "its PIN is blocked" : "this is not its PIN"));
    }
    require(result, "C_Login");
}

CK_OBJECT_HANDLE Session::find_key(P11KitUri* uri) const {
    CK_ULONG attributes = 0;
    CK_ATTRIBUTE* wanted = p11_kit_uri_get_attributes(uri, &attributes);
    require(token_.module->C_FindObjectsInit(handle_, wanted, attributes), "C_FindObjectsInit");
    std::array<CK_OBJECT_HANDLE, 2> keys{};
    CK_ULONG count = 0;
    const CK_RV result = token_.module->C_FindObjects(handle_, keys.data(), keys.size(), &count);
    token_.module->C_FindObjectsFinal(handle_);
    require(result, "C_FindObjects");
    if (count != 1) {
        throw Failure(ExitCode::usage,
                      "--key: token \"" + token_.label() + "\" has " +
                          (count == 0 ? "no private key that this URI fits"
                                      : "several private keys that this URI fits: name one of them "
                                        "with object= or id="));
    }
    return keys.front();
}

std::optional<Bytes> Session::attribute(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type) const {
    std::array<std::uint8_t, 1024> buffer{};
    CK_ATTRIBUTE wanted{type, buffer.data(), buffer.size()};
    if (token_.module->C_GetAttributeValue(handle_, key, &wanted, 1) != CKR_OK ||
        wanted.ulValueLen > buffer.size()) {
        return std::nullopt;
    }
    return Bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(wanted.ulValueLen));
}

Bytes Session::sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type, Bytes data) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    require(token_.module->C_SignInit(handle_, &mechanism, key), "C_SignInit");
    if (attribute(key, CKA_ALWAYS_AUTHENTICATE) == Bytes{CK_TRUE}) {
        log_in(CKU_CONTEXT_SPECIFIC);
    }
    constexpr std::size_t longest_signature = 512;
    Bytes signature(longest_signature);
    CK_ULONG size = signature.size();
    require(token_.module->C_Sign(handle_, data.data(), data.size(), signature.data(), &size),
            "C_Sign");
    signature.resize(size);
    return signature;
}

/// The prefix of DigestInfo for SHA-256 (RFC 8017 section 9.2).
Bytes digest_info(ByteView digest) {
    const Bytes head{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    return concat({head, digest});
}

Bytes sign_by_type(Session& session, CK_OBJECT_HANDLE key, ByteView digest) {
    constexpr std::array<std::uint8_t, 10> p256{0x06, 0x08, 0x2A, 0x86, 0x48,
                                                0xCE, 0x3D, 0x03, 0x01, 0x07};
    const auto is_type = [&](CK_KEY_TYPE type) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(&type);
        return session.attribute(key, CKA_KEY_TYPE) == Bytes(bytes, bytes + sizeof type);
    };
    if (is_type(CKK_RSA)) {
        return session.sign(key, CKM_RSA_PKCS, digest_info(digest));
    }
    const auto curve = session.attribute(key, CKA_EC_PARAMS);
    if (is_type(CKK_EC) && curve && equal(*curve, p256)) {
        return session.sign(key, CKM_ECDSA, to_bytes(digest));
    }
    throw Failure(ExitCode::unsupported, "--key: an authority's key is P-256 or RSA");
}

SecretSource pin_source(P11KitUri* uri, const SecretSource& given) {
    const char* source = p11_kit_uri_get_pin_source(uri);
    if (given.kind != SecretSource::Kind::prompt || source == nullptr) {
        return given;
    }
    const std::string text = source;
    return parse_secret_source("pin-source", text.starts_with('/') ? "file:" + text : text,
                               {.well_known_and_random = false});
}

} // namespace

bool is_pkcs11_uri(const std::string& text) {
    return text.starts_with(scheme);
}

ResetAnswer sign_with_token(const std::string& uri_text, const SecretSource& pin,
                            const ResetChallenge& challenge) {
    const Uri uri = parse_uri(uri_text);
    const Modules modules(uri.get());
    Session session(find_token(modules, uri.get()), pin_source(uri.get(), pin));
    const Bytes signature =
        sign_by_type(session, session.find_key(uri.get()), signed_digest(challenge));
    return {challenge.kind, signature};
}

} // namespace tpmvsc::cli
