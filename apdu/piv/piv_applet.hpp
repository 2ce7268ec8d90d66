// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/applet.hpp"
#include "apdu/piv/admin_authentication.hpp"
#include "apdu/piv/options.hpp"
#include "apdu/piv/piv_commands.hpp"
#include "card/card.hpp"

namespace tpmvsc::piv {

/// PivApplet is the PIV Card Application of SP 800-73-4 on a card, with the commands that YubiKeys
/// have beyond it.
class PivApplet final : public apdu::Applet {
  public:
    /// `card` must outlive the applet.
    explicit PivApplet(card::Card& card, Options options = {});

    ByteView aid() const override;
    apdu::Response select(const apdu::Command& command) override;
    void deselect() override;
    apdu::Response handle(const apdu::Command& command) override;
    bool accepts_chaining(const apdu::Command& command) const override;
    void interrupted() override;
    void reset() override;

  private:
    apdu::Response run(apdu::StatusWord refused) { return refused; }
    apdu::Response run(const GetData& command);
    apdu::Response run(const PutData& command);
    apdu::Response run(const VerifyStatus& command);
    apdu::Response run(const VerifyPin& command);
    apdu::Response run(const Logout& command);
    apdu::Response run(const ChangeReference& command);
    apdu::Response run(const ResetRetryCounter& command);
    apdu::Response run(const GenerateKey& command);
    apdu::Response run(const PrivateOperation& command);
    apdu::Response run(const KeyAgreement& command);
    apdu::Response run(const GetVersion& command);
    apdu::Response run(const GetSerial& command);
    apdu::Response run(const GetMetadata& command);
    apdu::Response run(const AttestKey& command);
    apdu::Response run(const ImportRsaKey& command);
    apdu::Response run(const ImportEcKey& command);
    apdu::Response run(const SetAdminKey& command);
    apdu::Response run(const SetTries& command);
    apdu::Response run(const ResetCard& command);
    apdu::Response run(const MoveKey& command);
    apdu::Response run(const DeleteKey& command);
    apdu::Response run(const apdu::SetPinRules& command);
    apdu::Response run(const RandomBlock& command) { return admin_.answer(command); }
    apdu::Response run(const ExternalChallenge& command) { return admin_.answer(command); }
    apdu::Response run(const ExternalResponse& command) { return admin_.answer(command); }
    apdu::Response run(const WitnessRequest& command) { return admin_.answer(command); }
    apdu::Response run(const WitnessResponse& command) { return admin_.answer(command); }

    card::Card& card_;
    Options options_;
    AdminAuthentication admin_;
    /// The command just answered was a VERIFY with the right PIN.
    bool verified_now_ = false;
    /// The command before the present one was.
    bool verified_before_ = false;
};

} // namespace tpmvsc::piv
