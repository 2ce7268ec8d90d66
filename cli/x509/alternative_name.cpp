// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/alternative_name.hpp"

#include "cli/failure.hpp"
#include "cli/output.hpp"

#include <algorithm>
#include <cctype>

namespace tpmvsc::cli::x509 {
namespace {

bool is_graphic_ascii(const std::string& text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_label(const std::string& label) {
    constexpr std::size_t longest = 63;
    return !label.empty() && label.size() <= longest && label.front() != '-' &&
           label.back() != '-' && std::all_of(label.begin(), label.end(), [](unsigned char c) {
               return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_');
           });
}

bool is_domain(const std::string& text) {
    std::size_t start = 0;
    for (;;) {
        const auto dot = text.find('.', start);
        if (!is_label(text.substr(start, dot - start))) {
            return false;
        }
        if (dot == std::string::npos) {
            return true;
        }
        start = dot + 1;
    }
}

/// user@domain, with one at sign; what the user's part may hold differs.
bool is_at_domain(const std::string& text) {
    const auto at = text.find('@');
    return at != std::string::npos && at > 0 && text.find('@', at + 1) == std::string::npos &&
           is_domain(text.substr(at + 1));
}

bool is_upn(const std::string& text) {
    const bool clean = std::none_of(text.begin(), text.end(), [](unsigned char c) {
        return c <= 0x20 || c == 0x7F || c == '"' || c == '/' || c == '\\';
    });
    return clean && is_at_domain(text);
}

bool is_uri(const std::string& text) {
    const auto colon = text.find(':');
    return is_graphic_ascii(text) && colon != std::string::npos && colon > 0 &&
           colon + 1 < text.size() && std::isalpha(static_cast<unsigned char>(text.front())) != 0;
}

void check(bool fits, const std::string& option, const std::string& text, const std::string& form) {
    if (!fits) {
        throw Failure(ExitCode::usage,
                      option + " takes " + form + "; \"" + printable(text) + "\" is none");
    }
}

GENERAL_NAME* ascii_name(int kind, const std::string& text) {
    Owned<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
    Owned<ASN1_IA5STRING, ASN1_IA5STRING_free> value(ASN1_IA5STRING_new());
    require(name && value &&
                ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size())) == 1,
            "make an alternative name");
    GENERAL_NAME_set0_value(name.get(), kind, value.release());
    return name.release();
}

} // namespace

bool is_user_principal_name(const std::string& text) {
    return is_upn(text);
}

GENERAL_NAME* email_name(const std::string& text) {
    check(is_graphic_ascii(text) && is_at_domain(text), "--email", text, "a mail address");
    return ascii_name(GEN_EMAIL, text);
}

GENERAL_NAME* dns_name(const std::string& text) {
    check(is_domain(text.starts_with("*.") ? text.substr(2) : text), "--dns", text,
          "a host's name in the DNS");
    return ascii_name(GEN_DNS, text);
}

GENERAL_NAME* uri_name(const std::string& text) {
    check(is_uri(text), "--uri", text, "a URI with its scheme");
    return ascii_name(GEN_URI, text);
}

GENERAL_NAME* upn_name(const std::string& text) {
    check(is_upn(text), "--upn", text, "a user principal name, user@domain");
    Owned<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
    Owned<ASN1_UTF8STRING, ASN1_UTF8STRING_free> text_value(ASN1_UTF8STRING_new());
    Owned<ASN1_TYPE, ASN1_TYPE_free> value(ASN1_TYPE_new());
    require(name && text_value && value &&
                ASN1_STRING_set(text_value.get(), text.data(), static_cast<int>(text.size())) == 1,
            "make a user principal name");
    ASN1_TYPE_set(value.get(), V_ASN1_UTF8STRING, text_value.release());
    require(GENERAL_NAME_set0_othername(name.get(), OBJ_txt2obj("1.3.6.1.4.1.311.20.2.3", 1),
                                        value.get()) == 1,
            "make a user principal name");
    (void)value.release();
    return name.release();
}

} // namespace tpmvsc::cli::x509
