// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/create.hpp"
#include "cli/escrow.hpp"
#include "cli/output.hpp"
#include "cli/secret_source.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// ResetOptions are those options of "create" that say who may set a new PIN on the card, and what
/// becomes of its PUK and admin key. Its functions are called in this order; each throws Failure.
class ResetOptions {
  public:
    void declare(CLI::App& command);
    /// Has the new card's parties be those of an old one, unless options say who they are.
    void inherit(const card::ResetParties& parties, Bytes authority);
    /// Refuses what contradicts itself, and reads the keys and certificates that are named.
    void prepare(card::Profile profile, bool blank);
    /// Asks for PUK (by the rules in `options`) and admin key, or makes them: what was made and is
    /// nowhere else is added to `shown`.
    void collect(card::CreateOptions& options, Output& output, std::vector<ShownSecret>& shown);
    /// Does what depends on the card's identity: derives the admin key, has the secrets kept.
    void complete(const card::Identity& identity, card::CreateOptions& options);
    /// The card is made. Where this was not called, no file of it stays.
    void keep() { escrow_->keep(); }
    /// The escrow file, or empty.
    const std::string& escrow_file() const { return escrow_->file(); }

  private:
    enum class AdminKey {
        from_source,
        discarded, ///< made at random, and kept nowhere
        derived,   ///< from the master secret
    };
    bool has_authority() const { return !authority_.empty() || !authority_key_.empty(); }
    void choose_defaults(card::Profile profile);
    void require_consistency(card::Profile profile, bool blank) const;
    void require_sensible_admin_key(card::Profile profile) const;
    void require_personalisable() const;
    void collect_puk(card::CreateOptions& options, Output& output, std::vector<ShownSecret>& shown);
    void collect_admin_key(card::CreateOptions& options, Output& output,
                           std::vector<ShownSecret>& shown);

    // As typed; empty where nothing was.
    std::string puk_;
    std::string admin_key_;
    std::string admin_master_;
    std::string authority_;
    bool unmanaged_ = false;
    EscrowTargets targets_;

    // As understood.
    SecretSource puk_source_;
    SecretSource admin_key_source_;
    SecretSource master_source_;
    AdminKey admin_key_plan_ = AdminKey::from_source;
    Bytes authority_key_;
    std::optional<Escrow> escrow_;
    SecretBytes master_;
    SecretBytes random_puk_; ///< for the escrow
};

} // namespace tpmvsc::cli
