// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/types.hpp"

#include <optional>
#include <string>

namespace tpmvsc::tpm {

class Connection;

/// Where the TCG's provisioning guidance has the storage root key.
inline constexpr std::uint32_t storage_root_handle = 0x81000001;

/// read_parent reads the persistent key at `handle`; nothing when there is none.
std::optional<Parent> read_parent(Connection& connection, std::uint32_t handle);

/// unfitness says why a key cannot be the parent of cards; empty when it can. A fit parent is a
/// restricted decryption key that never leaves this TPM, with AES-128-CFB and SHA-256, P-256 or
/// RSA, used without an authorisation value and outside the dictionary-attack logic (else a lockout
/// caused by another program would block the cards).
std::string unfitness(const Parent& parent);

/// find_parent gives the storage root key at 0x81000001 when it is fit, else another fit key in the
/// owner's range; nothing when there is none.
std::optional<Parent> find_parent(Connection& connection);

/// find_or_create_parent does the same, and else makes the TCG's P-256 storage template persistent
/// at the first free handle from 0x81000001 on. Only provisioning and the creation of a card call
/// this: no other path makes a key of the owner's.
Parent find_or_create_parent(Connection& connection, ByteView owner_auth);

} // namespace tpmvsc::tpm
