// SPDX-License-Identifier: Apache-2.0
#include "cli/escrow_record.hpp"

#include "base/wipe.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/secret_hex.hpp"

#include <algorithm>

namespace tpmvsc::cli {
namespace {

constexpr const char* format = "tpmvsc escrow 1";

/// Joins texts without a copy of the secrets among them in a string.
SecretBytes join(std::initializer_list<ByteView> parts) {
    std::size_t size = 0;
    for (const ByteView part : parts) {
        size += part.size();
    }
    SecretBytes text(size);
    auto position = text.span().begin();
    for (const ByteView part : parts) {
        position = std::copy(part.begin(), part.end(), position);
    }
    return text;
}

/// Takes the value of a member and leaves nothing of it behind.
SecretBytes take_secret(Json& member) {
    auto& text = member.get_ref<std::string&>();
    SecretBytes secret(as_bytes(text));
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return secret;
}

EscrowRecord read_members(Json& document) {
    if (document.at("format") != format) {
        throw Failure(ExitCode::unsupported, "this escrow record is of another version");
    }
    EscrowRecord record;
    record.card_id = document.at("id");
    record.serial = document.at("serial");
    record.name = document.at("name");
    record.profile = document.at("profile");
    record.created = document.at("created");
    record.admin_algorithm = document.at("admin_key").at("algorithm");
    const SecretBytes digits = take_secret(document.at("admin_key").at("value"));
    auto key = decode_hex(digits.view());
    if (!key) {
        throw Failure(ExitCode::failed, "the admin key of this escrow record cannot be read");
    }
    record.admin_key = std::move(*key);
    if (document.contains("puk")) {
        record.puk = take_secret(document.at("puk"));
    }
    return record;
}

} // namespace

SecretBytes write_record(const EscrowRecord& record) {
    const Json open{{"format", format},          {"id", record.card_id},
                    {"serial", record.serial},   {"name", record.name},
                    {"profile", record.profile}, {"created", record.created}};
    std::string start = open.dump();
    start.pop_back(); // the closing brace
    start +=
        R"(,"admin_key":{"algorithm":)" + Json(record.admin_algorithm).dump() + R"(,"value":")";
    const SecretBytes key = encode_hex(record.admin_key.view());
    const std::string_view before_puk = record.puk.empty() ? "\"}" : "\"},\"puk\":\"";
    const std::string_view end = record.puk.empty() ? "}\n" : "\"}\n";
    return join(
        {as_bytes(start), key.view(), as_bytes(before_puk), record.puk.view(), as_bytes(end)});
}

EscrowRecord read_record(ByteView document) {
    try {
        Json parsed = Json::parse(document.begin(), document.end());
        return read_members(parsed);
    } catch (const Json::exception&) { // its text may hold a piece of the document
        throw Failure(ExitCode::failed, "this is no escrow record of tpmvsc");
    }
}

} // namespace tpmvsc::cli
