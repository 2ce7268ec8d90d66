// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/key_algorithm.hpp"

#include "base/bytes.hpp"

#include <tss2/tss2_tpm2_types.h>

namespace tpmvsc::tpm {

/// key_parameters are the parameters of a card's private key of this kind: scheme NULL, so that the
/// client's own padding decides.
TPMT_PUBLIC_PARMS key_parameters(KeyAlgorithm algorithm);

/// hash_of is the hash that ECDSA signatures on this curve are asked for with.
TPMI_ALG_HASH hash_of(KeyAlgorithm algorithm);

/// key_template is the whole public area for TPM2_Create: sign and decrypt, bound to this TPM and
/// parent, outside the dictionary-attack logic. `pin_index_name` is the Name of the written PIN
/// index whose PIN the key wants; empty makes a key that anybody may use.
TPM2B_PUBLIC key_template(KeyAlgorithm algorithm, ByteView pin_index_name);

/// seal_template is the public area of sealed data, with the same meaning of `pin_index_name`.
TPM2B_PUBLIC seal_template(ByteView pin_index_name);

} // namespace tpmvsc::tpm
