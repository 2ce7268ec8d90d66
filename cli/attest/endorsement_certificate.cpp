// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/endorsement_certificate.hpp"

#include "cli/attest/x509_parts.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"

#include <algorithm>
#include <array>

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace tpmvsc::cli::attest {
namespace {

constexpr std::string_view manufacturer_attribute = "2.23.133.2.1";
constexpr std::string_view model_attribute = "2.23.133.2.2";
constexpr std::string_view version_attribute = "2.23.133.2.3";
constexpr std::string_view endorsement_usage = "2.23.133.8.1";

void free_certificates(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}
void free_names(GENERAL_NAMES* names) {
    GENERAL_NAMES_free(names);
}
void free_usage(EXTENDED_KEY_USAGE* usage) {
    EXTENDED_KEY_USAGE_free(usage);
}
using Certificates = std::unique_ptr<STACK_OF(X509), openssl::Free<free_certificates>>;
using Store = std::unique_ptr<X509_STORE, openssl::Free<X509_STORE_free>>;
using Verification = std::unique_ptr<X509_STORE_CTX, openssl::Free<X509_STORE_CTX_free>>;

std::string text_of(const ASN1_STRING* string) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, string);
    if (size < 0) {
        return "";
    }
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

/// "id:49465800" is the four letters IFX and a zero.
std::string manufacturer_letters(const std::string& text) {
    constexpr std::string_view prefix = "id:";
    const auto bytes = text.starts_with(prefix)
                           ? tpmvsc::from_hex(std::string_view(text).substr(prefix.size()))
                           : std::nullopt;
    if (!bytes) {
        return text;
    }
    std::string letters;
    std::copy_if(bytes->begin(), bytes->end(), std::back_inserter(letters),
                 [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7F; });
    return letters.empty() ? text : letters;
}

void read_name(const X509_NAME* name, TpmMake& make) {
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
        const std::string attribute = oid_text(X509_NAME_ENTRY_get_object(entry));
        const std::string value = text_of(X509_NAME_ENTRY_get_data(entry));
        if (attribute == manufacturer_attribute) {
            make.manufacturer = manufacturer_letters(value);
        } else if (attribute == model_attribute) {
            make.model = value;
        } else if (attribute == version_attribute) {
            make.version = value;
        }
    }
}

void read_alternative_name(const X509* certificate, TpmMake& make) {
    const std::unique_ptr<GENERAL_NAMES, openssl::Free<free_names>> names(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DIRNAME) {
            read_name(name->d.directoryName, make);
        }
    }
}

/// Where a certificate says what its key is for, it has to be for this. Where it does not, only the
/// name of a TPM tells it from any other that the maker's authority has issued.
bool is_for_endorsement(const X509* certificate) {
    const std::unique_ptr<EXTENDED_KEY_USAGE, openssl::Free<free_usage>> usage(
        static_cast<EXTENDED_KEY_USAGE*>(
            X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
    if (!usage) {
        return true;
    }
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage.get()); ++i) {
        if (oid_text(sk_ASN1_OBJECT_value(usage.get(), i)) == endorsement_usage) {
            return true;
        }
    }
    return false;
}

/// Extensions that makers mark as critical in what they issue, and that say nothing against it.
bool is_known(const ASN1_OBJECT* extension) {
    constexpr std::array known{NID_subject_alt_name, NID_subject_directory_attributes,
                               NID_certificate_policies, NID_ext_key_usage};
    return std::find(known.begin(), known.end(), OBJ_obj2nid(extension)) != known.end();
}

bool only_known_critical(const X509* certificate) {
    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        X509_EXTENSION* const extension = X509_get_ext(certificate, i);
        if (X509_EXTENSION_get_critical(extension) == 1 &&
            X509_supported_extension(extension) == 0 &&
            !is_known(X509_EXTENSION_get_object(extension))) {
            return false;
        }
    }
    return true;
}

int tolerate(int ok, X509_STORE_CTX* context) {
    if (ok == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION ||
        X509_STORE_CTX_get_error_depth(context) != 0) {
        return ok;
    }
    return only_known_critical(X509_STORE_CTX_get_current_cert(context)) ? 1 : 0;
}

/// All certificates of a file, PEM or one in DER.
void read_roots(const std::string& path, X509_STORE* anchors, STACK_OF(X509) * others) {
    const SecretBytes content = openssl::read_file(path);
    const openssl::Bio bio = openssl::reader(content.view());
    std::size_t found = 0;
    const auto take = [&](openssl::Certificate certificate) {
        ++found;
        // A name alone makes no root: of a renewed one there are certificates by its former key.
        if (X509_self_signed(certificate.get(), 1) == 1) {
            openssl::require(X509_STORE_add_cert(anchors, certificate.get()) == 1,
                             "X509_STORE_add_cert");
        } else if (sk_X509_push(others, certificate.get()) > 0) {
            static_cast<void>(certificate.release()); // it is the stack's now
        }
    };
    while (
        openssl::Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        take(std::move(certificate));
    }
    openssl::reason();
    if (found == 0) {
        const unsigned char* position = content.view().data();
        if (openssl::Certificate certificate{
                d2i_X509(nullptr, &position, static_cast<long>(content.size()))}) {
            take(std::move(certificate));
        }
        openssl::reason();
    }
    if (found == 0) {
        throw Failure(ExitCode::failed, printable(path) + " holds no certificate");
    }
}

} // namespace

TpmMake read_make(ByteView certificate, const PublicArea& endorsement_key) {
    const openssl::Certificate parsed = parse_certificate(certificate);
    demand(holds_numbers(parsed.get(), endorsement_key),
           "the endorsement certificate is for another key");
    demand(X509_check_ca(parsed.get()) == 0, "the endorsement certificate is an authority's");
    demand(is_for_endorsement(parsed.get()),
           "the endorsement certificate is for something else than endorsement keys");
    TpmMake make;
    read_alternative_name(parsed.get(), make);
    demand(X509_get_extension_flags(parsed.get()) & EXFLAG_XKUSAGE ||
               (!make.manufacturer.empty() && !make.model.empty() && !make.version.empty()),
           "the certificate does not say that it is for an endorsement key");
    demand((X509_get_key_usage(parsed.get()) &
            (endorsement_key.is_rsa() ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT)) != 0,
           "the endorsement certificate is for keys that do something else");
    std::array<char, 256> issuer{};
    X509_NAME_oneline(X509_get_issuer_name(parsed.get()), issuer.data(),
                      static_cast<int>(issuer.size()));
    make.issuer = issuer.data();
    openssl::reason();
    return make;
}

std::string why_untrusted(ByteView certificate, const std::vector<Bytes>& issuers,
                          const std::vector<std::string>& roots) {
    const openssl::Certificate parsed = parse_certificate(certificate);
    const Store anchors(X509_STORE_new());
    const Certificates others(sk_X509_new_null());
    const Verification context(X509_STORE_CTX_new());
    openssl::require(anchors && others && context, "X509_STORE_new");
    for (const std::string& path : roots) {
        read_roots(path, anchors.get(), others.get());
    }
    for (const Bytes& issuer : issuers) {
        openssl::Certificate other = parse_certificate(issuer);
        if (sk_X509_push(others.get(), other.get()) > 0) {
            static_cast<void>(other.release());
        }
    }
    openssl::require(
        X509_STORE_CTX_init(context.get(), anchors.get(), parsed.get(), others.get()) == 1,
        "X509_STORE_CTX_init");
    X509_STORE_CTX_set_verify_cb(context.get(), tolerate);
    const bool holds = X509_verify_cert(context.get()) == 1;
    openssl::reason();
    return holds ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

} // namespace tpmvsc::cli::attest
