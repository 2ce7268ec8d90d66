// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "ifdhandler/registry.hpp"

namespace tpmvsc::ifd {

/// Polling are the two functions that pcscd calls by pointer: to wait for a card event, and to end
/// that wait.
struct Polling {
    long (*wait)(unsigned long lun, int timeout);
    long (*stop)(unsigned long lun);
};

/// capability gives the value of `tag`, one of pcscd's TAG_IFD_* or a client's SCARD_ATTR_*;
/// nothing when this driver does not know it. All of them are listed in doc/reader-attributes.md.
/// Never talks to the TPM.
std::optional<Bytes> capability(std::uint32_t tag, Lun lun, const Channel& channel,
                                const Polling& polling);

/// True for the tags whose value is an address. Any client can ask for them, and gets an answer
/// only for exactly the length that pcscd itself uses.
bool is_pointer_tag(std::uint32_t tag);

/// control answers SCardControl: the list of features, and the one feature in it, the properties of
/// the reader. Nothing for any other code.
std::optional<Bytes> control(std::uint32_t code);

} // namespace tpmvsc::ifd
