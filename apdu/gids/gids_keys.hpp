// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/gids/file_table.hpp"
#include "apdu/gids/gids_commands.hpp"

/// Private keys of a GIDS card, each in a file of its own.
namespace tpmvsc::gids {

/// generate answers with the public key's template (7F49); 6A81 for what this TPM cannot make.
apdu::Response generate(card::Card& card, const FileControl& file, const GenerateKey& command);

/// put_private_key takes a key from outside: 6A80 when it is none, 6A81 when this TPM cannot hold
/// it.
apdu::StatusWord put_private_key(card::Card& card, const FileControl& file,
                                 const PutPrivateKey& command);

/// public_key answers GET DATA of a key's public half; 6A88 when the file holds no key yet.
apdu::Response public_key(card::Card& card, const FileControl& file);

/// select_key says whether the key in `file` can be set up so: 6A88 without a key or when its file
/// names no such use, 6A80 when the algorithm is not the key's.
apdu::StatusWord select_key(card::Card& card, const FileControl& file, const KeyUsage& usage);

/// sign and decipher run the operation that was set up; 6700 for input of a wrong length, 6A80 for
/// wrong contents, with no word about what is wrong with a padding.
apdu::Response sign(card::Card& card, const SelectKey& selected, ByteView input);
apdu::Response decipher(card::Card& card, const SelectKey& selected, ByteView cryptogram);

} // namespace tpmvsc::gids
