// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "card/attestation.hpp"
#include "card/certificate.hpp"
#include "card/ecdsa_der.hpp"
#include "tpm/attestation.hpp"

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

/// The extension's value; see attestation.hpp.
Bytes statement_value(const KeyRecord& key, const tpm::Statement& statement,
                      ByteView pin_index_name) {
    enum Tag : std::uint32_t { integer = 0x02, octets = 0x04, enumerated = 0x0A, sequence = 0x30 };
    constexpr std::array<std::uint8_t, 1> version{1};
    const std::array<std::uint8_t, 1> policy{static_cast<std::uint8_t>(key.info.pin_policy)};
    constexpr std::size_t size_field = 2; // TPM2B_PUBLIC: the TPMT_PUBLIC comes behind its size
    return TlvWriter()
        .open(sequence)
        .add(integer, version)
        .add(octets, statement.attest)
        .add(octets, ecdsa_der(statement.signature))
        .add(octets, ByteView(key.blob.public_area).subspan(size_field))
        .add(octets, key.info.pin_policy == PinPolicy::never ? ByteView{} : pin_index_name)
        .add(enumerated, policy)
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

std::optional<Bytes> Card::attest(KeySlot slot, ByteView issuer) {
    const KeyRecord* key = state_->key(slot);
    const auto issuer_name = certificate::subject_of(issuer);
    if (key == nullptr || key->info.origin != KeyOrigin::generated || !issuer_name)
        return std::nullopt;
    const AttestationRecord record = AttestationRecord::read(state_->files());
    Bytes result;
    state_->with_tpm([&](tpm::Connection& connection) {
        const tpm::Statement statement =
            tpm::certify(connection, state_->parent, record.blob, key->blob);
        const Bytes signed_part = certificate::to_be_signed(
            {random_serial(), *issuer_name,
             certificate::common_name("tpmvsc attestation of key " + slot_name(slot)),
             identity().created,
             certificate::public_key_info(key->info.algorithm, key->info.public_key),
             certificate::extension(statement_oid, false,
                                    statement_value(*key, statement, state_->pins().pin.name))});
        result = certificate::finish(
            signed_part, tpm::sign_data(connection, state_->parent, record.blob, signed_part));
    });
    return result;
}

} // namespace tpmvsc::card
