// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/applet.hpp"
#include "apdu/gids/admin_authentication.hpp"
#include "apdu/gids/file_table.hpp"
#include "apdu/gids/gids_commands.hpp"
#include "card/card.hpp"

#include <optional>

namespace tpmvsc::gids {

/// GidsApplet is the application of the Generic Identity Device Specification 2.0 on a card, as
/// Windows' inbox minidriver and OpenSC drive it.
class GidsApplet final : public apdu::Applet {
  public:
    /// `card` must outlive the applet.
    explicit GidsApplet(card::Card& card);

    ByteView aid() const override;
    bool answers_select(std::uint8_t p2) const override;
    apdu::Response select(const apdu::Command& command) override;
    void deselect() override;
    apdu::Response handle(const apdu::Command& command) override;
    bool accepts_chaining(const apdu::Command& command) const override;
    void interrupted() override;
    void reset() override;

  private:
    apdu::Response run(apdu::StatusWord refused) { return refused; }
    apdu::Response run(const SelectFile& command);
    apdu::Response run(const GetObjects& command);
    apdu::Response run(const GetTags& command);
    apdu::Response run(const GetTries& command);
    apdu::Response run(const GetPublicKey& command);
    apdu::Response run(const PutObject& command);
    apdu::Response run(const PutAdminKey& command);
    apdu::Response run(const PutPrivateKey& command);
    apdu::Response run(const VerifyStatus& command);
    apdu::Response run(const VerifyPin& command);
    apdu::Response run(const ClearSecurityStatus& command);
    apdu::Response run(const ChangeReference& command);
    apdu::Response run(const SetReference& command);
    apdu::Response run(const ResetByPuk& command);
    apdu::Response run(const ResetByAdministrator& command);
    apdu::Response run(const SelectKey& command);
    apdu::Response run(const Sign& command);
    apdu::Response run(const Decipher& command);
    apdu::Response run(const GenerateKey& command);
    apdu::Response run(const SelectAdminKey& command);
    apdu::Response run(const MutualChallenge& command) { return admin_.answer(command); }
    apdu::Response run(const MutualResponse& command) { return admin_.answer(command); }
    apdu::Response run(const ExternalChallenge& command) { return admin_.answer(command); }
    apdu::Response run(const ExternalResponse& command) { return admin_.answer(command); }
    apdu::Response run(const CreateFile& command);
    apdu::Response run(const Activate& command);
    apdu::Response run(const DeleteFile& command);
    apdu::Response run(const Terminate& command);
    apdu::Response run(const apdu::SetPinRules& command);

    FileTable& table();
    bool permits(Condition condition);
    /// The file that `id` names, the current one for 0000, which it then is; null when there is
    /// none.
    const FileControl* enter(FileId id);
    const FileControl* key_file(card::KeySlot key);
    /// Runs `operation` on what MANAGE SECURITY ENVIRONMENT has set up for `usage`.
    template<typename Operate>
    apdu::Response with_selected_key(Usage usage, Operate&& operate);
    void forget_security_status();

    card::Card& card_;
    AdminAuthentication admin_;
    std::optional<FileTable> table_;
    std::optional<SelectKey> selected_key_;
    FileId current_ = application_file;
};

} // namespace tpmvsc::gids
