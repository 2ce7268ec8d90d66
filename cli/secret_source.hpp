// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace tpmvsc::cli {

/// SecretSource says where a secret comes from. The secret itself never stands on the command line,
/// where every user of the computer can read it.
struct SecretSource {
    enum class Kind {
        prompt,     ///< asked for on the terminal
        well_known, ///< "default": the value that everybody knows
        random,     ///< made here, shown once
        file,       ///< file:PATH
        descriptor, ///< fd:N, or "-" for standard input: its next line
        none,       ///< the card is to have none
    };
    Kind kind = Kind::prompt;
    std::string path;
    int descriptor = 0;
};

/// What an option takes beside prompt, file:PATH, fd:N and -.
struct SecretForms {
    bool well_known_and_random = true;
    bool none = false;
};

/// parse_secret_source reads the value of `option`. Throws Failure(usage) for anything else, which
/// may be the secret itself: the sentence does not repeat it.
SecretSource parse_secret_source(const std::string& option, const std::string& value,
                                 SecretForms forms = {});

/// read_secret reads a file's only line, or the next line of a descriptor (without echo where that
/// is a terminal). `option` names the secret in errors. Throws Failure.
SecretBytes read_secret(const std::string& option, const SecretSource& source);

/// True when others than its owner and group may read the file.
bool is_world_readable(const std::string& path);

} // namespace tpmvsc::cli
