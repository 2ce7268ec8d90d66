// SPDX-License-Identifier: Apache-2.0
#include "card/sealed_admin_key.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/reset_challenge.hpp"
#include "card/errors.hpp"
#include "tpm/connection.hpp"
#include "tpm/error.hpp"
#include "tpm/value_seal.hpp"

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

/// What the TPM compares. The answer is as long as a cipher's block: nobody guesses it.
SecretBytes value_of(ByteView challenge, ByteView answer) {
    return crypto::sha256_secret({challenge, answer});
}

/// The right answer to a challenge.
Bytes right_answer(AdminProof proof, ByteView challenge, std::uint32_t serial,
                   const AdminSession& session) {
    switch (proof) {
    case AdminProof::encrypts:
        return session.encrypt(challenge);
    case AdminProof::decrypts:
        return session.decrypt(challenge);
    case AdminProof::spoken:
        break;
    }
    return session.encrypt(encrypted_block({ResetKind{}, serial, to_bytes(challenge)}));
}

/// A fresh challenge, and the seal that its answer opens.
AnswerSeal make_seal(tpm::Connection& connection, const tpm::Parent& parent,
                     const AdminRecord& record, AdminProof proof, std::uint32_t serial,
                     const AdminSession& session) {
    AnswerSeal seal;
    seal.proof = proof;
    seal.challenge = crypto::random_bytes(block_bytes(session.algorithm()));
    Bytes answer = right_answer(proof, seal.challenge, serial, session);
    const SecretBytes value = value_of(seal.challenge, answer);
    wipe(answer);
    const ByteView authority = session.authority_value();
    const ByteView key = session.key();
    SecretBytes content(authority.size() + key.size());
    std::copy(key.begin(), key.end(),
              std::copy(authority.begin(), authority.end(), content.span().begin()));
    seal.blob = tpm::seal_by_value(connection, parent, content.view(), value.view(), record.epoch,
                                   record.count);
    return seal;
}

} // namespace

SealedAdminKey::SealedAdminKey(const SealedFiles& files, const tpm::Parent& parent, TpmRunner run,
                               WrongAnswers wrong_answers, std::uint32_t serial)
    : files_(files), parent_(parent), run_(std::move(run)),
      wrong_answers_(std::move(wrong_answers)), serial_(serial) {
    read();
}

void SealedAdminKey::read() {
    record_ = AdminRecord::read(files_);
    algorithm_ = algorithm_of(record_.algorithm);
}

/// One of those that are ready, at random, so that who sees one does not know the next.
Bytes SealedAdminKey::challenge(AdminProof proof) {
    std::vector<const AnswerSeal*> ready;
    for (const AnswerSeal& seal : record_.seals) {
        if (seal.proof == proof &&
            (proof == AdminProof::spoken || seal.challenge != last_challenge_))
            ready.push_back(&seal);
    }
    if (ready.empty())
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"admin\" has no challenge left: restore it from a "
                           "backup");
    last_challenge_ = ready[read_big_endian(crypto::random_bytes(4)) % ready.size()]->challenge;
    return last_challenge_;
}

std::optional<AdminSession> SealedAdminKey::check(AdminProof proof, ByteView challenge,
                                                  ByteView answer) {
    if (locked_for() > std::chrono::seconds(0))
        return std::nullopt;
    const auto asked =
        std::find_if(record_.seals.begin(), record_.seals.end(), [&](const AnswerSeal& seal) {
            return seal.proof == proof && equal(seal.challenge, challenge);
        });
    std::optional<SecretBytes> opened;
    if (asked != record_.seals.end() && answer.size() == block_bytes(algorithm_))
        run_([&](tpm::Connection& connection) { opened = open(connection, *asked, answer); });
    if (!opened) {
        wrong_answers_.add();
        return std::nullopt;
    }
    if (opened->size() != authority_value_bytes + key_bytes(algorithm_))
        throw StorageError(
            StorageError::Reason::damaged,
            "the card's file \"admin\" does not fit its own content: restore it from a "
            "backup");
    AdminSession session(algorithm_, SecretBytes(opened->view().subspan(authority_value_bytes)),
                         SecretBytes(opened->view().first(authority_value_bytes)));
    replace(*asked, session);
    wrong_answers_.clear();
    return session;
}

/// Its answer has been seen on the way here. A full disk keeps no administrator out: then the new
/// challenge holds until the driver is restarted, when the used one is back.
void SealedAdminKey::replace(AnswerSeal& used, const AdminSession& session) {
    run_([&](tpm::Connection& connection) {
        used = make_seal(connection, parent_, record_, used.proof, serial_, session);
    });
    try {
        record_.write(files_);
    } catch (const StorageError& error) {
        log(LogLevel::error,
            std::string("a challenge to the admin key stays in use: ") + error.what());
    }
}

std::optional<SecretBytes> SealedAdminKey::open(tpm::Connection& connection, const AnswerSeal& seal,
                                                ByteView answer) {
    const SecretBytes value = value_of(seal.challenge, answer);
    const auto unseal = [&] {
        return tpm::unseal_by_value(connection, parent_, seal.blob, value.view(), record_.epoch,
                                    record_.count);
    };
    try {
        return unseal();
    } catch (const tpm::Error& error) {
        if (error.fault() != tpm::Fault::policy_failed)
            throw;
    }
    catch_up(connection);
    return unseal();
}

/// The file is written before the TPM's count is advanced; an interruption in between is made good
/// here. A file that is behind the TPM is an old copy, and stays shut.
void SealedAdminKey::catch_up(tpm::Connection& connection) {
    if (tpm::read_epoch(connection, parent_, record_.epoch) + 1 != record_.count)
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"admin\" is an old copy, which the TPM does not open "
                           "any more: restore the latest one, or destroy the card");
    tpm::advance_epoch(connection, parent_, record_.epoch);
}

void SealedAdminKey::change(const AdminSession& proof, AdminAlgorithm algorithm, ByteView new_key) {
    renew(proof, algorithm, new_key);
}

void SealedAdminKey::retire_challenges(const AdminSession& proof) {
    renew(proof, algorithm_, proof.key());
}

void SealedAdminKey::renew(const AdminSession& proof, AdminAlgorithm algorithm, ByteView key) {
    const AdminSession session(algorithm, SecretBytes(key), SecretBytes(proof.authority_value()));
    run_([&](tpm::Connection& connection) {
        AdminRecord record;
        record.epoch = record_.epoch.clone();
        record.count = record_.count + 1;
        record.authority = record_.authority;
        seal_all(connection, parent_, record, serial_, session);
        record.write(files_);
    });
    read();
    advance();
}

/// With the file the new seals are in force: whoever shows the key next has the TPM's count brought
/// up to it. So a TPM that fails now is no reason to say that nothing was changed.
void SealedAdminKey::advance() {
    try {
        run_([&](tpm::Connection& connection) {
            // A broken connection may repeat this.
            if (tpm::read_epoch(connection, parent_, record_.epoch) < record_.count)
                tpm::advance_epoch(connection, parent_, record_.epoch);
        });
    } catch (const tpm::Error& error) {
        log(LogLevel::error,
            std::string("the former admin key or its answers still open old copies of the card's "
                        "folder, until the admin key is shown again: ") +
                error.what());
    }
}

void SealedAdminKey::seal_all(tpm::Connection& connection, const tpm::Parent& parent,
                              AdminRecord& record, std::uint32_t serial,
                              const AdminSession& session) {
    const auto add = [&](AdminProof proof) {
        record.seals.push_back(make_seal(connection, parent, record, proof, serial, session));
    };
    for (std::size_t i = 0; i < challenges_ready; ++i) {
        add(AdminProof::encrypts);
        add(AdminProof::decrypts);
    }
    add(AdminProof::spoken);
    record.algorithm = name_of(session.algorithm());
    record.is_default = equal_secret(session.key(), default_admin_key(session.algorithm()));
}

void SealedAdminKey::create(const SealedFiles& files, tpm::Connection& connection,
                            const tpm::Parent& parent, const tpm::Epoch& epoch,
                            const tpm::Authority& authority, ByteView authority_value,
                            AdminAlgorithm algorithm, ByteView key, std::uint32_t serial) {
    AdminRecord record;
    record.epoch = epoch.clone();
    record.count = tpm::read_epoch(connection, parent, epoch);
    record.authority = authority;
    seal_all(connection, parent, record, serial,
             AdminSession(algorithm, SecretBytes(key), SecretBytes(authority_value)));
    record.write(files);
}

} // namespace tpmvsc::card
