// SPDX-License-Identifier: Apache-2.0
// What requests and certificates are put together of, without a card.
#include "cli/client/packing.hpp"
#include "cli/failure.hpp"
#include "cli/x509/alternative_name.hpp"
#include "cli/x509/countersignature.hpp"
#include "cli/x509/der.hpp"
#include "cli/x509/extensions.hpp"
#include "cli/x509/public_key.hpp"
#include "cli/x509/signing.hpp"
#include "cli/x509/subject.hpp"
#include "tests/catch.hpp"

#include <functional>

using namespace tpmvsc;
using namespace tpmvsc::cli;
using namespace tpmvsc::cli::x509;

namespace {

/// What OpenSSL makes of a name, last part first.
std::string shown(const Bytes& name) {
    const NameHandle handle(from_der(d2i_X509_NAME, name));
    const BioHandle bio = openssl::writer();
    REQUIRE(handle);
    X509_NAME_print_ex(bio.get(), handle.get(), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    const Bytes text = contents_of(bio);
    return {text.begin(), text.end()};
}

std::string subject(const std::string& text) {
    return shown(parse_subject(text));
}

ExitCode refusal_of(const std::function<void()>& deed) {
    try {
        deed();
    } catch (const Failure& failure) {
        return failure.code();
    }
    return ExitCode::done;
}

/// What OpenSSL says of the extensions, a line each.
std::string printed(const Extensions& extensions) {
    const Bytes der = extensions.der();
    const Owned<X509_EXTENSIONS,
                [](X509_EXTENSIONS* list) {
                    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
                }>
        list(from_der(d2i_X509_EXTENSIONS, der));
    const BioHandle bio = openssl::writer();
    REQUIRE(list);
    X509V3_extensions_print(bio.get(), nullptr, list.get(), 0, 0);
    const Bytes text = contents_of(bio);
    return {text.begin(), text.end()};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("subjects that are understood", "[x509]") {
    struct Row {
        const char* text;
        const char* shown;
    };
    const Row row = GENERATE(
        Row{"", ""}, Row{"CN=Jane Doe", "CN=Jane Doe"},
        Row{"CN=Jane Doe,O=Example,C=DE", "CN=Jane Doe,O=Example,C=DE"},
        Row{"cn=jane, o=Example", "CN=jane,O=Example"},
        Row{"CN = Jane Doe , O=x", "CN=Jane Doe,O=x"}, Row{"CN=Doe\\, Jane", "CN=Doe\\, Jane"},
        Row{"CN=a\\+b", "CN=a\\+b"}, Row{"CN=a\\2Cb", "CN=a\\,b"},
        Row{"CN=J\\C3\\A4ne", "CN=J\xC3\xA4ne"}, Row{"CN=J\xC3\xA4ne", "CN=J\xC3\xA4ne"},
        Row{"CN=a=b", "CN=a=b"}, Row{"CN=blank\\ ", "CN=blank\\ "},
        Row{"E=j@example.org", "emailAddress=j@example.org"}, Row{"S=Bavaria", "ST=Bavaria"},
        Row{"CN=x,DC=corp,DC=example", "CN=x,DC=corp,DC=example"}, Row{"2.5.4.3=x", "CN=x"},
        Row{"CN=Jane+UID=jane,O=x", "UID=jane+CN=Jane,O=x"});
    CAPTURE(row.text);
    CHECK(subject(row.text) == row.shown);
}

TEST_CASE("the last part of a subject comes first in the certificate", "[x509]") {
    const NameHandle name(from_der(d2i_X509_NAME, parse_subject("CN=Jane,O=Example,C=DE")));
    REQUIRE(name);
    REQUIRE(X509_NAME_entry_count(name.get()) == 3);
    const auto* first = X509_NAME_get_entry(name.get(), 0);
    CHECK(OBJ_obj2nid(X509_NAME_ENTRY_get_object(first)) == NID_countryName);
}

TEST_CASE("subjects that are none", "[x509]") {
    const std::string text =
        GENERATE("Jane", "=Jane", "CN=", "CN=,O=x", "CN=x,", "CN=x+", "CN=x,,O=y", "FROB=x",
                 "C=Germany", "CN=x\\", ",CN=x", "1.x=y");
    CAPTURE(text);
    CHECK(refusal_of([&] { (void)parse_subject(text); }) == ExitCode::usage);
}

TEST_CASE("alternative names", "[x509]") {
    using Make = GENERAL_NAME* (*)(const std::string&);
    struct Row {
        Make make;
        const char* text;
        bool good;
    };
    const Row row = GENERATE(
        Row{email_name, "jane@example.org", true}, Row{email_name, "j.d+x@a-b.example", true},
        Row{email_name, "jane", false}, Row{email_name, "@example.org", false},
        Row{email_name, "jane@", false}, Row{email_name, "jane doe@example.org", false},
        Row{email_name, "j@@x", false}, Row{email_name, "j\xC3\xA4ne@example.org", false},
        Row{dns_name, "host", true}, Row{dns_name, "a.b.example", true},
        Row{dns_name, "*.example", true}, Row{dns_name, "a.*.example", false},
        Row{dns_name, "-a", false}, Row{dns_name, "a-", false}, Row{dns_name, "a..b", false},
        Row{dns_name, "", false}, Row{dns_name, "a b", false},
        Row{uri_name, "https://example.org/x", true}, Row{uri_name, "urn:uuid:1", true},
        Row{uri_name, "example", false}, Row{uri_name, ":x", false}, Row{uri_name, "1:x", false},
        Row{uri_name, "https:", false}, Row{upn_name, "jane@corp.example", true},
        Row{upn_name, "j\xC3\xA4ne@corp.example", true}, Row{upn_name, "jane", false},
        Row{upn_name, "CORP\\jane", false}, Row{upn_name, "jane@corp@example", false},
        Row{upn_name, "jane doe@corp", false});
    CAPTURE(row.text);
    GENERAL_NAME* made = nullptr;
    const ExitCode code = refusal_of([&] { made = row.make(row.text); });
    const Owned<GENERAL_NAME, GENERAL_NAME_free> name(made);
    CHECK((code == ExitCode::done) == row.good);
    CHECK((name != nullptr) == row.good);
    CHECK((code == ExitCode::usage) != row.good);
}

TEST_CASE("a label of the DNS has 63 letters at most", "[x509]") {
    CHECK(refusal_of([] { GENERAL_NAME_free(dns_name(std::string(63, 'a'))); }) == ExitCode::done);
    CHECK(refusal_of([] { GENERAL_NAME_free(dns_name(std::string(64, 'a'))); }) == ExitCode::usage);
}

TEST_CASE("extensions say what was asked for", "[x509]") {
    Extensions extensions;
    CHECK(extensions.empty());
    extensions.add_key_usage({"digital-signature", "key-encipherment"});
    extensions.add_extended_key_usage({"client-auth", "smartcard-logon", "1.2.3.4"});
    extensions.add_alternative_names({{"j@example.org"}, {"host.example"}, {}, {"urn:x"}});
    const std::string text = printed(extensions);
    for (const char* part : {"Digital Signature, Key Encipherment", "TLS Web Client Authentication",
                             "Microsoft Smartcard Login", "1.2.3.4", "email:j@example.org",
                             "DNS:host.example", "URI:urn:x", "critical"}) {
        CAPTURE(text, part);
        CHECK(has(text, part));
    }
}

TEST_CASE("nothing asked for is no extension", "[x509]") {
    Extensions extensions;
    extensions.add_key_usage({});
    extensions.add_extended_key_usage({});
    extensions.add_alternative_names({});
    CHECK(extensions.empty());
}

TEST_CASE("usages that are none", "[x509]") {
    Extensions extensions;
    CHECK(refusal_of([&] { extensions.add_key_usage({"frob"}); }) == ExitCode::usage);
    CHECK(refusal_of([&] { extensions.add_key_usage({""}); }) == ExitCode::usage);
    CHECK(refusal_of([&] { extensions.add_extended_key_usage({"frob"}); }) == ExitCode::usage);
    CHECK(refusal_of([&] { extensions.add_extended_key_usage({"1.a"}); }) == ExitCode::usage);
}

TEST_CASE("pieces of DER", "[x509]") {
    struct Row {
        Bytes made;
        const char* expected;
    };
    const Row row = GENERATE(
        Row{der::integer(Bytes{0x00}), "020100"}, Row{der::integer(Bytes{}), "020100"},
        Row{der::integer(Bytes{0x7F}), "02017f"}, Row{der::integer(Bytes{0x80}), "02020080"},
        Row{der::integer(Bytes{0x00, 0x00, 0x01}), "020101"},
        Row{der::integer(Bytes{0x00, 0xFF}), "020200ff"},
        Row{der::octet_string(Bytes{0x01, 0x02}), "04020102"},
        Row{der::bit_string(Bytes{0x01}), "03020001"}, Row{der::sequence({}), "3000"},
        Row{der::sequence({Bytes{0x05, 0x00}, Bytes{0x05, 0x00}}), "300405000500"},
        Row{der::explicit_tag(3, Bytes{0x05, 0x00}), "a3020500"});
    CHECK(to_hex(row.made) == row.expected);
}

TEST_CASE("DER has lengths of one, two and three bytes", "[x509]") {
    CHECK(to_hex(ByteView(der::octet_string(Bytes(127, 0))).first(2)) == "047f");
    CHECK(to_hex(ByteView(der::octet_string(Bytes(128, 0))).first(3)) == "048180");
    CHECK(to_hex(ByteView(der::octet_string(Bytes(256, 0))).first(4)) == "04820100");
}

TEST_CASE("a hash is as strong as the key", "[x509]") {
    CHECK(usual_hash(card::KeyAlgorithm::rsa4096) == Hash::sha256);
    CHECK(usual_hash(card::KeyAlgorithm::p256) == Hash::sha256);
    CHECK(usual_hash(card::KeyAlgorithm::p384) == Hash::sha384);
    CHECK(to_hex(digest_of(Hash::sha256, as_bytes("abc"))).substr(0, 16) == "ba7816bf8f01cfea");
}

TEST_CASE("who asks on behalf of whom", "[x509]") {
    for (const char* good : {"CORP\\jane", "corp.example\\jane doe", "jane@corp.example"}) {
        CAPTURE(good);
        CHECK(refusal_of([&] { check_requester(good); }) == ExitCode::done);
    }
    for (const char* bad :
         {"jane", "\\jane", "CORP\\", "A\\B\\C", "jane@", "CORP/jane", "A\\b&c=d", "A\\b\n"}) {
        CAPTURE(bad);
        CHECK(refusal_of([&] { check_requester(bad); }) == ExitCode::usage);
    }
}

TEST_CASE("what is no request", "[x509]") {
    for (const char* bad : {"", "frob", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"}) {
        CAPTURE(bad);
        CHECK(refusal_of([&] { (void)Request::read("x", as_bytes(bad)); }) == ExitCode::failed);
    }
}

TEST_CASE("packed certificates", "[x509]") {
    const Bytes plain(5000, 0x42);
    const Bytes packed = client::pack(plain);
    CHECK(packed.size() < 100);
    CHECK(packed.front() == 0x78);
    CHECK(client::unpack(packed) == plain);
    CHECK_FALSE(client::unpack(ByteView(packed).first(packed.size() - 5)));
    CHECK_FALSE(client::unpack(client::pack(Bytes(client::largest_unpacked + 1, 0))));
    CHECK(client::unpack(client::pack(Bytes(client::largest_unpacked, 0))));
    CHECK_FALSE(client::unpack({}));
}
