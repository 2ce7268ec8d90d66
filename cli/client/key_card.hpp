// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/private_key_parts.hpp"
#include "card/keys.hpp"
#include "cli/client/pin_answer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tpmvsc::cli::client {

/// KeyUse tells keys that only sign from those for key exchange, which decrypt as well. PIV has
/// slots for that.
enum class KeyUse { signature, exchange };

/// NewKey is what a slot is to hold.
struct NewKey {
    card::KeySlot slot = 0;
    card::KeyAlgorithm algorithm = card::KeyAlgorithm::p256;
    std::optional<card::PinPolicy> pin_policy; ///< nothing: the slot's own
    std::optional<KeyUse> use;                 ///< nothing: exchange where the key can
    std::string label;                         ///< empty: one that no other key has
};

/// RsaNumbers are a private key from outside, as far as cards want to have it.
struct RsaNumbers {
    ByteView modulus;
    ByteView private_exponent;
    crypto::RsaParts parts;
};

/// KeyLabel is what a card keeps of a key beside it.
struct KeyLabel {
    std::string name;
    KeyUse use = KeyUse::exchange;
    bool is_default = false; ///< the one to log in with
};

/// Succession is how a key is followed by a new one of its kind: where the former key was, where
/// the new one comes and where the former one is kept.
struct Succession {
    card::KeySlot former = 0;
    card::KeySlot fresh = 0;
    card::KeySlot kept = 0;
};

/// KeyCard is what the commands on keys and certificates ask of a card, whatever its profile. What
/// a person may get wrong is a value; whatever else the card refuses is a Failure with a sentence.
/// A slot is the profile's own key reference.
class KeyCard {
  public:
    virtual ~KeyCard() = default;

    /// verify_pin compares the PIN, once.
    virtual PinAnswer verify_pin(ByteView pin) = 0;
    /// show_admin_key authenticates. Throws Failure(not_authorised) for a wrong key, and while the
    /// card hears none.
    virtual void show_admin_key(ByteView key) = 0;

    // --- Slots

    /// free_slot is where a new key may come without replacing one. Throws Failure where the card
    /// is full, and Failure(usage) where the person has to choose.
    virtual card::KeySlot free_slot() const = 0;
    /// labels lists the slots of which the card keeps something beside the key, also those that
    /// have lost their key, in ascending order.
    virtual std::vector<card::KeySlot> labelled_slots() const = 0;
    virtual std::optional<KeyLabel> label(card::KeySlot slot) const = 0;

    // --- Keys

    /// require_possible throws Failure for a key that cannot come into its slot as it is wanted,
    /// as far as that is known beforehand. It changes nothing.
    virtual void require_possible(const NewKey& wanted) const = 0;
    /// public_key gives the public half of a key; nothing where there is none.
    virtual std::optional<card::PublicKey> public_key(card::KeySlot slot) const = 0;
    /// generate_key and the import functions put a key into a slot. Where they fail, what was there
    /// before still is.
    virtual card::PublicKey generate_key(const NewKey& wanted) = 0;
    virtual void import_rsa_key(const NewKey& wanted, const RsaNumbers& numbers) = 0;
    virtual void import_ec_key(const NewKey& wanted, ByteView scalar) = 0;
    /// delete_key removes a key with all that is lost without it. On GIDS that is the certificate
    /// as well: it would be taken for the next key's.
    virtual void delete_key(card::KeySlot slot) = 0;
    /// sign applies the private key to a block of the modulus' size, or to a digest: ECDSA in DER.
    virtual Bytes sign(card::KeySlot slot, card::KeyAlgorithm algorithm, ByteView input) const = 0;

    // --- Certificates, in DER

    virtual bool has_certificate(card::KeySlot slot) const = 0;
    /// certificate gives the certificate of a slot; nothing where there is none. Throws Failure
    /// where what is stored cannot be unpacked.
    virtual std::optional<Bytes> certificate(card::KeySlot slot) const = 0;
    /// most_certificate_bytes is how large a certificate may be, about.
    virtual std::size_t most_certificate_bytes() const = 0;
    virtual bool has_room_for(ByteView certificate) const = 0;
    virtual void write_certificate(card::KeySlot slot, ByteView certificate) = 0;
    virtual void remove_certificate(card::KeySlot slot) = 0;

    // --- A new key for what an old one was for

    /// plan_succession finds out what goes where, and changes nothing. `keep` says where the former
    /// key is to be kept, on cards where it has to move. Throws Failure where there is no room.
    virtual Succession plan_succession(card::KeySlot former,
                                       std::optional<card::KeySlot> keep) const = 0;
    /// begin_succession makes the new key, of this algorithm and policy, and moves the former pair
    /// where it has to.
    virtual void begin_succession(const Succession& plan, card::KeyAlgorithm algorithm,
                                  card::PinPolicy pin_policy) = 0;
    /// finish_succession puts the new key in the former one's place for programs as well.
    virtual void finish_succession(const Succession& plan) = 0;
    /// undo_succession makes all as it was, however far the two have come: it deletes the new key
    /// and brings the former pair back.
    virtual void undo_succession(const Succession& plan) = 0;
};

} // namespace tpmvsc::cli::client
