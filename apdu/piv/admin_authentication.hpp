// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

#include <variant>

namespace tpmvsc::piv {

/// AdminAuthentication runs the protocols of key reference 9B (SP 800-73-4 part 2 appendix A):
/// external authentication, where the host encrypts the card's challenge, and mutual
/// authentication, where it decrypts the card's witness and has the card encrypt a challenge in
/// turn. It holds the proof, the card's AdminSession, once one of them has succeeded.
class AdminAuthentication {
  public:
    explicit AdminAuthentication(card::Card& card) : card_(card) {}

    /// True while the host counts as the card's administrator.
    bool holds() const { return session_.has_value(); }
    /// The proof; null while there is none.
    const card::AdminSession* session() const { return session_ ? &*session_ : nullptr; }

    /// Each answers one step of a protocol; or 6A80 when the algorithm is not that of the card's
    /// key, and 6983 while the card hears nobody after too many wrong answers. A wrong answer ends
    /// what was proven before.
    apdu::Response answer(const ExternalChallenge& step);
    apdu::Response answer(const ExternalResponse& step);
    apdu::Response answer(const WitnessRequest& step);
    apdu::Response answer(const WitnessResponse& step);
    /// A block of the TPM's random numbers. No challenge is spent and no protocol disturbed.
    apdu::Response answer(const RandomBlock&);

    /// Another command came between two steps: the protocol is off, what was proven stays.
    void cancel() { pending_ = {}; }
    void end() {
        cancel();
        session_.reset();
    }

  private:
    struct Pending {
        card::AdminProof proof = card::AdminProof::encrypts;
        Bytes block; ///< empty while no protocol is under way
    };

    /// Why a step with `algorithm` is not looked at; success when it is.
    apdu::StatusWord refusal(card::AdminAlgorithm algorithm);
    apdu::Response begin(card::AdminProof proof, std::uint32_t tag);
    /// Ends the protocol under way with the host's answer; false when there is none or it is wrong.
    bool conclude(card::AdminProof proof, ByteView answer);

    card::Card& card_;
    Pending pending_;
    std::optional<card::AdminSession> session_;
};

} // namespace tpmvsc::piv
