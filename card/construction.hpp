// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/create.hpp"
#include "card/indices_file.hpp"
#include "card/records.hpp"

#include <optional>

namespace tpmvsc::card {

/// Construction makes one card in a hidden folder. Each step that leaves something in the TPM is
/// noted in the folder first, so that an interruption at any point can be cleaned up.
class Construction {
  public:
    /// The caller holds the store's lock.
    Construction(const Store& store, tpm::Tpm& tpm, CreateOptions options, Identity identity);

    const Folder& folder() const { return folder_; }
    /// Makes everything; the caller then shows the folder.
    void run();
    /// Removes what a failed run has left, as far as it can be removed; never throws.
    void abandon() noexcept;

  private:
    void say(const std::string& step) const;
    /// What PIN and PUK are to the TPM.
    tpm::PinIndexKind secret_kind() const;
    void anchor(tpm::Connection& connection);
    std::optional<tpm::NewPinIndex> make_index(const std::string& role, const SecretBytes& value,
                                               unsigned tries, const std::vector<Bytes>& unblockers,
                                               tpm::PinIndexKind kind,
                                               const std::vector<Bytes>& branches = {});
    void make_authority(tpm::Connection& connection);
    void make_epoch();
    tpm::IndexNote note_index(const std::string& role);
    struct Unblocking {
        std::vector<Bytes> parties;  ///< Names: by PolicySecret
        std::vector<Bytes> branches; ///< policies
    };
    Unblocking make_unblocking();
    tpm::Signer reset_signer();
    void make_grant(const tpm::Signer& signer, ByteView policy_ref);
    void approve(tpm::Connection& connection);
    void drop_unfinished(tpm::Connection& connection, const std::string& role, ByteView name);
    void store_records();
    void store_history() const;
    void store_personalisation();
    void make_object_key();

    const Store& store_;
    tpm::Tpm& tpm_;
    CreateOptions options_;
    Identity identity_;
    Folder folder_;
    tpm::Parent parent_;
    SecretBytes card_key_;
    std::optional<SealedFiles> files_;
    std::optional<tpm::NewPinIndex> puk_;
    std::optional<tpm::NewPinIndex> gate_; ///< of a blank card, see Personalisation
    SecretBytes gate_value_;
    std::optional<tpm::NewPinIndex> pin_;
    std::optional<tpm::NewPinIndex> grant_; ///< see tpm/signed_reset.hpp
    SecretBytes grant_value_;
    SecretBytes authority_value_;
    tpm::Authority authority_;
    tpm::Epoch epoch_;
    PinRecord pins_;
    IndicesFile indices_;
};

} // namespace tpmvsc::card
