// SPDX-License-Identifier: Apache-2.0
#include "cli/reset_options.hpp"

#include "base/derived_admin_key.hpp"
#include "cli/admin_key_source.hpp"
#include "cli/authority_key.hpp"
#include "cli/card_values.hpp"
#include "cli/failure.hpp"
#include "cli/inventory.hpp"
#include "cli/new_secret.hpp"
#include "cli/pem_file.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr const char* prompted = "prompt";
constexpr const char* none = "none";
constexpr const char* discard = "discard";
constexpr const char* derived = "derived";

[[noreturn]] void contradiction(const std::string& sentence) {
    throw Failure(ExitCode::usage, sentence);
}

const AdminCipher& cipher_of(const card::CreateOptions& options) {
    return *find_admin_cipher(admin_algorithm_name(options.admin_algorithm));
}

} // namespace

void ResetOptions::declare(CLI::App& command) {
    const std::string forms = ": prompt, default, random, file:PATH, fd:N or - (standard input)";
    command.add_option("--puk", puk_,
                       "PUK, whose holder can reset the PIN; or none" + forms +
                           " [prompt; none with --authority and --unmanaged]");
    command.add_option(
        "--admin-key", admin_key_,
        "admin key in hexadecimal, whose holder can reset the PIN where there is neither PUK nor "
        "authority; or discard (gids: made at random and kept nowhere), or derived (from "
        "--admin-master)" +
            forms + " [prompt; random with --escrow-to and --escrow-command]");
    command.add_option("--admin-master", admin_master_,
                       "master secret that the admin key is derived from, in hexadecimal: prompt, "
                       "file:PATH, fd:N or -");
    command
        .add_option("--authority", authority_,
                    "public key (PEM: public key, certificate or key pair; P-256 or RSA) whose "
                    "owner can have the PIN reset, with tpmvsc-admin")
        ->type_name("FILE");
    command.add_flag("--unmanaged", unmanaged_,
                     "nobody can reset the PIN; who forgets it destroys the card");
    command
        .add_option("--escrow-to", targets_.certificates,
                    "have admin key and random PUK kept in a file that the owner of this "
                    "certificate (PEM) can open, instead of shown; may be repeated")
        ->type_name("FILE");
    command
        .add_option("--escrow-file", targets_.file,
                    "name of that file [NAME-SERIAL.cms in the current folder]")
        ->type_name("FILE");
    command.add_option("--escrow-command", targets_.command,
                       "have them kept by this command, which reads a JSON document from standard "
                       "input");
}

void ResetOptions::inherit(const card::ResetParties& parties, Bytes authority) {
    if (!puk_.empty() || !authority_.empty() || unmanaged_) {
        return;
    }
    puk_ = parties.puk ? prompted : none;
    unmanaged_ = parties.none();
    authority_key_ = std::move(authority);
}

void ResetOptions::choose_defaults(card::Profile profile) {
    if (puk_.empty()) {
        puk_ = unmanaged_ || !authority_.empty() ? none : prompted;
    }
    if (admin_key_.empty() && !admin_master_.empty()) {
        admin_key_ = derived;
    }
    if (admin_key_.empty() && targets_.any()) {
        admin_key_ = "random";
    }
    if (admin_key_.empty()) {
        // As tpmvscmgr's RANDOM. On a PIV card its holder puts keys and certificates there.
        admin_key_ = unmanaged_ && profile == card::Profile::gids ? discard : prompted;
    }
}

void ResetOptions::require_consistency(card::Profile profile, bool blank) const {
    if (unmanaged_ && puk_ != none) {
        contradiction("--unmanaged means that nobody can reset the PIN, but who has the PUK can: "
                      "leave one of the two out");
    }
    if (unmanaged_ && !authority_.empty()) {
        contradiction("--unmanaged means that nobody can reset the PIN, but the authority can: "
                      "leave one of the two out");
    }
    if (targets_.certificates.empty() && !targets_.file.empty()) {
        contradiction("--escrow-file wants --escrow-to: the certificate of who may open the file");
    }
    require_sensible_admin_key(profile);
    if (blank) {
        require_personalisable();
    }
}

void ResetOptions::require_sensible_admin_key(card::Profile profile) const {
    if (!admin_master_.empty() && admin_key_ != derived) {
        contradiction("--admin-master is for --admin-key derived: a key that is given or made at "
                      "random comes from no master secret");
    }
    const bool nowhere = admin_key_ == discard;
    if (nowhere && profile == card::Profile::piv) {
        contradiction("--admin-key discard is for --profile gids: on a PIV card only the admin "
                      "key's holder can make keys and store certificates");
    }
    if (nowhere && !unmanaged_ && puk_ == none && !has_authority()) {
        contradiction("with --puk none and --admin-key discard nobody could reset the PIN: say "
                      "--unmanaged if that is meant");
    }
    if (targets_.any() && (nowhere || admin_key_ == derived || admin_key_ == "default")) {
        contradiction("there is nothing to keep in escrow with --admin-key " + admin_key_ + ": " +
                      (nowhere                   ? "that key is to be known to nobody"
                       : admin_key_ == "default" ? "everybody knows that key"
                                                 : "that key can be derived anew at any time"));
    }
}

/// Whoever personalises a blank card sets its PIN as who may reset it, and its admin key.
void ResetOptions::require_personalisable() const {
    if (unmanaged_ || (has_authority() && puk_ == none)) {
        contradiction(std::string(unmanaged_ ? "--unmanaged" : "--authority without a PUK") +
                      " wants --generate: whoever personalises a blank card sets its PIN by the "
                      "PUK or the admin key, and here neither of them could");
    }
    if (targets_.any() || admin_key_ == derived || admin_key_ == discard) {
        contradiction("a blank card gets its admin key from whoever personalises it: it cannot be "
                      "in escrow, derived or discarded before that (--generate makes a card that "
                      "is ready)");
    }
}

void ResetOptions::prepare(card::Profile profile, bool blank) {
    choose_defaults(profile);
    require_consistency(profile, blank);
    puk_source_ = parse_secret_source("--puk", puk_, {.none = true});
    if (admin_key_ == discard) {
        admin_key_plan_ = AdminKey::discarded;
    } else if (admin_key_ == derived) {
        admin_key_plan_ = AdminKey::derived;
        master_source_ =
            parse_secret_source("--admin-master", admin_master_.empty() ? prompted : admin_master_,
                                {.well_known_and_random = false});
    } else {
        admin_key_source_ = parse_secret_source("--admin-key", admin_key_);
    }
    if (!authority_.empty()) {
        authority_key_ =
            authority_key(*load_public_key(authority_, nullptr), authority_).public_key_info;
    }
    escrow_.emplace(std::move(targets_));
}

void ResetOptions::collect_puk(card::CreateOptions& options, Output& output,
                               std::vector<ShownSecret>& shown) {
    std::vector<ShownSecret> made;
    options.puk = obtain(puk_kind(options.profile, options.pin_rules), puk_source_, output, made);
    for (ShownSecret& secret : made) {
        if (escrow_->wanted()) {
            random_puk_ = std::move(secret.second);
        } else {
            shown.push_back(std::move(secret));
        }
    }
}

void ResetOptions::collect_admin_key(card::CreateOptions& options, Output& output,
                                     std::vector<ShownSecret>& shown) {
    if (admin_key_plan_ == AdminKey::discarded) {
        options.admin_key = random_admin_key(options.admin_algorithm);
        return;
    }
    if (admin_key_plan_ == AdminKey::derived) {
        master_ = read_master("--admin-master", master_source_);
        return;
    }
    std::vector<ShownSecret> made;
    options.admin_key =
        obtain(admin_key_kind(options.admin_algorithm), admin_key_source_, output, made);
    if (!escrow_->wanted()) {
        std::move(made.begin(), made.end(), std::back_inserter(shown));
    }
}

void ResetOptions::collect(card::CreateOptions& options, Output& output,
                           std::vector<ShownSecret>& shown) {
    collect_puk(options, output, shown);
    options.reset_authority = authority_key_;
    // As on Windows: the admin key's holder only where there is no PUK.
    options.admin_resets_pin = options.puk.empty() && authority_key_.empty() && !unmanaged_;
    collect_admin_key(options, output, shown);
}

void ResetOptions::complete(const card::Identity& identity, card::CreateOptions& options) {
    if (admin_key_plan_ == AdminKey::derived) {
        options.admin_key = derive_admin_key(master_.view(), cipher_of(options), identity.id);
        master_.clear();
    }
    if (!escrow_->wanted()) {
        return;
    }
    EscrowRecord record;
    record.card_id = to_hex(identity.id);
    record.serial = identity.serial;
    record.name = identity.name;
    record.profile = profile_name(identity.profile);
    record.created = identity.created;
    record.admin_algorithm = admin_algorithm_name(options.admin_algorithm);
    record.admin_key = options.admin_key.clone();
    record.puk = std::move(random_puk_);
    escrow_->store(record);
}

} // namespace tpmvsc::cli
