// SPDX-License-Identifier: Apache-2.0
#include "card/card.hpp"

#include "tpm/attestation.hpp"
#include "tpm/authority.hpp"
#include "tpm/endorsement.hpp"

#include <map>

// A card without a TPM, linked in place of the real one: the fuzzer runs thousands of commands a
// second on it, and the same input always gives the same answers. Its keys are no keys.
namespace tpmvsc::card {

/// Only a class of this name may make an AdminSession; the real one is not in this program.
class SealedAdminKey final : public AdminKey {
  public:
    AdminAlgorithm algorithm() const override { return AdminAlgorithm::tdes; }
    bool is_default() const override { return true; }
    std::chrono::seconds locked_for() override { return std::chrono::seconds(0); }
    Bytes challenge(AdminProof) override { return Bytes(block_bytes(algorithm()), 0x42); }
    std::optional<AdminSession> check(AdminProof proof, ByteView challenge,
                                      ByteView answer) override {
        AdminSession session(algorithm(), SecretBytes(default_admin_key(algorithm())), {});
        const Bytes expected =
            proof == AdminProof::encrypts ? session.encrypt(challenge) : session.decrypt(challenge);
        if (!equal_secret(expected, answer)) {
            return std::nullopt;
        }
        return session;
    }
    const tpm::Authority& authority() const override { return authority_; }
    void change(const AdminSession&, AdminAlgorithm, ByteView) override {}
    void retire_challenges(const AdminSession&) override {}

  private:
    tpm::Authority authority_;
};

namespace {

KeyInfo make_key(KeyAlgorithm algorithm, PinPolicy policy, KeyOrigin origin) {
    KeyInfo info{algorithm, policy, origin, {}};
    const std::size_t size = key_bytes(algorithm);
    if (is_rsa(algorithm)) {
        info.public_key = {Bytes(size, 0xC3), 65537, {}};
    } else {
        info.public_key.point = Bytes(1 + 2 * size, 0x04);
    }
    return info;
}

} // namespace

struct Card::State {
    struct Secret {
        Bytes value;
        PinTries tries{3, 3};
    };

    PinOutcome compare(Secret& secret, ByteView value) {
        if (secret.tries.left == 0) {
            return {PinOutcome::Result::blocked, 0};
        }
        if (!equal(secret.value, value)) {
            --secret.tries.left;
            return {PinOutcome::Result::wrong, secret.tries.left};
        }
        secret.tries.left = secret.tries.limit;
        return {PinOutcome::Result::right, secret.tries.left};
    }
    Secret& secret(PinKind kind) { return kind == PinKind::pin ? pin : puk; }

    Identity identity{Bytes(16, 0x11), "fake", Profile::piv, 0, 1, "2026-01-01T00:00:00Z"};
    Secret pin{to_bytes("123456")};
    Secret puk{to_bytes("12345678")};
    bool logged_in = false;
    bool blank = false;
    SealedAdminKey admin_key;
    std::map<KeySlot, KeyInfo> keys;
    std::map<ObjectTag, Bytes> objects;
};

Card::Card(std::unique_ptr<State> state) : state_(std::move(state)) {}
Card::~Card() = default;

/// The folder's name says what it is to be: "gids" a blank GIDS card without PUK, else a PIV card.
std::unique_ptr<Card> Card::open(const std::string& folder, tpm::Tpm&, std::chrono::seconds,
                                 BootClock) {
    auto state = std::make_unique<State>();
    if (folder == "gids") {
        state->identity.profile = Profile::gids;
        state->blank = true;
        state->puk.tries = {0, 0};
    }
    return std::unique_ptr<Card>(new Card(std::move(state)));
}

const Identity& Card::identity() const {
    return state_->identity;
}

PinOutcome Card::verify_pin(ByteView pin) {
    const PinOutcome outcome = state_->compare(state_->pin, pin);
    state_->logged_in = outcome.right();
    return outcome;
}

bool Card::logged_in() const {
    return state_->logged_in;
}

void Card::logout() {
    state_->logged_in = false;
}

PinTries Card::tries(PinKind kind) {
    return state_->secret(kind).tries;
}

PinOutcome Card::change(PinKind kind, ByteView old_value, ByteView new_value) {
    State::Secret& secret = state_->secret(kind);
    const PinOutcome outcome = state_->compare(secret, old_value);
    if (outcome.right()) {
        secret.value = to_bytes(new_value);
    }
    if (kind == PinKind::pin) {
        state_->logged_in = outcome.right();
    }
    return outcome;
}

PinOutcome Card::reset_pin_by_puk(ByteView puk, ByteView new_pin) {
    const PinOutcome outcome = state_->compare(state_->puk, puk);
    if (outcome.right()) {
        state_->pin = State::Secret{to_bytes(new_pin)};
        state_->logged_in = false;
    }
    return outcome;
}

ResetParties Card::reset_parties() {
    const bool has_puk = state_->puk.tries.limit != 0;
    return {has_puk, !has_puk, false};
}

Bytes Card::reset_authority() {
    return {};
}

std::optional<ResetChallenge> Card::begin_remote_unblock(ResetParty party) {
    if (party == ResetParty::authority) {
        return std::nullopt;
    }
    return ResetChallenge{ResetKind::admin_tdes, 1, Bytes(8, 0x11)};
}

std::optional<ResetChallenge> Card::pending_remote_unblock() {
    return begin_remote_unblock(ResetParty::admin_key);
}

PinOutcome Card::finish_remote_unblock(ByteView answer, ByteView new_pin) {
    if (!equal(answer, Bytes(8, 0x22))) {
        return {PinOutcome::Result::wrong, 0};
    }
    state_->pin = State::Secret{to_bytes(new_pin)};
    state_->logged_in = false;
    return {PinOutcome::Result::right, state_->pin.tries.left};
}

AntiHammering Card::anti_hammering() {
    return AntiHammering::counter;
}

std::optional<std::chrono::seconds> Card::locked_for() {
    return std::nullopt;
}

const PinRules& Card::pin_rules() {
    static const PinRules rules;
    return rules;
}

std::chrono::seconds Card::session_life() {
    return default_pin_session;
}

PinOutcome Card::reset_pin_by_admin(const AdminSession&, ByteView new_pin) {
    state_->pin = State::Secret{to_bytes(new_pin)};
    state_->logged_in = false;
    return {PinOutcome::Result::right, state_->pin.tries.left};
}

std::vector<std::size_t> Card::lengths_of(PinKind kind) {
    return {state_->secret(kind).value.size()};
}

bool Card::is_blank() {
    return state_->blank;
}

PinOutcome Card::set_initial(PinKind kind, ByteView value) {
    state_->secret(kind).value = to_bytes(value);
    return {PinOutcome::Result::right, state_->secret(kind).tries.left};
}

std::optional<AdminSession> Card::initial_admin_session() {
    if (!state_->blank) {
        return std::nullopt;
    }
    return AdminSession(AdminAlgorithm::tdes, {}, {});
}

void Card::activate() {
    state_->blank = false;
}

bool Card::can_set_tries() {
    return true;
}

PinOutcome Card::set_tries(const AdminSession&, unsigned pin_tries, unsigned puk_tries) {
    if (!state_->logged_in) {
        return {PinOutcome::Result::absent, 0};
    }
    state_->pin = State::Secret{to_bytes("123456"), {pin_tries, pin_tries}};
    state_->puk = State::Secret{to_bytes("12345678"), {puk_tries, puk_tries}};
    state_->logged_in = false;
    return {PinOutcome::Result::right, pin_tries};
}

bool Card::is_default(PinKind) {
    return true;
}

AdminKey& Card::admin_key() {
    return state_->admin_key;
}

std::optional<KeyInfo> Card::key(KeySlot slot) {
    const auto found = state_->keys.find(slot);
    return found == state_->keys.end() ? std::nullopt : std::optional(found->second);
}

std::vector<KeySlot> Card::key_slots() {
    std::vector<KeySlot> slots;
    for (const auto& [slot, info] : state_->keys) {
        slots.push_back(slot);
    }
    return slots;
}

bool Card::supports(KeyAlgorithm algorithm) {
    return algorithm != KeyAlgorithm::rsa4096 && algorithm != KeyAlgorithm::p521;
}

KeyInfo Card::generate_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy) {
    return state_->keys[slot] = make_key(algorithm, policy, KeyOrigin::generated);
}

std::optional<KeyInfo> Card::import_rsa_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy,
                                            const crypto::RsaParts&) {
    return state_->keys[slot] = make_key(algorithm, policy, KeyOrigin::imported);
}

std::optional<KeyInfo> Card::import_ec_key(KeySlot slot, KeyAlgorithm algorithm, PinPolicy policy,
                                           ByteView) {
    return state_->keys[slot] = make_key(algorithm, policy, KeyOrigin::imported);
}

bool Card::move_key(KeySlot from, KeySlot to) {
    if (state_->keys.count(from) == 0 || state_->keys.count(to) != 0) {
        return false;
    }
    state_->keys[to] = state_->keys[from];
    return delete_key(from);
}

bool Card::delete_key(KeySlot slot) {
    return state_->keys.erase(slot) != 0;
}

Bytes Card::attestation_certificate() {
    return Bytes(300, 0x30);
}

std::optional<Bytes> Card::attest(KeySlot slot, ByteView, ByteView) {
    const auto key = this->key(slot);
    return key && key->origin == KeyOrigin::generated ? std::optional(Bytes(400, 0x30))
                                                      : std::nullopt;
}

std::optional<tpm::Statement> Card::attest_tries(ByteView) {
    return std::nullopt;
}

tpm::EndorsementKey Card::endorsement(std::optional<tpm::EndorsementKind>) {
    return {};
}

std::optional<SecretBytes> Card::activate_credential(tpm::EndorsementKind, ByteView credential,
                                                     ByteView) {
    return credential.size() % 2 == 0 ? std::optional(SecretBytes(credential)) : std::nullopt;
}

bool Card::set_pin_rules(const AdminSession&, const PinRules&) {
    return true;
}

KeyOutcome Card::rsa_private(KeySlot, ByteView block) {
    return {KeyOutcome::Result::done, Bytes(block.rbegin(), block.rend())};
}

KeyOutcome Card::rsa_decrypt(KeySlot, ByteView cipher, RsaPadding) {
    return {KeyOutcome::Result::done, to_bytes(cipher.last(16))};
}

KeyOutcome Card::ecdsa_sign(KeySlot, ByteView digest, EcdsaForm) {
    return {digest.empty() ? KeyOutcome::Result::bad_input : KeyOutcome::Result::done,
            Bytes(70, 0x30)};
}

KeyOutcome Card::ecdh(KeySlot slot, ByteView) {
    return {KeyOutcome::Result::done, Bytes(key_bytes(state_->keys.at(slot).algorithm), 0x5A)};
}

std::optional<Bytes> Card::read_object(ObjectTag tag, ReadAccess, bool*) {
    const auto found = state_->objects.find(tag);
    return found == state_->objects.end() ? std::nullopt : std::optional(found->second);
}

void Card::write_object(ObjectTag tag, ReadAccess, ByteView contents) {
    state_->objects.erase(tag);
    if (!contents.empty()) {
        state_->objects[tag] = to_bytes(contents);
    }
}

bool Card::has_object(ObjectTag tag, ReadAccess) {
    return state_->objects.count(tag) != 0;
}

std::vector<ObjectTag> Card::object_tags() {
    std::vector<ObjectTag> tags;
    for (const auto& [tag, contents] : state_->objects) {
        tags.push_back(tag);
    }
    return tags;
}

Bytes Card::random(std::size_t size) {
    return Bytes(size, 0x77);
}

void Card::reset(const std::vector<std::pair<ObjectTag, Bytes>>& objects) {
    *state_ = State();
    state_->objects = {objects.begin(), objects.end()};
}

void Card::power_off() {
    state_->logged_in = false;
}

} // namespace tpmvsc::card
