// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/piv/piv_keys.hpp"
#include "base/private_key_parts.hpp"
#include "card/keys.hpp"
#include "cli/client/pin_answer.hpp"
#include "cli/client/transport.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli::client {

/// NewKey is what a slot is to hold.
struct NewKey {
    card::KeySlot slot = 0;
    card::KeyAlgorithm algorithm = card::KeyAlgorithm::p256;
    std::optional<card::PinPolicy> pin_policy; ///< nothing: the slot's own
};

/// PivCard speaks PIV (SP 800-73-4 part 2, and the commands that YubiKeys have beyond it) to the
/// card of a session. What a person may get wrong is a value; whatever else the card refuses is a
/// Failure with a sentence.
///
/// Where something secret was shown to the card, it is reset at the end of the session: no program
/// that comes after finds it open.
class PivCard {
  public:
    /// Selects the application. Throws Failure(unsupported) when the card has none.
    explicit PivCard(pcsc::Session& session);

    // --- PIN, PUK, admin key

    /// verify_pin compares the PIN, once.
    PinAnswer verify_pin(ByteView pin);
    PinAnswer change_pin(ByteView old_pin, ByteView new_pin);
    PinAnswer change_puk(ByteView old_puk, ByteView new_puk);
    /// reset_pin sets a new PIN by the PUK.
    PinAnswer reset_pin(ByteView puk, ByteView new_pin);
    card::AdminAlgorithm admin_algorithm() const;
    /// show_admin_key authenticates both sides to each other. Throws Failure(not_authorised) for a
    /// wrong key, and while the card hears none.
    void show_admin_key(ByteView key);
    void set_admin_key(card::AdminAlgorithm algorithm, ByteView key);

    // --- Keys

    /// key tells of a key; nothing where there is none.
    std::optional<card::KeyInfo> key(card::KeySlot slot) const;
    card::PublicKey generate_key(const NewKey& wanted);
    void import_rsa_key(const NewKey& wanted, const crypto::RsaParts& parts);
    void import_ec_key(const NewKey& wanted, ByteView scalar);
    void move_key(card::KeySlot from, card::KeySlot to);
    void delete_key(card::KeySlot slot);
    /// attest gives the certificate by which the card attests to the key, DER.
    Bytes attest(card::KeySlot slot) const;

    // --- Use of keys

    /// rsa_private applies the private key to a block of the modulus' size: a signature of padded
    /// data, or a decryption that leaves the padding.
    Bytes rsa_private(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView block) const;
    /// ecdsa_sign gives the signature of a digest in DER.
    Bytes ecdsa_sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView digest) const;
    /// derive agrees with the peer's point (04 X Y): the X coordinate of the shared one.
    SecretBytes derive(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView point) const;

    // --- Data objects

    /// read_object gives what is in the outer object; nothing where there is no such object, or it
    /// is empty.
    std::optional<Bytes> read_object(std::uint32_t tag) const;
    /// write_object replaces it. Empty contents remove the object.
    void write_object(std::uint32_t tag, ByteView contents);

  private:
    pcsc::Reply send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, Bytes data = {}) const;
    Bytes authenticate(card::KeySlot slot, card::KeyAlgorithm algorithm, std::uint32_t tag,
                       ByteView input) const;
    pcsc::Session& session_;
};

} // namespace tpmvsc::cli::client
