// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/identity_file.hpp"
#include "card/sealed_files.hpp"
#include "tpm/connection.hpp"
#include "tpm/objects.hpp"
#include "tpm/tpm.hpp"

#include <optional>
#include <string>

namespace tpmvsc {

/// Thief is who has a card's folder and its TPM: he opens every sealed file as the driver does.
struct Thief {
    Thief(const std::string& path, tpm::Tpm& machine)
        : folder(path),
          identity(card::IdentityFile::read(folder)), parent{identity.anchor.parent_handle,
                                                             identity.anchor.parent_public,
                                                             identity.anchor.parent_name} {
        const tpm::KeyBlob sealed{identity.anchor.card_key_public,
                                  identity.anchor.card_key_private};
        const Bytes name = tpm::object_name(sealed);
        SecretBytes card_key;
        machine.run([&](tpm::Connection& c) { card_key = tpm::unseal(c, {parent, sealed, name}); });
        files.emplace(folder, std::move(card_key), identity.binding);
    }

    card::Folder folder;
    card::IdentityFile identity;
    tpm::Parent parent;
    std::optional<card::SealedFiles> files;
};

} // namespace tpmvsc
