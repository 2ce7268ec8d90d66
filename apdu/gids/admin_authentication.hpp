// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/gids_commands.hpp"
#include "card/card.hpp"

#include <optional>
#include <variant>

namespace tpmvsc::gids {

/// AdminAuthentication runs the two protocols of the admin key, both with triple DES in CBC mode
/// from a zero block: external authentication, where the host encrypts a block, and mutual
/// authentication, where both prove the key over both random numbers. It holds the proof, the
/// card's AdminSession, once one of them has succeeded.
class AdminAuthentication {
  public:
    explicit AdminAuthentication(card::Card& card) : card_(card) {}

    /// The proof; null while there is none.
    const card::AdminSession* session() const { return session_ ? &*session_ : nullptr; }

    /// MANAGE SECURITY ENVIRONMENT has chosen the admin key.
    apdu::StatusWord answer(const SelectAdminKey&);
    /// Each answers one step; 6985 out of turn, 6982 to a wrong answer, which spends the challenge
    /// and ends what was proven before; 6983 after too many of them, for a time.
    apdu::Response answer(const ExternalChallenge& step);
    apdu::Response answer(const ExternalResponse& step);
    apdu::Response answer(const MutualChallenge& step);
    apdu::Response answer(const MutualResponse& step);

    /// Another command came between two steps: the protocol is off, what was proven stays.
    void cancel() { pending_ = std::monostate{}; }
    void end();

  private:
    /// Why no challenge is given now, or 9000: 6985 before the key was selected, 6983 while wrong
    /// answers are slowed down.
    apdu::StatusWord readiness();

    struct External {
        Bytes challenge;
    };
    struct Mutual {
        Bytes card_random;
        Bytes host_random;
    };

    card::Card& card_;
    bool selected_ = false;
    std::variant<std::monostate, External, Mutual> pending_;
    std::optional<card::AdminSession> session_;
};

} // namespace tpmvsc::gids
