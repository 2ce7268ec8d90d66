// SPDX-License-Identifier: Apache-2.0
#include "card/sealed_admin_key.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "tpm/connection.hpp"
#include "tpm/objects.hpp"

#include <algorithm>
#include <array>

namespace tpmvsc::card {

namespace {

struct Row {
    AdminAlgorithm algorithm;
    const char* name;
};
constexpr std::array rows{Row{AdminAlgorithm::tdes, "3des"}, Row{AdminAlgorithm::aes128, "aes128"},
                          Row{AdminAlgorithm::aes192, "aes192"},
                          Row{AdminAlgorithm::aes256, "aes256"}};

const char* name_of(AdminAlgorithm algorithm) {
    return rows[static_cast<std::size_t>(algorithm)].name;
}

AdminAlgorithm algorithm_of(const std::string& name) {
    for (const Row& row : rows) {
        if (name == row.name)
            return row.algorithm;
    }
    throw StorageError(
        StorageError::Reason::damaged,
        "the card's file \"admin\" names an unknown algorithm: restore it from a backup");
}

} // namespace

SealedAdminKey::SealedAdminKey(const SealedFiles& files, const tpm::Parent& parent, TpmRunner run,
                               WrongAnswers wrong_answers)
    : files_(files), parent_(parent), run_(std::move(run)),
      wrong_answers_(std::move(wrong_answers)) {
    read();
}

void SealedAdminKey::read() {
    record_ = AdminRecord::read(files_);
    algorithm_ = algorithm_of(record_.algorithm);
}

Bytes SealedAdminKey::challenge() {
    return crypto::random_bytes(block_bytes(algorithm_));
}

std::optional<AdminSession> SealedAdminKey::check(AdminProof proof, ByteView challenge,
                                                  ByteView answer) {
    if (locked_for() > std::chrono::seconds(0))
        return std::nullopt;
    SecretBytes opened;
    run_([&](tpm::Connection& connection) {
        opened = tpm::unseal(connection, {parent_, record_.sealed, record_.name});
    });
    if (opened.size() != authority_value_bytes + key_bytes(algorithm_))
        throw StorageError(
            StorageError::Reason::damaged,
            "the card's file \"admin\" does not fit its own content: restore it from a "
            "backup");
    AdminSession session(algorithm_, SecretBytes(opened.view().subspan(authority_value_bytes)),
                         SecretBytes(opened.view().first(authority_value_bytes)));
    Bytes expected =
        proof == AdminProof::encrypts ? session.encrypt(challenge) : session.decrypt(challenge);
    const bool right = equal_secret(expected, answer);
    wipe(expected);
    if (!right) {
        wrong_answers_.add();
        return std::nullopt;
    }
    wrong_answers_.clear();
    return session;
}

void SealedAdminKey::change(const AdminSession& proof, AdminAlgorithm algorithm, ByteView new_key) {
    run_([&](tpm::Connection& connection) {
        store(files_, connection, parent_, record_.authority, proof.authority_value(), algorithm,
              new_key);
    });
    read();
}

void SealedAdminKey::store(const SealedFiles& files, tpm::Connection& connection,
                           const tpm::Parent& parent, const tpm::Authority& authority,
                           ByteView authority_value, AdminAlgorithm algorithm, ByteView key) {
    SecretBytes content(authority_value.size() + key.size());
    std::copy(key.begin(), key.end(),
              std::copy(authority_value.begin(), authority_value.end(), content.span().begin()));
    AdminRecord record;
    record.algorithm = name_of(algorithm);
    record.sealed = tpm::seal(connection, parent, content.view(), {});
    record.name = tpm::object_name(record.sealed);
    record.authority = authority;
    record.is_default = equal_secret(key, default_admin_key(algorithm));
    record.write(files);
}

} // namespace tpmvsc::card
