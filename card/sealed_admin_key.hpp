// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/admin_key.hpp"
#include "card/records.hpp"
#include "card/wrong_answers.hpp"

#include <functional>

namespace tpmvsc::tpm {
class Connection;
}

namespace tpmvsc::card {

/// SealedAdminKey keeps the admin key under its own answers: for each of some random challenges, a
/// TPM object that only the right answer opens, holding the key and the value of the card's
/// authority. A host that answers a challenge thereby opens it; with the card's files, the TPM and
/// root, but without the admin key, nobody can. A challenge that was answered is replaced, one that
/// was only asked for stays: nobody can use them up.
class SealedAdminKey : public AdminKey {
  public:
    using TpmRunner = std::function<void(const std::function<void(tpm::Connection&)>&)>;

    SealedAdminKey(const SealedFiles& files, const tpm::Parent& parent, TpmRunner run,
                   WrongAnswers wrong_answers, std::uint32_t serial);

    AdminAlgorithm algorithm() const override { return algorithm_; }
    bool is_default() const override { return record_.is_default; }
    Bytes challenge(AdminProof proof) override;
    std::chrono::seconds locked_for() override { return wrong_answers_.locked_for(); }
    std::optional<AdminSession> check(AdminProof proof, ByteView challenge,
                                      ByteView answer) override;
    void change(const AdminSession& proof, AdminAlgorithm algorithm, ByteView new_key) override;
    void retire_challenges(const AdminSession& proof) override;

    const tpm::Authority& authority() const override { return record_.authority; }

    /// Makes the file "admin" of a new card, for the present count of `epoch`.
    static void create(const SealedFiles& files, tpm::Connection& connection,
                       const tpm::Parent& parent, const tpm::Epoch& epoch,
                       const tpm::Authority& authority, ByteView authority_value,
                       AdminAlgorithm algorithm, ByteView key, std::uint32_t serial);
    static constexpr std::size_t authority_value_bytes = 32;

    /// Challenges of each form that are kept ready.
    static constexpr std::size_t challenges_ready = 4;

  private:
    void read();
    void replace(AnswerSeal& used, const AdminSession& session);
    std::optional<SecretBytes> open(tpm::Connection& connection, const AnswerSeal& seal,
                                    ByteView answer);
    void catch_up(tpm::Connection& connection);
    void renew(const AdminSession& proof, AdminAlgorithm algorithm, ByteView key);
    /// Seals `key` and the authority's value under fresh challenges for the epoch in `record`.
    static void seal_all(tpm::Connection& connection, const tpm::Parent& parent,
                         AdminRecord& record, std::uint32_t serial, const AdminSession& session);
    void advance();

    const SealedFiles& files_;
    const tpm::Parent& parent_;
    TpmRunner run_;
    WrongAnswers wrong_answers_;
    std::uint32_t serial_; ///< of the card
    AdminRecord record_;
    Bytes last_challenge_;
    AdminAlgorithm algorithm_ = AdminAlgorithm::tdes;
};

} // namespace tpmvsc::card
