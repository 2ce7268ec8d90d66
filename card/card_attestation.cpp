// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "card/attestation.hpp"
#include "card/certificate.hpp"
#include "card/ecdsa_der.hpp"
#include "tpm/attestation.hpp"
#include "tpm/endorsement.hpp"

#include <array>
#include <cstdio>

namespace tpmvsc::card {

namespace {

constexpr std::size_t serial_bytes = 16;

Bytes random_serial() {
    Bytes serial = crypto::random_bytes(serial_bytes);
    serial.front() &= 0x7F;
    return serial;
}

std::string slot_name(KeySlot slot) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02X", slot);
    return digits.data();
}

/// The TPMT_PUBLIC in a blob's TPM2B_PUBLIC, which comes behind its size.
ByteView public_area(const tpm::KeyBlob& blob) {
    constexpr std::size_t size_field = 2;
    return ByteView(blob.public_area).subspan(size_field);
}

/// The extension's value (attestation.hpp): the TPM's statement about `key`, and what it takes to
/// understand it. `pin` is null for a key that wants none.
Bytes make_statement(tpm::Connection& connection, const tpm::Parent& parent,
                     const tpm::KeyBlob& attestation_key, const KeyRecord& key,
                     const tpm::PinIndex* pin, ByteView nonce) {
    enum Tag : std::uint32_t { integer = 0x02, octets = 0x04, enumerated = 0x0A, sequence = 0x30 };
    constexpr std::array<std::uint8_t, 1> version{2};
    const std::array<std::uint8_t, 1> policy{static_cast<std::uint8_t>(key.info.pin_policy)};
    const tpm::Statement statement =
        tpm::certify(connection, parent, attestation_key, key.blob, nonce);
    return TlvWriter()
        .open(sequence)
        .add(integer, version)
        .add(octets, statement.attest)
        .add(octets, ecdsa_der(statement.signature))
        .add(octets, public_area(key.blob))
        .add(octets, pin != nullptr ? tpm::public_area(connection, *pin) : Bytes{})
        .add(enumerated, policy)
        .add(octets, public_area(attestation_key))
        .add(octets, tpm::qualified_name(connection, parent))
        .close()
        .take();
}

} // namespace

void make_attestation(const SealedFiles& files, tpm::Connection& connection,
                      const tpm::Parent& parent, const Identity& identity) {
    AttestationRecord record;
    tpm::NewKey key = tpm::create_attestation_key(connection, parent);
    const Bytes name =
        certificate::common_name("tpmvsc attestation " + std::to_string(identity.serial));
    const Bytes signed_part = certificate::to_be_signed(
        {random_serial(), name, name, identity.created,
         certificate::public_key_info(KeyAlgorithm::p256, {{}, 0, key.point}),
         certificate::authority_extensions()});
    record.blob = std::move(key.blob);
    record.certificate = certificate::finish(
        signed_part, tpm::sign_data(connection, parent, record.blob, signed_part));
    record.write(files);
}

Bytes Card::attestation_certificate() {
    return AttestationRecord::read(state_->files()).certificate;
}

std::optional<Bytes> Card::attest(KeySlot slot, ByteView issuer, ByteView nonce) {
    const KeyRecord* key = state_->key(slot);
    const auto issuer_name = certificate::subject_of(issuer);
    if (key == nullptr || key->info.origin != KeyOrigin::generated || !issuer_name)
        return std::nullopt;
    const AttestationRecord record = AttestationRecord::read(state_->files());
    const bool wants_pin = key->info.pin_policy != PinPolicy::never;
    const tpm::PinIndex* pin = wants_pin ? &state_->pins().pin : nullptr;
    Bytes result;
    state_->with_tpm([&](tpm::Connection& connection) {
        const Bytes statement =
            make_statement(connection, state_->parent, record.blob, *key, pin, nonce);
        const Bytes signed_part = certificate::to_be_signed(
            {random_serial(), *issuer_name,
             certificate::common_name("tpmvsc attestation of key " + slot_name(slot)),
             identity().created,
             certificate::public_key_info(key->info.algorithm, key->info.public_key),
             certificate::extension(statement_oid, false, statement)});
        result = certificate::finish(
            signed_part, tpm::sign_data(connection, state_->parent, record.blob, signed_part));
    });
    return result;
}

std::optional<tpm::Statement> Card::attest_tries(ByteView nonce) {
    if (!state_->counts())
        return std::nullopt;
    const AttestationRecord record = AttestationRecord::read(state_->files());
    const tpm::PinIndex& pin = state_->pins().pin;
    std::optional<tpm::Statement> result;
    state_->with_tpm([&](tpm::Connection& connection) {
        result = tpm::certify_count(connection, state_->parent, record.blob, pin, nonce);
        if (result)
            result->signature = ecdsa_der(result->signature);
    });
    return result;
}

tpm::EndorsementKey Card::endorsement(std::optional<tpm::EndorsementKind> wish) {
    tpm::EndorsementKey result;
    state_->with_tpm(
        [&](tpm::Connection& connection) { result = tpm::read_endorsement(connection, wish); });
    return result;
}

std::optional<SecretBytes> Card::activate_credential(tpm::EndorsementKind kind, ByteView credential,
                                                     ByteView encrypted_secret) {
    const AttestationRecord record = AttestationRecord::read(state_->files());
    std::optional<SecretBytes> result;
    state_->with_tpm([&](tpm::Connection& connection) {
        try {
            result = tpm::activate_credential(connection, state_->parent, record.blob, kind,
                                              credential, encrypted_secret);
        } catch (const tpm::Error& error) {
            if (error.fault() != tpm::Fault::foreign && error.fault() != tpm::Fault::bad_input)
                throw;
        }
    });
    return result;
}

} // namespace tpmvsc::card
