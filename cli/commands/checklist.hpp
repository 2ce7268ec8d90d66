// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/card_contents.hpp"
#include "cli/output.hpp"

#include <string>

/// What is to be done about a card that goes: the certificates to revoke, the keys to take out of
/// lists, and what cannot be read any more.
namespace tpmvsc::cli {

/// checklist_text is for people, in lines.
std::string checklist_text(const CardContents& contents);

/// checklist_json has the same: "certificates", "keys" (those without a certificate) and "problem".
Json checklist_json(const CardContents& contents);

/// loss_text says in short what is lost: how many keys, and each certificate's subject.
std::string loss_text(const CardContents& contents);

} // namespace tpmvsc::cli
