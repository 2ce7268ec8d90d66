// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/gids_files.hpp"
#include "cli/client/key_card.hpp"

#include <functional>

namespace tpmvsc::cli::client {

/// GidsCard speaks GIDS 2.0 to the card of a session: its secrets, and keys and certificates in the
/// file system that Windows and OpenSC use. A slot is a key reference, 81 to 9E, and stands for the
/// container of that key. As with PivCard, the card is reset at the end where something secret was
/// shown to it.
///
/// A key is made first and listed then, and no longer listed before it is deleted: whatever breaks
/// off leaves at most a key that no program sees. The next key that is made in its place replaces
/// it.
class GidsCard final : public KeyCard {
  public:
    /// Selects the application. Throws Failure(unsupported) when the card has none.
    explicit GidsCard(pcsc::Session& session);

    // --- PIN, PUK, admin key

    PinAnswer verify_pin(ByteView pin) override;
    PinAnswer change_pin(ByteView old_pin, ByteView new_pin);
    PinAnswer change_puk(ByteView old_puk, ByteView new_puk);
    /// reset_pin sets a new PIN by the PUK.
    PinAnswer reset_pin(ByteView puk, ByteView new_pin);
    void show_admin_key(ByteView key) override;
    /// set_admin_key replaces it by another triple DES key.
    void set_admin_key(ByteView key);

    // --- Keys

    card::KeySlot free_slot() const override;
    std::vector<card::KeySlot> labelled_slots() const override;
    std::optional<KeyLabel> label(card::KeySlot slot) const override;
    void require_possible(const NewKey& wanted) const override;
    std::optional<card::PublicKey> public_key(card::KeySlot slot) const override;
    card::PublicKey generate_key(const NewKey& wanted) override;
    void import_rsa_key(const NewKey& wanted, const RsaNumbers& numbers) override;
    void import_ec_key(const NewKey& wanted, ByteView scalar) override;
    void delete_key(card::KeySlot slot) override;
    Bytes sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView input) const override;

    // --- Certificates

    bool has_certificate(card::KeySlot slot) const override;
    std::optional<Bytes> certificate(card::KeySlot slot) const override;
    std::size_t most_certificate_bytes() const override;
    bool has_room_for(ByteView certificate) const override;
    void write_certificate(card::KeySlot slot, ByteView certificate) override;
    void remove_certificate(card::KeySlot slot) override;

    // --- A new key for what an old one was for

    /// Both stay where they are made. The new one takes over as the default container.
    Succession plan_succession(card::KeySlot former,
                               std::optional<card::KeySlot> keep) const override;
    void begin_succession(const Succession& plan, card::KeyAlgorithm algorithm,
                          card::PinPolicy pin_policy) override;
    void finish_succession(const Succession& plan) override;
    void undo_succession(const Succession& plan) override;

  private:
    pcsc::Reply send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, Bytes data) const;
    PinAnswer show_both(std::uint8_t ins, std::uint8_t reference, ByteView known, ByteView fresh);
    // Key files
    void create_key_file(const NewKey& wanted);
    void remove_key_file(card::KeySlot slot);
    card::PublicKey generate_in_file(const NewKey& wanted);
    void put_key(card::KeySlot slot, const RsaNumbers& numbers);
    // Containers
    void list_key(const NewKey& wanted, bool as_default);
    void make_and_list(const NewKey& wanted, const std::function<void()>& make);
    std::string free_name(const std::string& wanted) const;
    std::optional<std::string> certificate_file(card::KeySlot slot) const;

    pcsc::Session& session_;
    GidsFiles files_;
};

} // namespace tpmvsc::cli::client
