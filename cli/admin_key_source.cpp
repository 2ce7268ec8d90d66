// SPDX-License-Identifier: Apache-2.0
#include "cli/admin_key_source.hpp"

#include "base/derived_admin_key.hpp"
#include "cli/escrow_envelope.hpp"
#include "cli/failure.hpp"
#include "cli/pem_file.hpp"
#include "cli/secret_hex.hpp"
#include "cli/terminal.hpp"

#include <algorithm>

namespace tpmvsc::cli {
namespace {

constexpr std::size_t card_id_bytes = 16;

SecretBytes read_hex(const std::string& option, const std::string& question,
                     const SecretSource& source) {
    const bool asks = source.kind == SecretSource::Kind::prompt;
    const SecretBytes text =
        asks ? Terminal("give " + option + " file:PATH, fd:N or - (standard input)")
                   .ask_secret(question)
             : read_secret(option, source);
    auto value = decode_hex(text.view());
    if (!value) {
        throw Failure(ExitCode::usage, option + ": this is not written in hexadecimal digits");
    }
    return std::move(*value);
}

} // namespace

SecretBytes read_admin_key(const SecretSource& source, const AdminCipher& cipher) {
    SecretBytes key = read_hex("--admin-key", "Admin key of the card", source);
    if (key.size() != cipher.key_bytes) {
        throw Failure(ExitCode::usage, "--admin-key: a key for " + std::string(cipher.name) +
                                           " has " + std::to_string(2 * cipher.key_bytes) +
                                           " hexadecimal digits");
    }
    return key;
}

SecretBytes read_master(const std::string& option, const SecretSource& source) {
    SecretBytes master = read_hex(option, "Master secret", source);
    if (master.size() < least_master_bytes) {
        throw Failure(ExitCode::usage,
                      option + ": a master secret has at least " +
                          std::to_string(2 * least_master_bytes) +
                          " hexadecimal digits, made at random (openssl rand -hex 32): who finds "
                          "out a short one has the admin keys of all cards");
    }
    return master;
}

Bytes parse_card_id(const std::string& text) {
    std::string digits = text;
    digits.erase(std::remove(digits.begin(), digits.end(), '-'), digits.end());
    const auto id = from_hex(digits);
    if (!id || id->size() != card_id_bytes) {
        throw Failure(ExitCode::usage,
                      "a card's id has 32 hexadecimal digits (tpmvsc info shows it)");
    }
    return *id;
}

EscrowRecord open_escrow(const std::string& path, const std::string& key_path,
                         const SecretSource& passphrase) {
    const SecretBytes envelope = openssl::read_file(path);
    const openssl::Key key = load_private_key(key_path, passphrase);
    return read_record(open_envelope(envelope.view(), *key).view());
}

} // namespace tpmvsc::cli
