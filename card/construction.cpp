// SPDX-License-Identifier: Apache-2.0
#include "card/construction.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "base/reset_challenge.hpp"
#include "card/attestation.hpp"
#include "card/identity_file.hpp"
#include "card/personalisation.hpp"
#include "card/pin_history.hpp"
#include "card/sealed_admin_key.hpp"
#include "card/well_known.hpp"
#include "tpm/attestation.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/connection.hpp"
#include "tpm/objects.hpp"
#include "tpm/parent.hpp"
#include "tpm/signed_reset.hpp"
#include "tpm/tpm.hpp"

namespace tpmvsc::card {

namespace {

constexpr std::size_t card_key_bytes = 32;
constexpr std::size_t salt_bytes = 32;

std::string names_of(const std::vector<tpm::KeyAlgorithm>& algorithms) {
    std::string text;
    for (const tpm::KeyAlgorithm algorithm : algorithms)
        text += (text.empty() ? "" : " ") + std::string(algorithm_name(algorithm));
    return text;
}

} // namespace

Construction::Construction(const Store& store, tpm::Tpm& tpm, CreateOptions options,
                           Identity identity)
    : store_(store), tpm_(tpm), options_(std::move(options)), identity_(std::move(identity)),
      folder_(store.begin_create(identity_)) {}

void Construction::run() {
    say("finding the storage root key");
    tpm_.run([this](tpm::Connection& c) { anchor(c); });
    Unblocking unblocking = make_unblocking();
    if (options_.blank) {
        gate_value_ = SecretBytes(card_key_bytes);
        crypto::random_fill(gate_value_.span());
        gate_ = make_index("blank state", gate_value_, 1, {}, tpm::PinIndexKind::pin_fail);
    }
    if (secret_kind() == tpm::PinIndexKind::pin_fail)
        unblocking.branches.push_back(tpm::certifying_branch());
    say("making the PIN in the TPM");
    pin_ = make_index("PIN", options_.pin, options_.pin_tries, unblocking.parties, secret_kind(),
                      unblocking.branches);
    tpm_.run([this](tpm::Connection& c) { approve(c); });
    pin_.reset();
    puk_.reset();
    grant_.reset();
    say("sealing the admin key");
    make_epoch();
    store_records();
    say("making the keys for attestation and for data that wants the PIN");
    make_object_key();
    tpm_.run([this](tpm::Connection& c) { make_attestation(*files_, c, parent_, identity_); });
}

tpm::PinIndexKind Construction::secret_kind() const {
    return options_.anti_hammering == AntiHammering::lockout ? tpm::PinIndexKind::ordinary
                                                             : tpm::PinIndexKind::pin_fail;
}

void Construction::say(const std::string& step) const {
    if (options_.progress)
        options_.progress(step);
}

void Construction::anchor(tpm::Connection& connection) {
    parent_ = tpm::find_or_create_parent(connection, options_.owner_auth.view());
    card_key_ = SecretBytes(card_key_bytes);
    crypto::random_fill(card_key_.span());
    const tpm::KeyBlob sealed = tpm::seal(connection, parent_, card_key_.view(), {});
    IdentityFile file;
    file.identity = identity_;
    file.replaces = options_.replaces;
    file.anchor = {parent_.handle,      parent_.public_area,
                   parent_.name,        sealed.public_area,
                   sealed.private_area, names_of(tpm::supported_algorithms(connection))};
    file.write(folder_);
    files_.emplace(folder_, card_key_.clone(), file.binding);
    pins_.salt = crypto::random_bytes(salt_bytes);
}

std::optional<tpm::NewPinIndex> Construction::make_index(const std::string& role,
                                                         const SecretBytes& value, unsigned tries,
                                                         const std::vector<Bytes>& unblockers,
                                                         tpm::PinIndexKind kind,
                                                         const std::vector<Bytes>& branches) {
    const SecretBytes auth = crypto::sha256_secret({pins_.salt, value.view()});
    std::optional<tpm::NewPinIndex> made;
    tpm_.run([&](tpm::Connection& connection) {
        made.emplace(connection, parent_, options_.owner_auth.view(),
                     tpm::PinIndexPlan{auth.view(), kind == tpm::PinIndexKind::ordinary ? 0 : tries,
                                       unblockers, kind, branches},
                     note_index(role));
        drop_unfinished(connection, role, made->index().name);
    });
    indices_.write(folder_);
    return made;
}

/// Notes an index in the folder before it is in the TPM.
tpm::IndexNote Construction::note_index(const std::string& role) {
    return [this, role](std::uint32_t handle, ByteView unwritten, ByteView written) {
        indices_.entries.push_back({role, handle, to_bytes(written), to_bytes(unwritten)});
        indices_.write(folder_);
    };
}

/// What the admin key's seals are bound to.
void Construction::make_epoch() {
    const std::string role = "admin key";
    tpm_.run([&](tpm::Connection& connection) {
        epoch_ =
            tpm::create_epoch(connection, parent_, options_.owner_auth.view(), note_index(role));
        drop_unfinished(connection, role, epoch_.name);
    });
    indices_.write(folder_);
}

void Construction::make_authority(tpm::Connection& connection) {
    authority_value_ = SecretBytes(SealedAdminKey::authority_value_bytes);
    crypto::random_fill(authority_value_.span());
    authority_ = tpm::create_authority(connection, parent_, authority_value_.view());
}

/// Those who may set a new PIN, as the policy of its index has them.
Construction::Unblocking Construction::make_unblocking() {
    Unblocking unblocking;
    if (!options_.puk.empty()) {
        say("making the PUK in the TPM");
        puk_ = make_index("PUK", options_.puk, options_.puk_tries, {}, secret_kind());
        unblocking.parties.push_back(puk_->index().name);
    }
    tpm_.run([this](tpm::Connection& c) { make_authority(c); });
    if (options_.admin_resets_pin)
        unblocking.parties.push_back(authority_.name);
    if (options_.reset_authority.empty())
        return unblocking;
    say("making the authority's right in the TPM");
    const tpm::Signer signer = reset_signer();
    const Bytes policy_ref = reset_policy_ref(identity_.serial);
    if (options_.anti_hammering == AntiHammering::lockout) {
        unblocking.branches.push_back(tpm::direct_reset_policy(signer.name(), policy_ref));
    } else {
        make_grant(signer, policy_ref);
        unblocking.parties.push_back(grant_->index().name);
    }
    return unblocking;
}

/// The authority's public key, which this TPM has been seen to take.
tpm::Signer Construction::reset_signer() {
    const auto key = crypto::VerifyingKey::parse(options_.reset_authority);
    if (!key)
        throw std::invalid_argument("the authority's public key is neither P-256 nor RSA");
    tpm::Signer signer(*key);
    tpm_.run([&](tpm::Connection& connection) {
        const tpm::TransientObject taken(connection, signer.load(connection));
    });
    return signer;
}

/// What a signature makes usable, as often as setting a PIN takes.
void Construction::make_grant(const tpm::Signer& signer, ByteView policy_ref) {
    // For the PIN's value, for its count, and to open the history.
    const unsigned uses = options_.pin_rules.history != 0 ? 3 : 2;
    grant_value_ = SecretBytes(card_key_bytes);
    crypto::random_fill(grant_value_.span());
    grant_ = make_index("authority", grant_value_, uses, {}, tpm::PinIndexKind::pin_pass);
    pins_.grant = grant_->index();
    pins_.grant_value = to_bytes(grant_value_.view());
    tpm_.run([&](tpm::Connection& connection) {
        pins_.grant->grant = grant_->approve_policy(
            connection, tpm::grant_policy(*pins_.grant, signer.name(), policy_ref));
    });
}

/// Where it was asked for, lets the holder of PIN and admin key together set both limits and the
/// PUK anew. Then the creators of both indices have done all they are for.
void Construction::approve(tpm::Connection& connection) {
    pins_.pin = pin_->index();
    if (puk_)
        pins_.puk = puk_->index();
    if (!options_.settable_tries)
        return;
    const Bytes& pin = pins_.pin.name;
    pins_.pin.set_limit = pin_->approve_write(connection, pin, authority_.name);
    if (puk_) {
        pins_.puk->set_limit = puk_->approve_write(connection, pin, authority_.name);
        pins_.puk->set_value = puk_->approve_change(connection, pin, authority_.name);
    }
}

/// When the connection broke in the middle, a first attempt may have left an index behind.
void Construction::drop_unfinished(tpm::Connection& connection, const std::string& role,
                                   ByteView name) {
    std::vector<IndexEntry> kept;
    for (const IndexEntry& entry : indices_.entries) {
        if (entry.role != role || equal(entry.name, name)) {
            kept.push_back(entry);
            continue;
        }
        for (const Bytes& left : {entry.name, entry.unwritten_name})
            tpm::remove_index(connection, entry.handle, left, options_.owner_auth.view());
    }
    indices_.entries = std::move(kept);
}

void Construction::store_records() {
    pins_.pin_is_default = is_well_known(PinKind::pin, identity_.profile, options_.pin.view());
    pins_.puk_is_default = is_well_known(PinKind::puk, identity_.profile, options_.puk.view());
    if (options_.profile == Profile::gids) {
        pins_.pin_length = static_cast<std::uint32_t>(options_.pin.size());
        pins_.puk_length = static_cast<std::uint32_t>(options_.puk.size());
    }
    pins_.admin_resets_pin = options_.admin_resets_pin;
    pins_.reset_authority = options_.reset_authority;
    pins_.write(*files_);
    options_.pin_rules.write(*files_);
    if (options_.pin_rules.history != 0)
        store_history();
    if (options_.blank)
        store_personalisation();
    tpm_.run([this](tpm::Connection& connection) {
        SealedAdminKey::create(*files_, connection, parent_, epoch_, authority_,
                               authority_value_.view(), options_.admin_algorithm,
                               options_.admin_key.view(), identity_.serial);
    });
    for (const auto& [tag, contents] : options_.objects)
        files_->write(object_file(tag), contents);
}

void Construction::store_history() const {
    PinHistory history(PinHistory::parties_of(pins_, authority_));
    history.note(options_.pin.view());
    history.confirm(options_.pin_rules.history);
    history.store(*files_, parent_,
                  [this](const std::function<void(tpm::Connection&)>& work) { tpm_.run(work); });
}

void Construction::store_personalisation() {
    PersonalisationRecord record;
    record.gate = gate_->index();
    record.gate_value = to_bytes(gate_value_.view());
    Personalisation values;
    values.authority = authority_value_.clone();
    if (!options_.puk.empty()) {
        values.puk = crypto::sha256_secret({pins_.salt, options_.puk.view()});
        values.next_puk = values.puk.clone();
    }
    tpm_.run([&](tpm::Connection& connection) { values.seal(connection, parent_, record); });
    record.write(*files_);
    gate_.reset();
}

void Construction::make_object_key() {
    KeyRecord record;
    tpm_.run([&](tpm::Connection& connection) {
        tpm::NewKey made =
            tpm::create_key(connection, parent_, tpm::KeyAlgorithm::p256, pins_.pin.name);
        record.info = {tpm::KeyAlgorithm::p256,
                       PinPolicy::once,
                       KeyOrigin::generated,
                       {{}, 0, std::move(made.point)}};
        record.name = tpm::object_name(made.blob);
        record.blob = std::move(made.blob);
    });
    record.write(*files_, object_key_file);
}

void Construction::abandon() noexcept {
    try {
        for (const std::string& left : clear_indices(tpm_, folder_, options_.owner_auth.view()))
            log(LogLevel::info, left);
        store_.erase(folder_);
    } catch (const std::exception& error) {
        // The next create or destroy sweeps it up.
        log(LogLevel::error,
            std::string("a hidden card folder is left to be cleared: ") + error.what());
    }
}

} // namespace tpmvsc::card
