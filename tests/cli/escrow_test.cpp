// SPDX-License-Identifier: Apache-2.0
#include "cli/escrow.hpp"
#include "cli/failure.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace tpmvsc;
using namespace tpmvsc::cli;

namespace {

EscrowRecord record(const std::string& name) {
    EscrowRecord made;
    made.card_id = "00112233445566778899aabbccddeeff";
    made.serial = 4294967295;
    made.name = name;
    made.profile = "piv";
    made.created = "2026-01-31T12:00:00Z";
    made.admin_algorithm = "aes128";
    made.admin_key = SecretBytes(Bytes(16, 0xA5));
    return made;
}

ExitCode refusal(const std::string& document) {
    try {
        (void)read_record(as_bytes(document));
    } catch (const Failure& failure) {
        CHECK(std::string(failure.what()).find("a5a5") == std::string::npos);
        return failure.code();
    }
    return ExitCode::done;
}

} // namespace

TEST_CASE("an escrow record comes back as it was, whatever the card is called") {
    for (const std::string name : {"laptop", "Bob's \"card\" \\ \xC3\xA9", "}"}) {
        CAPTURE(name);
        EscrowRecord made = record(name);
        const EscrowRecord plain = read_record(write_record(made).view());
        CHECK(plain.name == name);
        CHECK(plain.card_id == made.card_id);
        CHECK(plain.serial == made.serial);
        CHECK(plain.profile == made.profile);
        CHECK(plain.created == made.created);
        CHECK(plain.admin_algorithm == made.admin_algorithm);
        CHECK(equal_secret(plain.admin_key.view(), made.admin_key.view()));
        CHECK(plain.puk.empty());
        made.puk = SecretBytes(as_bytes("28140963"));
        CHECK(equal(read_record(write_record(made).view()).puk.view(), as_bytes("28140963")));
    }
}

TEST_CASE("what is no escrow record is refused, and not repeated") {
    const SecretBytes whole = write_record(record("laptop"));
    const std::string text(whole.view().begin(), whole.view().end());
    CHECK(refusal(text) == ExitCode::done);
    for (std::size_t size = 0; size + 2 < text.size(); size += 7)
        CHECK(refusal(text.substr(0, size)) == ExitCode::failed);
    CHECK(refusal("[]") == ExitCode::failed);
    CHECK(refusal("{}") == ExitCode::failed);
    std::string later = text;
    later.replace(later.find("escrow 1"), 8, "escrow 2");
    CHECK(refusal(later) == ExitCode::unsupported);
    std::string wrong_key = text;
    wrong_key.replace(wrong_key.find("a5a5"), 4, "a5x5");
    CHECK(refusal(wrong_key) == ExitCode::failed);
    std::string wrong_type = text;
    wrong_type.replace(wrong_type.find("4294967295"), 10, "\"a5a5\"");
    CHECK(refusal(wrong_type) == ExitCode::failed);
}

TEST_CASE("an escrow file's name is one of a file in this folder") {
    CHECK(escrow_file_name("laptop", 12345678) == "laptop-12345678.cms");
    CHECK(escrow_file_name("../../etc/passwd", 1) == "_._.._etc_passwd-1.cms");
    CHECK(escrow_file_name("-rf", 1) == "_rf-1.cms");
    CHECK(escrow_file_name("my card\n", 1) == "my_card_-1.cms");
    CHECK(escrow_file_name("\xC3\xA9", 1) == "__-1.cms");
}
