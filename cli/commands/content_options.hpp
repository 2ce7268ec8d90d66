// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/issue.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tpmvsc::cli {

/// ContentOptions are what the command line says that a certificate is to say.
struct ContentOptions {
    std::string subject;
    x509::AlternativeNames names;
    std::vector<std::string> key_usage;
    std::vector<std::string> extended_key_usage;
    std::string hash;
};

/// add_content_options declares --subject, --email, --dns, --upn, --uri, --key-usage and
/// --extended-key-usage; add_hash_option --hash.
void add_content_options(CLI::App& command, ContentOptions& options);
void add_hash_option(CLI::App& command, std::string& hash);

/// fill_extensions puts in what the options say. Throws Failure(usage).
void fill_extensions(const ContentOptions& options, x509::Extensions& extensions);

/// subject_of gives the subject in DER. Throws Failure(usage) where neither it nor another name was
/// given: nobody would know whose certificate it is.
Bytes subject_of(const ContentOptions& options);

/// chosen_hash is the one that was asked for, or as strong as the key.
x509::Hash chosen_hash(const std::string& hash, card::KeyAlgorithm algorithm);

} // namespace tpmvsc::cli
