// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "card/curve.hpp"
#include "tpm/import.hpp"

namespace tpmvsc::card {

namespace {

KeyInfo info_of(const tpm::ForeignKey& key, PinPolicy policy) {
    KeyInfo info;
    info.algorithm = key.algorithm;
    info.pin_policy = policy;
    info.origin = KeyOrigin::imported;
    if (is_rsa(key.algorithm))
        info.public_key = {to_bytes(key.modulus), 65537, {}};
    else
        info.public_key.point = to_bytes(key.point);
    return info;
}

} // namespace

KeyInfo Card::import_key(KeySlot slot, PinPolicy policy, const tpm::ForeignKey& key) {
    const Bytes pin_name = policy == PinPolicy::never ? Bytes{} : state_->pins().pin.name;
    KeyRecord record;
    record.info = info_of(key, policy);
    state_->with_tpm([&](tpm::Connection& connection) {
        record.blob = tpm::import_key(connection, state_->parent, key, pin_name);
    });
    record.name = tpm::object_name(record.blob);
    state_->store_key(slot, record);
    return record.info;
}

std::optional<KeyInfo> Card::import_rsa_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy,
                                            const crypto::RsaParts& parts) {
    const auto modulus = crypto::rsa_modulus(parts, 8 * key_bytes(algorithm));
    if (!modulus)
        return std::nullopt;
    // The TPM wants one prime, in exactly half the size.
    const ByteView prime = parts.p.last(key_bytes(algorithm) / 2);
    return import_key(slot, policy, {algorithm, prime, *modulus, {}});
}

std::optional<KeyInfo> Card::import_ec_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy,
                                           ByteView scalar) {
    const auto point = crypto::ec_public_point(curve_of(algorithm), scalar);
    if (!point)
        return std::nullopt;
    return import_key(slot, policy, {algorithm, scalar, {}, *point});
}

bool Card::move_key(KeySlot from, KeySlot to) {
    const KeyRecord* record = state_->key(from);
    if (record == nullptr || from == to || state_->key(to) != nullptr)
        return false;
    state_->store_key(to, KeyRecord(*record));
    return delete_key(from);
}

bool Card::delete_key(KeySlot slot) {
    if (!state_->files().has(key_file(slot)))
        return false;
    state_->keys.erase(slot);
    state_->files().remove(key_file(slot)); // also one that is damaged
    return true;
}

} // namespace tpmvsc::card
