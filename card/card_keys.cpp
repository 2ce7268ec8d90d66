// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "card/curve.hpp"
#include "card/ecdsa_der.hpp"

#include <algorithm>

namespace tpmvsc::card {

namespace {

/// RSADP of RFC 8017 takes numbers below the modulus only.
bool is_below(ByteView number, ByteView modulus) {
    return number.size() == modulus.size() &&
           std::lexicographical_compare(number.begin(), number.end(), modulus.begin(),
                                        modulus.end());
}

} // namespace

const KeyRecord* Card::State::key(KeySlot slot) {
    const auto known = keys.find(slot);
    if (known != keys.end())
        return &known->second;
    const std::string file = key_file(slot);
    if (!files().has(file))
        return nullptr;
    auto record = KeyRecord::read(files(), file);
    if (!record)
        return nullptr;
    return &keys.emplace(slot, std::move(*record)).first->second;
}

void Card::State::store_key(KeySlot slot, const KeyRecord& record) {
    // When the disk fails nobody knows what it has: it is read anew then.
    keys.erase(slot);
    record.write(files(), key_file(slot));
    keys.emplace(slot, record);
}

std::optional<KeyInfo> Card::key(KeySlot slot) {
    const KeyRecord* record = state_->key(slot);
    if (record == nullptr)
        return std::nullopt;
    return record->info;
}

std::vector<KeySlot> Card::key_slots() {
    std::vector<KeySlot> slots;
    for (const std::string& file : state_->files().names()) {
        const auto slot = key_slot_of(file);
        if (slot)
            slots.push_back(*slot);
    }
    std::sort(slots.begin(), slots.end());
    return slots;
}

bool Card::supports(KeyAlgorithm algorithm) {
    const std::string list = " " + state_->identity_file.anchor.algorithms + " ";
    return list.find(std::string(" ") + algorithm_name(algorithm) + " ") != std::string::npos;
}

KeyInfo Card::generate_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy) {
    const Bytes pin_name = policy == PinPolicy::never ? Bytes{} : state_->pins().pin.name;
    tpm::NewKey made;
    state_->with_tpm([&](tpm::Connection& connection) {
        made = tpm::create_key(connection, state_->parent, algorithm, pin_name);
    });
    KeyRecord record;
    record.info = {algorithm,
                   policy,
                   KeyOrigin::generated,
                   {std::move(made.modulus), made.exponent, std::move(made.point)}};
    record.name = tpm::object_name(made.blob);
    record.blob = std::move(made.blob);
    state_->store_key(slot, record);
    return record.info;
}

KeyOutcome
Card::State::use_key(const KeyRecord& record,
                     const std::function<void(tpm::Connection&, const tpm::KeyUse&)>& operation) {
    const bool wants_pin = record.info.pin_policy != PinPolicy::never;
    const BootTime now = wants_pin ? clock() : BootTime{};
    if (login && wants_pin && login->is_ended(now))
        login.reset();
    if (wants_pin && !login)
        return {KeyOutcome::Result::pin_required, {}};
    tpm::KeyUse use{parent, record.blob, record.name};
    if (wants_pin) {
        use.ticket = &login->ticket;
        use.pin_index_name = pins().pin.name;
    }
    try {
        with_tpm([&](tpm::Connection& connection) { operation(connection, use); });
        if (wants_pin)
            login->last_use = now.since;
        return {};
    } catch (const tpm::Error& error) {
        switch (error.fault()) {
        case tpm::Fault::ticket_expired:
        case tpm::Fault::policy_failed:
            // The TPM has ended the login: its time is over, or the TPM was restarted.
            login.reset();
            return {KeyOutcome::Result::pin_required, {}};
        case tpm::Fault::locked_out:
            return {KeyOutcome::Result::locked, {}};
        default:
            throw;
        }
    }
}

KeyOutcome Card::rsa_private(KeySlot slot, ByteView block) {
    const KeyRecord* record = state_->key(slot);
    if (record == nullptr)
        return {KeyOutcome::Result::no_key, {}};
    if (!is_rsa(record->info.algorithm))
        return {KeyOutcome::Result::wrong_kind, {}};
    if (!is_below(block, record->info.public_key.modulus))
        return {KeyOutcome::Result::bad_input, {}};
    Bytes result;
    KeyOutcome outcome =
        state_->use_key(*record, [&](tpm::Connection& connection, const tpm::KeyUse& use) {
            result = to_bytes(tpm::rsa_private(connection, use, block).view());
        });
    outcome.data = std::move(result);
    return outcome;
}

KeyOutcome Card::rsa_decrypt(KeySlot slot, ByteView cipher, RsaPadding padding) {
    const KeyRecord* record = state_->key(slot);
    if (record == nullptr)
        return {KeyOutcome::Result::no_key, {}};
    if (!is_rsa(record->info.algorithm))
        return {KeyOutcome::Result::wrong_kind, {}};
    if (!is_below(cipher, record->info.public_key.modulus))
        return {KeyOutcome::Result::bad_input, {}};
    std::optional<SecretBytes> plain;
    KeyOutcome outcome =
        state_->use_key(*record, [&](tpm::Connection& connection, const tpm::KeyUse& use) {
            plain = tpm::rsa_decrypt(connection, use, cipher, padding);
        });
    if (!outcome.done())
        return outcome;
    if (!plain)
        return {KeyOutcome::Result::bad_input, {}};
    outcome.data = to_bytes(plain->view());
    return outcome;
}

KeyOutcome Card::ecdsa_sign(KeySlot slot, ByteView digest, EcdsaForm form) {
    const KeyRecord* record = state_->key(slot);
    if (record == nullptr)
        return {KeyOutcome::Result::no_key, {}};
    if (is_rsa(record->info.algorithm))
        return {KeyOutcome::Result::wrong_kind, {}};
    constexpr std::size_t longest_for_p521 = 64; // see tpm::ecdsa_sign
    const bool too_long =
        record->info.algorithm == KeyAlgorithm::p521 && digest.size() > longest_for_p521;
    if (digest.empty() || too_long)
        return {KeyOutcome::Result::bad_input, {}};
    Bytes r_and_s;
    KeyOutcome outcome =
        state_->use_key(*record, [&](tpm::Connection& connection, const tpm::KeyUse& use) {
            r_and_s = tpm::ecdsa_sign(connection, use, record->info.algorithm, digest);
        });
    if (outcome.done())
        outcome.data = form == EcdsaForm::der ? ecdsa_der(r_and_s) : std::move(r_and_s);
    return outcome;
}

KeyOutcome Card::ecdh(KeySlot slot, ByteView peer) {
    const KeyRecord* record = state_->key(slot);
    if (record == nullptr)
        return {KeyOutcome::Result::no_key, {}};
    const KeyAlgorithm algorithm = record->info.algorithm;
    if (is_rsa(algorithm))
        return {KeyOutcome::Result::wrong_kind, {}};
    if (!crypto::is_on_curve(curve_of(algorithm), peer))
        return {KeyOutcome::Result::bad_input, {}};
    Bytes result;
    KeyOutcome outcome =
        state_->use_key(*record, [&](tpm::Connection& connection, const tpm::KeyUse& use) {
            result = to_bytes(tpm::ecdh(connection, use, algorithm, peer).view());
        });
    outcome.data = std::move(result);
    return outcome;
}

} // namespace tpmvsc::card
