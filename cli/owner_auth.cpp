// SPDX-License-Identifier: Apache-2.0
#include "cli/owner_auth.hpp"

#include "cli/failure.hpp"
#include "cli/terminal.hpp"
#include "tpm/error.hpp"

namespace tpmvsc::cli {
namespace {

constexpr const char* option = "--owner-auth";

} // namespace

std::optional<SecretSource> parse_owner_auth(const std::string& value) {
    if (value.empty()) {
        return std::nullopt;
    }
    return parse_secret_source(option, value, {.well_known_and_random = false});
}

SecretBytes owner_auth(const std::optional<SecretSource>& source, bool is_set) {
    if (source && source->kind != SecretSource::Kind::prompt) {
        return read_secret(option, *source);
    }
    if (!source && !is_set) {
        return {};
    }
    if (!Terminal::available()) {
        throw Failure(ExitCode::not_authorised, "the TPM's owner has set a password: give it with "
                                                "--owner-auth file:PATH, fd:N or -");
    }
    const Terminal terminal("give --owner-auth file:PATH");
    return terminal.ask_secret("Password of the TPM's owner");
}

void as_owner(const std::function<void()>& work) {
    try {
        work();
    } catch (const tpm::Error& error) {
        if (error.fault() != tpm::Fault::auth_failed) {
            throw;
        }
        throw Failure(
            ExitCode::not_authorised,
            "the TPM does not accept this password of its owner, so nothing was changed: give "
            "the right one with --owner-auth");
    }
}

} // namespace tpmvsc::cli
