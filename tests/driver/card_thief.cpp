// SPDX-License-Identifier: Apache-2.0
//
// card_thief FOLDER: what root gets out of the first card's folder with its TPM at hand. Of each
// key in a slot the blob (9a.public, 9a.private, as TPM2_Load takes them); "parent" and "pin" are
// the handles of the parent key and of the PIN's index; "salt" goes before a guess at the PIN, in
// SHA-256.
#include "base/settings.hpp"
#include "card/identity_file.hpp"
#include "card/records.hpp"
#include "card/store.hpp"
#include "tpm/objects.hpp"
#include "tpm/tpm.hpp"

#include <cstdio>
#include <fstream>

using namespace tpmvsc;
using namespace tpmvsc::card;

namespace {

void put(const std::string& path, ByteView contents) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(contents.data()),
               static_cast<std::streamsize>(contents.size()));
}

std::string handle_text(std::uint32_t handle) {
    return "0x" + to_hex(big_endian32(handle));
}

void steal(const Settings& settings, const std::string& target) {
    tpm::Tpm machine(settings.effective_tcti(), settings.tpm_idle);
    const Folder folder(Store(settings.cards_dir()).list().at(0).folder);
    const IdentityFile identity = IdentityFile::read(folder);
    const Anchor& anchor = identity.anchor;
    const tpm::Parent parent{anchor.parent_handle, anchor.parent_public, anchor.parent_name};
    const tpm::KeyBlob sealed{anchor.card_key_public, anchor.card_key_private};
    SecretBytes card_key;
    machine.run([&](tpm::Connection& connection) {
        card_key = tpm::unseal(connection, {parent, sealed, tpm::object_name(sealed)});
    });
    const SealedFiles files(folder, std::move(card_key), identity.binding);
    for (const std::string& name : files.names()) {
        const auto slot = key_slot_of(name);
        const auto key = slot ? KeyRecord::read(files, name) : std::nullopt;
        if (!key)
            continue;
        const std::string path = target + "/" + to_hex(Bytes{*slot});
        put(path + ".public", key->blob.public_area);
        put(path + ".private", key->blob.private_area);
    }
    const PinRecord pins = PinRecord::read(files);
    put(target + "/parent", as_bytes(handle_text(parent.handle)));
    put(target + "/pin", as_bytes(handle_text(pins.pin.handle)));
    put(target + "/salt", as_bytes(to_hex(pins.salt)));
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: card_thief FOLDER\n");
        return 2;
    }
    try {
        steal(load_settings(), arguments[1]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "card_thief: %s\n", error.what());
        return 1;
    }
}
