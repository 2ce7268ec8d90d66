// SPDX-License-Identifier: Apache-2.0
#include "cli/escrow.hpp"

#include "cli/escrow_envelope.hpp"
#include "cli/new_file.hpp"
#include "cli/pem_file.hpp"
#include "cli/piped_command.hpp"

#include <algorithm>
#include <unistd.h>

namespace tpmvsc::cli {
namespace {

bool is_plain(char character) {
    return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
           (character >= 'a' && character <= 'z') || character == '.' || character == '-' ||
           character == '_';
}

} // namespace

Escrow::Escrow(EscrowTargets targets) : targets_(std::move(targets)) {
    for (const std::string& path : targets_.certificates) {
        recipients_.push_back(load_certificate(path));
    }
}

Escrow::~Escrow() {
    if (!written_.empty()) {
        ::unlink(written_.c_str());
    }
}

void Escrow::store(const EscrowRecord& record) {
    const SecretBytes document = write_record(record);
    if (!recipients_.empty()) {
        const std::string envelope = seal_envelope(document.view(), recipients_);
        file_ =
            targets_.file.empty() ? escrow_file_name(record.name, record.serial) : targets_.file;
        write_new_file(file_, as_bytes(envelope), 0600);
        written_ = file_;
    }
    if (!targets_.command.empty()) {
        run_with_input("the command of --escrow-command", targets_.command, document.view());
    }
}

std::string escrow_file_name(const std::string& card_name, std::uint32_t serial) {
    std::string name = card_name;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
    if (name.starts_with('.') || name.starts_with('-')) {
        name.front() = '_';
    }
    return name + "-" + std::to_string(serial) + ".cms";
}

} // namespace tpmvsc::cli
