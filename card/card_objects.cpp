// SPDX-License-Identifier: Apache-2.0
#include "card/card_state.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "card/pin_envelope.hpp"

#include <algorithm>

namespace tpmvsc::card {

namespace {

std::string file_of(ObjectTag tag, ReadAccess access) {
    return access == ReadAccess::pin ? pin_object_file(tag) : object_file(tag);
}

KeyRecord read_object_key(const SealedFiles& files) {
    auto record = KeyRecord::read(files, object_key_file);
    if (!record)
        throw StorageError(StorageError::Reason::damaged,
                           std::string("the card's file \"") + object_key_file +
                               "\" is missing: restore the card's folder from a backup");
    return std::move(*record);
}

} // namespace

std::optional<Bytes> Card::read_object(ObjectTag tag, ReadAccess access, bool* login_ended) {
    const SealedFiles& files = state_->files();
    const auto contents = files.read(file_of(tag, access));
    if (!contents)
        return std::nullopt;
    if (access == ReadAccess::always)
        return to_bytes(contents->view());
    const KeyRecord key = read_object_key(files);
    SecretBytes shared;
    const KeyOutcome outcome =
        state_->use_key(key, [&](tpm::Connection& connection, const tpm::KeyUse& use) {
            shared =
                tpm::ecdh(connection, use, key.info.algorithm, envelope_point(contents->view()));
        });
    if (!outcome.done()) {
        if (login_ended != nullptr)
            *login_ended = true;
        return std::nullopt;
    }
    const auto opened = open_envelope(shared, key.info.public_key.point, tag, contents->view());
    if (!opened)
        throw StorageError(
            StorageError::Reason::damaged,
            "the card's file \"" + pin_object_file(tag) +
                "\" does not open: restore it from a backup or write the object anew");
    return to_bytes(opened->view());
}

void Card::write_object(ObjectTag tag, ReadAccess access, ByteView contents) {
    const SealedFiles& files = state_->files();
    const std::string file = file_of(tag, access);
    if (contents.empty()) {
        files.remove(file);
        return;
    }
    if (access == ReadAccess::always) {
        files.write(file, contents);
        return;
    }
    files.write(file, make_envelope(read_object_key(files).info.public_key.point, tag, contents));
}

bool Card::has_object(ObjectTag tag, ReadAccess access) {
    return state_->files().has(file_of(tag, access));
}

std::vector<ObjectTag> Card::object_tags() {
    std::vector<ObjectTag> tags;
    for (const std::string& file : state_->files().names()) {
        const auto tag = object_tag_of(file);
        if (tag)
            tags.push_back(*tag);
    }
    std::sort(tags.begin(), tags.end());
    return tags;
}

} // namespace tpmvsc::card
