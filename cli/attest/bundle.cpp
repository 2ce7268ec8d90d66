// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/bundle.hpp"

#include "cli/failure.hpp"
#include "cli/openssl.hpp"
#include "cli/output.hpp"

#include <algorithm>
#include <initializer_list>

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace tpmvsc::cli::attest {
namespace {

constexpr const char* bundle_format = "tpmvsc attestation 1";
constexpr const char* challenge_format = "tpmvsc attestation challenge 1";
constexpr const char* answer_format = "tpmvsc attestation answer 1";
constexpr const char* expectation_format = "tpmvsc attestation secret 1";

/// Thrown by what reads members, and worded where the file's name is known.
class Malformed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

std::string base64(ByteView bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

Bytes from_base64(const std::string& text) {
    Bytes bytes(3 * (text.size() / 4) + 1);
    const int size =
        EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size()));
    if (size < 0) {
        throw Malformed("what should be base64 is not");
    }
    const auto padding = std::min<std::ptrdiff_t>(2, std::count(text.begin(), text.end(), '='));
    bytes.resize(static_cast<std::size_t>(size - padding));
    if (base64(bytes) != text) {
        throw Malformed("what should be base64 is not");
    }
    return bytes;
}

std::string pem(ByteView der) {
    const openssl::Bio bio = openssl::writer();
    openssl::require(PEM_write_bio(bio.get(), PEM_STRING_X509, "", der.data(),
                                   static_cast<long>(der.size())) > 0,
                     "PEM_write_bio");
    const ByteView text = openssl::written(bio);
    return {text.begin(), text.end()};
}

Bytes from_pem(const std::string& text) {
    const openssl::Bio bio = openssl::reader(as_bytes(text));
    const openssl::Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    unsigned char* der = nullptr;
    const int size = certificate ? i2d_X509(certificate.get(), &der) : 0;
    if (size <= 0) {
        openssl::reason();
        throw Malformed("what should be a certificate in PEM is none");
    }
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    if (pem(bytes) != text) {
        throw Malformed("there is more than a certificate where one should be");
    }
    return bytes;
}

Bytes from_hex(const std::string& text) {
    const auto bytes = tpmvsc::from_hex(text);
    if (!bytes) {
        throw Malformed("what should be hexadecimal is not");
    }
    return *bytes;
}

std::string text_of(const Json& object, const char* member) {
    const auto found = object.find(member);
    if (found == object.end() || !found->is_string()) {
        throw Malformed("\"" + std::string(member) + "\" is missing");
    }
    return found->get<std::string>();
}

void allow_only(const Json& object, std::initializer_list<const char*> known) {
    if (!object.is_object()) {
        throw Malformed("it is no such document");
    }
    for (const auto& [name, value] : object.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw Malformed("\"" + printable(name) + "\" is unknown here");
        }
    }
}

/// Parses a document and runs `read` on it.
template<typename Read>
auto read_document(ByteView document, const std::string& name, const char* format, Read&& read) {
    try {
        const Json parsed = Json::parse(document.begin(), document.end());
        if (!parsed.is_object() || text_of(parsed, "format") != format) {
            throw Failure(ExitCode::unsupported,
                          printable(name) + " is no \"" + format + "\", or of another version");
        }
        return read(parsed);
    } catch (const Malformed& error) {
        throw Failure(ExitCode::failed, printable(name) + " cannot be used: " + error.what());
    } catch (const Json::exception&) { // its text may hold a piece of the document
        throw Failure(ExitCode::failed, printable(name) + " cannot be used: it is no JSON of the "
                                                          "kind that is wanted");
    }
}

void read_endorsement(const Json& object, Bundle& bundle) {
    allow_only(object, {"public", "certificate", "issuers"});
    bundle.endorsement_key = from_base64(text_of(object, "public"));
    if (object.contains("certificate")) {
        bundle.endorsement_certificate = from_pem(text_of(object, "certificate"));
    }
    if (object.contains("issuers")) {
        for (const Json& issuer : object.at("issuers")) {
            bundle.issuers.push_back(from_pem(issuer.get<std::string>()));
        }
    }
}

} // namespace

std::string write(const Bundle& bundle) {
    Json document{{"format", bundle_format},
                  {"certificate", pem(bundle.certificate)},
                  {"authority", pem(bundle.authority)}};
    if (bundle.tries) {
        document["tries"] = {{"attest", base64(bundle.tries->attest)},
                             {"signature", base64(bundle.tries->signature)}};
    }
    if (!bundle.endorsement_key.empty()) {
        Json& key = document["endorsement"];
        key["public"] = base64(bundle.endorsement_key);
        if (!bundle.endorsement_certificate.empty()) {
            key["certificate"] = pem(bundle.endorsement_certificate);
        }
        for (const Bytes& issuer : bundle.issuers) {
            key["issuers"].push_back(pem(issuer));
        }
    }
    return document.dump(2) + "\n";
}

Bundle read_bundle(ByteView document, const std::string& name) {
    return read_document(document, name, bundle_format, [](const Json& parsed) {
        allow_only(parsed, {"format", "certificate", "authority", "tries", "endorsement"});
        Bundle bundle;
        bundle.certificate = from_pem(text_of(parsed, "certificate"));
        bundle.authority = from_pem(text_of(parsed, "authority"));
        if (parsed.contains("tries")) {
            const Json& tries = parsed.at("tries");
            allow_only(tries, {"attest", "signature"});
            bundle.tries = Signed{from_base64(text_of(tries, "attest")),
                                  from_base64(text_of(tries, "signature"))};
        }
        if (parsed.contains("endorsement")) {
            read_endorsement(parsed.at("endorsement"), bundle);
        }
        return bundle;
    });
}

std::string write(const Challenge& challenge) {
    return Json{{"format", challenge_format},
                {"endorsement_key", challenge.rsa ? "rsa" : "ecc"},
                {"credential", base64(challenge.credential)},
                {"encrypted_secret", base64(challenge.encrypted_secret)}}
               .dump(2) +
           "\n";
}

Challenge read_challenge(ByteView document, const std::string& name) {
    return read_document(document, name, challenge_format, [](const Json& parsed) {
        const std::string kind = text_of(parsed, "endorsement_key");
        if (kind != "rsa" && kind != "ecc") {
            throw Malformed("the kind of its endorsement key is unknown");
        }
        return Challenge{kind == "rsa", from_base64(text_of(parsed, "credential")),
                         from_base64(text_of(parsed, "encrypted_secret"))};
    });
}

std::string write_answer(ByteView answer) {
    return Json{{"format", answer_format}, {"answer", to_hex(answer)}}.dump(2) + "\n";
}

Bytes read_answer(ByteView document, const std::string& name) {
    return read_document(document, name, answer_format,
                         [](const Json& parsed) { return from_hex(text_of(parsed, "answer")); });
}

SecretBytes write(const Expectation& expectation) {
    const Json document{{"format", expectation_format},
                        {"attestation_key", to_hex(expectation.attestation_key)},
                        {"endorsement_key", to_hex(expectation.endorsement_key)},
                        {"secret", to_hex(expectation.secret.view())}};
    return SecretBytes(as_bytes(document.dump(2) + "\n"));
}

Expectation read_expectation(ByteView document, const std::string& name) {
    return read_document(document, name, expectation_format, [](const Json& parsed) {
        return Expectation{SecretBytes(from_hex(text_of(parsed, "secret"))),
                           from_hex(text_of(parsed, "attestation_key")),
                           from_hex(text_of(parsed, "endorsement_key"))};
    });
}

} // namespace tpmvsc::cli::attest
