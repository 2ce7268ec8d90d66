// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/extensions.hpp"

#include "base/crypto.hpp"
#include "cli/failure.hpp"
#include "cli/x509/alternative_name.hpp"
#include "cli/x509/public_key.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace tpmvsc::cli::x509 {
namespace {

/// Bits of KeyUsage that the key of a person or a machine may have.
constexpr std::array<std::pair<std::string_view, int>, 5> usages{{
    {"digital-signature", 0},
    {"non-repudiation", 1},
    {"key-encipherment", 2},
    {"data-encipherment", 3},
    {"key-agreement", 4},
}};

/// Key purposes: those of RFC 5280 and its neighbours, and Microsoft's.
constexpr std::array<std::pair<std::string_view, const char*>, 11> purposes{{
    {"client-auth", "1.3.6.1.5.5.7.3.2"},
    {"server-auth", "1.3.6.1.5.5.7.3.1"},
    {"code-signing", "1.3.6.1.5.5.7.3.3"},
    {"email-protection", "1.3.6.1.5.5.7.3.4"},
    {"ipsec-ike", "1.3.6.1.5.5.7.3.17"},
    {"smartcard-logon", "1.3.6.1.4.1.311.20.2.2"},
    {"enrolment-agent", "1.3.6.1.4.1.311.20.2.1"},
    {"pkinit-client", "1.3.6.1.5.2.3.4"},
    {"file-encryption", "1.3.6.1.4.1.311.10.3.4"},
    {"document-signing", "1.3.6.1.4.1.311.10.3.12"},
    {"any", "2.5.29.37.0"},
}};

template<typename Table>
std::string names_in(const Table& table) {
    std::string text;
    for (const auto& [name, value] : table) {
        text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

int usage_bit(const std::string& name) {
    for (const auto& [known, bit] : usages) {
        if (name == known) {
            return bit;
        }
    }
    throw Failure(ExitCode::usage, "--key-usage takes " + key_usage_names());
}

ASN1_OBJECT* purpose(const std::string& name) {
    std::string oid = name;
    for (const auto& [known, number] : purposes) {
        oid = name == known ? number : oid;
    }
    ASN1_OBJECT* object = OBJ_txt2obj(oid.c_str(), 1);
    if (object == nullptr) {
        throw Failure(ExitCode::usage, "--extended-key-usage takes " + extended_key_usage_names() +
                                           ", or an object identifier in digits and dots");
    }
    return object;
}

} // namespace

Extensions::~Extensions() {
    sk_X509_EXTENSION_pop_free(list_, X509_EXTENSION_free);
}

void Extensions::add(int kind, void* value, bool critical) {
    require(X509V3_add1_i2d(&list_, kind, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1,
            "make an extension");
}

void Extensions::add_alternative_names(const AlternativeNames& names) {
    if (names.empty()) {
        return;
    }
    const Owned<GENERAL_NAMES, GENERAL_NAMES_free> list(sk_GENERAL_NAME_new_null());
    const auto append_all = [&list](const std::vector<std::string>& values,
                                    GENERAL_NAME* (*make)(const std::string&)) {
        for (const std::string& value : values) {
            sk_GENERAL_NAME_push(list.get(), make(value));
        }
    };
    append_all(names.upns, upn_name);
    append_all(names.emails, email_name);
    append_all(names.dns, dns_name);
    append_all(names.uris, uri_name);
    add(NID_subject_alt_name, list.get(), false);
}

void Extensions::add_key_usage(const std::vector<std::string>& names) {
    if (names.empty()) {
        return;
    }
    const Owned<ASN1_BIT_STRING, ASN1_BIT_STRING_free> bits(ASN1_BIT_STRING_new());
    for (const std::string& name : names) {
        require(ASN1_BIT_STRING_set_bit(bits.get(), usage_bit(name), 1) == 1, "set a key usage");
    }
    add(NID_key_usage, bits.get(), true);
}

void Extensions::add_extended_key_usage(const std::vector<std::string>& names) {
    if (names.empty()) {
        return;
    }
    const Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> list(sk_ASN1_OBJECT_new_null());
    for (const std::string& name : names) {
        sk_ASN1_OBJECT_push(list.get(), purpose(name));
    }
    add(NID_ext_key_usage, list.get(), false);
}

void Extensions::add_end_entity(const card::PublicKey& key) {
    const Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(BASIC_CONSTRAINTS_new());
    add(NID_basic_constraints, constraints.get(), true);
    constexpr std::size_t identifier_bytes = 20; // RFC 7093 section 2, method 1
    const Bytes digest = crypto::sha256({key_info_of(key)});
    const Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> identifier(ASN1_OCTET_STRING_new());
    require(ASN1_OCTET_STRING_set(identifier.get(), digest.data(), identifier_bytes) == 1,
            "make a key identifier");
    add(NID_subject_key_identifier, identifier.get(), false);
}

void Extensions::add_from(const Certificate& certificate) {
    for (const int kind : {NID_subject_alt_name, NID_key_usage, NID_ext_key_usage}) {
        const int place = X509_get_ext_by_NID(&certificate.x509(), kind, -1);
        if (place >= 0) {
            require(X509v3_add_ext(&list_, X509_get_ext(&certificate.x509(), place), -1) != nullptr,
                    "copy an extension");
        }
    }
}

bool Extensions::empty() const {
    return list_ == nullptr || sk_X509_EXTENSION_num(list_) == 0;
}

Bytes Extensions::der() const {
    return to_der<const X509_EXTENSIONS>(i2d_X509_EXTENSIONS, list_);
}

std::string key_usage_names() {
    return names_in(usages);
}

std::string extended_key_usage_names() {
    return names_in(purposes);
}

} // namespace tpmvsc::cli::x509
