// SPDX-License-Identifier: Apache-2.0
#include "card/sealed_files.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "card/identity_file.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace tpmvsc::card {

namespace {

// A sealed file is magic(7) version(1), then what crypto::gcm_seal gives.
constexpr std::array<std::uint8_t, 7> magic{'T', 'P', 'M', 'V', 'S', 'C', 'F'};
constexpr std::uint8_t format_version = 1;
constexpr std::size_t header_bytes = magic.size() + 1;

Bytes header() {
    return concat({magic, std::array{format_version}});
}

/// What is authenticated with the contents: the format, the card and the place of the file. The
/// binding's length is in it, so that no part can be taken for a piece of the next.
Bytes associated_data(ByteView binding, const std::string& name) {
    return concat({header(), big_endian32(static_cast<std::uint32_t>(binding.size())), binding,
                   as_bytes(name)});
}

void check_sealed_name(const std::string& name) {
    if (name == IdentityFile::name)
        throw std::invalid_argument("the identity of a card is not a sealed file");
}

[[noreturn]] void throw_damaged(const std::string& path) {
    throw StorageError(StorageError::Reason::damaged,
                       path + " is damaged: it was cut short, altered, moved from another name or "
                              "copied from another card. Bring the card's whole folder back from "
                              "a backup, or destroy the card and make a new one.");
}

/// Checks the header and gives what is behind it.
ByteView behind_header(ByteView file, const std::string& path) {
    if (file.size() < header_bytes || !equal(file.first(magic.size()), magic))
        throw_damaged(path);
    const unsigned version = file[magic.size()];
    if (version != format_version)
        throw StorageError(StorageError::Reason::unknown_version,
                           path + " has format version " + std::to_string(version) +
                               ", which this tpmvsc does not know. Install the version that wrote "
                               "it, or a newer one.");
    return file.subspan(header_bytes);
}

} // namespace

SealedFiles::SealedFiles(Folder folder, SecretBytes card_key, Bytes binding)
    : folder_(std::move(folder)), card_key_(std::move(card_key)), binding_(std::move(binding)) {}

std::optional<SecretBytes> SealedFiles::read(const std::string& name) const {
    check_sealed_name(name);
    const std::optional<Bytes> file = folder_.read(name);
    if (!file)
        return std::nullopt;
    const std::string path = folder_.path() + "/" + name;
    const ByteView sealed = behind_header(*file, path);
    std::optional<SecretBytes> contents =
        crypto::gcm_open(card_key_.view(), associated_data(binding_, name), sealed);
    if (!contents)
        throw_damaged(path);
    return contents;
}

void SealedFiles::write(const std::string& name, ByteView contents) const {
    check_sealed_name(name);
    const Bytes sealed =
        crypto::gcm_seal(card_key_.view(), associated_data(binding_, name), contents);
    change(
        [&] {
            folder_.write(name, concat({header(), sealed}));
        },
        [&](std::set<std::string>& names) { names.insert(name); });
}

void SealedFiles::remove(const std::string& name) const {
    check_sealed_name(name);
    change([&] { folder_.remove(name); }, [&](std::set<std::string>& names) { names.erase(name); });
}

/// Nobody knows what a change that fails has left: the folder is then listed anew.
template<typename Change, typename Note>
void SealedFiles::change(Change&& change, Note&& note) const {
    auto names = std::exchange(names_, std::nullopt);
    change();
    if (names)
        note(*names);
    names_ = std::move(names);
}

const std::set<std::string>& SealedFiles::names() const {
    if (!names_) {
        const auto listed = folder_.names();
        names_.emplace(listed.begin(), listed.end());
        names_->erase(IdentityFile::name);
    }
    return *names_;
}

} // namespace tpmvsc::card
