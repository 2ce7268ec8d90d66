// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/content_options.hpp"

#include "cli/failure.hpp"
#include "cli/x509/subject.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <utility>

namespace tpmvsc::cli {
namespace {

constexpr std::array<std::pair<const char*, x509::Hash>, 3> hashes{{
    {"sha256", x509::Hash::sha256},
    {"sha384", x509::Hash::sha384},
    {"sha512", x509::Hash::sha512},
}};

/// One value at a time, any number of times: what follows is no further value.
void add_list(CLI::App& command, const std::string& option, std::vector<std::string>& values,
              const std::string& description) {
    command.add_option(option, values, description)->allow_extra_args(false);
}

void add_words(CLI::App& command, const std::string& option, std::vector<std::string>& values,
               const std::string& description) {
    command.add_option(option, values, description)->delimiter(',')->allow_extra_args(false);
}

} // namespace

void add_content_options(CLI::App& command, ContentOptions& options) {
    command.add_option("--subject", options.subject,
                       "whose certificate it is, like \"CN=Jane Doe,O=Example,C=DE\"");
    add_list(command, "--email", options.names.emails, "a mail address; may be said again");
    add_list(command, "--dns", options.names.dns, "a host's name; may be said again");
    add_list(command, "--upn", options.names.upns,
             "a name to log in to Windows with, user@domain; may be said again");
    add_list(command, "--uri", options.names.uris, "a URI; may be said again");
    add_words(command, "--key-usage", options.key_usage,
              "what the key is for, with commas between: " + x509::key_usage_names());
    add_words(command, "--extended-key-usage", options.extended_key_usage,
              "purposes, with commas between: " + x509::extended_key_usage_names() +
                  ", or an object identifier");
}

void add_hash_option(CLI::App& command, std::string& hash) {
    command.add_option("--hash", hash, "of the signature; as strong as the key when not given")
        ->check(CLI::IsMember({"sha256", "sha384", "sha512"}));
}

void fill_extensions(const ContentOptions& options, x509::Extensions& extensions) {
    extensions.add_key_usage(options.key_usage);
    extensions.add_extended_key_usage(options.extended_key_usage);
    extensions.add_alternative_names(options.names);
}

Bytes subject_of(const ContentOptions& options) {
    if (options.subject.empty() && options.names.empty()) {
        throw Failure(ExitCode::usage,
                      "say whose certificate it is: --subject \"CN=Jane Doe,O=Example\", --upn, "
                      "--email, --dns or --uri");
    }
    return x509::parse_subject(options.subject);
}

x509::Hash chosen_hash(const std::string& hash, card::KeyAlgorithm algorithm) {
    for (const auto& [name, value] : hashes) {
        if (name == hash) {
            return value;
        }
    }
    return x509::usual_hash(algorithm);
}

} // namespace tpmvsc::cli
