// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_keys.hpp"
#include "cli/client/key_card.hpp"
#include "cli/client/transport.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli::client {

/// PivCard speaks PIV (SP 800-73-4 part 2, and the commands that YubiKeys have beyond it) to the
/// card of a session. What a person may get wrong is a value; whatever else the card refuses is a
/// Failure with a sentence.
///
/// Where something secret was shown to the card, it is reset at the end of the session: no program
/// that comes after finds it open.
class PivCard final : public KeyCard {
  public:
    /// Selects the application. Throws Failure(unsupported) when the card has none.
    explicit PivCard(pcsc::Session& session);

    // --- PIN, PUK, admin key

    PinAnswer verify_pin(ByteView pin) override;
    PinAnswer change_pin(ByteView old_pin, ByteView new_pin);
    PinAnswer change_puk(ByteView old_puk, ByteView new_puk);
    /// reset_pin sets a new PIN by the PUK.
    PinAnswer reset_pin(ByteView puk, ByteView new_pin);
    card::AdminAlgorithm admin_algorithm() const;
    /// Both sides authenticate to each other.
    void show_admin_key(ByteView key) override;
    void set_admin_key(card::AdminAlgorithm algorithm, ByteView key);

    // --- Keys

    card::KeySlot free_slot() const override;
    std::vector<card::KeySlot> labelled_slots() const override { return {}; }
    std::optional<KeyLabel> label(card::KeySlot /*slot*/) const override { return std::nullopt; }
    void require_possible(const NewKey& wanted) const override;
    /// key tells of a key; nothing where there is none.
    std::optional<card::KeyInfo> key(card::KeySlot slot) const;
    std::optional<card::PublicKey> public_key(card::KeySlot slot) const override;
    card::PublicKey generate_key(const NewKey& wanted) override;
    void import_rsa_key(const NewKey& wanted, const RsaNumbers& numbers) override;
    void import_ec_key(const NewKey& wanted, ByteView scalar) override;
    /// move_pair moves a key and its certificate to a slot, which must be empty. Where that fails
    /// on the way, all is as it was.
    void move_pair(card::KeySlot from, card::KeySlot to);
    void delete_key(card::KeySlot slot) override;
    /// attest gives the certificate by which the card attests to the key, DER.
    Bytes attest(card::KeySlot slot) const;

    /// The former pair moves to a retired slot, the new key takes its place.
    Succession plan_succession(card::KeySlot former,
                               std::optional<card::KeySlot> keep) const override;
    void begin_succession(const Succession& plan, card::KeyAlgorithm algorithm,
                          card::PinPolicy pin_policy) override;
    void finish_succession(const Succession& /*plan*/) override {}
    void undo_succession(const Succession& plan) override;

    // --- Use of keys

    Bytes sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView input) const override;
    /// rsa_private applies the private key to a block of the modulus' size: a signature of padded
    /// data, or a decryption that leaves the padding.
    Bytes rsa_private(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView block) const;
    /// derive agrees with the peer's point (04 X Y): the X coordinate of the shared one.
    SecretBytes derive(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView point) const;

    // --- Certificates

    bool has_certificate(card::KeySlot slot) const override;
    std::optional<Bytes> certificate(card::KeySlot slot) const override;
    std::size_t most_certificate_bytes() const override;
    bool has_room_for(ByteView certificate) const override;
    void write_certificate(card::KeySlot slot, ByteView certificate) override;
    void remove_certificate(card::KeySlot slot) override;

    // --- Data objects

    /// read_object gives what is in the outer object; nothing where there is no such object, or it
    /// is empty.
    std::optional<Bytes> read_object(std::uint32_t tag) const;
    /// write_object replaces it. Empty contents remove the object.
    void write_object(std::uint32_t tag, ByteView contents);

  private:
    void move_key(card::KeySlot from, card::KeySlot to);
    pcsc::Reply send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, Bytes data = {}) const;
    Bytes authenticate(card::KeySlot slot, card::KeyAlgorithm algorithm, std::uint32_t tag,
                       ByteView input) const;
    pcsc::Session& session_;
};

} // namespace tpmvsc::cli::client
