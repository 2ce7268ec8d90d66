// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity.hpp"

#include <optional>
#include <string>
#include <vector>

/// One user's card on a shared computer. pcscd asks polkit who may use which reader, where it was
/// built to; a card keeps its reader for life, so a rule on the reader is one on the card. The rule
/// is the only record of a card's owner.
namespace tpmvsc::cli {

/// Where polkit looks for the administrator's rules.
inline constexpr const char* owner_rules_dir = "/etc/polkit-1/rules.d";

/// OwnerRule is what a rule says.
struct OwnerRule {
    std::string card; ///< its id, in hexadecimal
    unsigned slot = 0;
    std::string user;
    std::string reader;
};

/// polkit_unasked says why pcscd, or the one that would be started, does not ask polkit; nothing
/// where it does. Anybody may ask.
std::optional<std::string> polkit_unasked();

/// owner_rule_complaint says why pcscd would not heed a rule: it does not ask polkit; nothing where
/// it would.
std::optional<std::string> owner_rule_complaint();

/// require_owner_rules gives the user's name as the system writes it. Throws Failure: unsupported
/// where pcscd does not ask polkit, so that everybody who reaches pcscd can use every card, and
/// usage where there is no such user.
std::string require_owner_rules(const std::string& user);

/// What is to be said where a card gets an owner: pcscd asks when a program connects.
inline constexpr const char* readers_open_already =
    "programs that have a reader open already are not asked again whose it is: restart pcscd where "
    "strangers may run such (systemctl restart pcscd)";

/// OwnerRules are those that there are. Empty also where only root may look.
struct OwnerRules {
    std::vector<OwnerRule> rules;
    std::vector<std::string> unreadable; ///< files that have a rule's name, and none in them
    std::vector<std::string> earlier; ///< others' files on pcscd's actions that polkit asks first
};
OwnerRules read_owner_rules();
/// owner_of gives the user whose card is in `slot`.
std::optional<std::string> owner_of(const OwnerRules& rules, unsigned slot);

/// remove_owner_rule has the card's reader go by the general rules again. Nothing happens where
/// there is no rule for this card.
void remove_owner_rule(const std::string& card);

/// NewOwner is the option --owner of a command that makes a card: the rule is written before
/// anybody sees the card. Where no card comes of it, the rule that was there before is back.
class NewOwner {
  public:
    explicit NewOwner(std::string user) : user_(std::move(user)) {}
    ~NewOwner();
    NewOwner(const NewOwner&) = delete;
    NewOwner& operator=(const NewOwner&) = delete;

    /// Has the reader be this user's and root's, and nobody else's. Without a user, a rule that a
    /// former card may have left is removed. For who holds the store's lock. Throws Failure where
    /// the rule cannot be written.
    void take(const card::Identity& identity, const std::string& reader);
    void keep() { card_.clear(); }

  private:
    std::string user_;
    std::string card_;                ///< whose rule is taken back
    std::optional<OwnerRule> former_; ///< which stood in its place
};

} // namespace tpmvsc::cli
