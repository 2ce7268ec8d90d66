// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "tpm/objects.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/types.hpp"

#include <optional>

namespace tpmvsc::tpm {

class Connection;

/// create_attestation_key makes a restricted P-256 signing key: it signs what the TPM says of
/// itself and its objects, and other data only when that cannot be mistaken for it.
NewKey create_attestation_key(Connection& connection, const Parent& parent);

/// Statement is a TPMS_ATTEST, marshalled, and the attestation key's signature (r and s) over its
/// SHA-256 digest.
struct Statement {
    Bytes attest;
    Bytes signature;
};

/// certify has the TPM state that `subject` is one of its objects, by Name: who knows its public
/// area then knows its attributes and its policy (part 3 section 18.2). `nonce`, at most
/// longest_nonce bytes, is in the statement: who gave it sees that the statement is not older.
Statement certify(Connection& connection, const Parent& parent, const KeyBlob& attestation_key,
                  const KeyBlob& subject, ByteView nonce = {});
inline constexpr std::size_t longest_nonce = 32;

/// certifying_branch is the policy branch by which anybody may have the content of a PIN index, its
/// count and its limit, certified. It counts nothing, and reads what branch R reads.
Bytes certifying_branch();
/// certify_count has the TPM state the content of `index` (part 3 section 31.16); nothing where the
/// index was made without that branch.
std::optional<Statement> certify_count(Connection& connection, const Parent& parent,
                                       const KeyBlob& attestation_key, const PinIndex& index,
                                       ByteView nonce);

/// qualified_name is the Name of `parent` with all that it hangs under. With it and the Names of
/// two of its children a statement's qualified Names can be computed (part 1 section 16).
Bytes qualified_name(Connection& connection, const Parent& parent);

/// sign_data signs SHA-256 of `data` with the attestation key: the TPM hashes it itself, and so
/// sees that it does not start like a statement of its own. Answers r and s.
Bytes sign_data(Connection& connection, const Parent& parent, const KeyBlob& attestation_key,
                ByteView data);

} // namespace tpmvsc::tpm
