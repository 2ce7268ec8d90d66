// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/new_card_options.hpp"

#include "cli/card_values.hpp"
#include "cli/command_line.hpp"
#include "cli/failure.hpp"
#include "cli/new_secret.hpp"
#include "cli/owner_auth.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace tpmvsc::cli {
namespace {

constexpr unsigned default_tries = 3;

} // namespace

NewCardSources parse_sources(const NewCardArguments& arguments) {
    return {parse_secret_source("--pin", arguments.pin), parse_owner_auth(arguments.owner_auth)};
}

AntiHammeringWish wish_of(const NewCardArguments& arguments, bool blank) {
    return {arguments.anti_hammering,
            arguments.pin_tries        ? "--pin-tries"
            : arguments.puk_tries      ? "--puk-tries"
            : arguments.settable_tries ? "--settable-tries"
                                       : "",
            blank};
}

void require_consistency(const NewCardArguments& arguments, card::Profile profile, bool blank) {
    const bool gids = profile == card::Profile::gids;
    if (arguments.generate && !gids) {
        throw Failure(ExitCode::usage,
                      "--generate is for --profile gids: a PIV card is always ready for use");
    }
    if (gids && !arguments.admin_algorithm.empty() && arguments.admin_algorithm != "tdes") {
        throw Failure(ExitCode::usage,
                      "a GIDS card's admin key is a triple DES key (--admin-algorithm tdes): its "
                      "hosts speak nothing else");
    }
    constexpr unsigned most_gids_tries = 14; // 63CF means "unknown" there
    if (gids && std::max(arguments.pin_tries.value_or(default_tries),
                         arguments.puk_tries.value_or(default_tries)) > most_gids_tries) {
        throw Failure(ExitCode::usage, "a GIDS card can count at most 14 tries");
    }
    if (gids && arguments.settable_tries) {
        throw Failure(ExitCode::usage,
                      "--settable-tries is for --profile piv: GIDS has no command to set tries");
    }
    (void)pin_rules(arguments.pin_rules, profile, arguments.settable_tries);
    require_no_tries(wish_of(arguments, blank));
}

void collect_new_card(NewCardArguments& arguments, const NewCardSources& sources,
                      card::CreateOptions& options, Output& output,
                      std::vector<ShownSecret>& shown) {
    if (const auto algorithm = parse_admin_algorithm(arguments.admin_algorithm)) {
        options.admin_algorithm = *algorithm;
    }
    options.pin_tries = arguments.pin_tries.value_or(options.pin_tries);
    options.puk_tries = arguments.puk_tries.value_or(options.puk_tries);
    options.settable_tries = options.settable_tries || arguments.settable_tries;
    options.pin_rules = changed_pin_rules(*arguments.command, arguments.pin_rules,
                                          options.pin_rules, options.profile);
    require_keepable(options.pin_rules, options.profile, options.settable_tries);
    options.pin = obtain(pin_kind(options.profile, options.pin_rules), sources.pin, output, shown);
    arguments.reset.collect(options, output, shown);
}

void declare_new_card_options(CLI::App& command, NewCardArguments& arguments) {
    command.add_flag("--generate", arguments.generate,
                     "gids: write the file system, so that the card is ready for use; without it "
                     "the card is blank, for gids-tool --initialize or a card management system");
    const std::string forms = ": prompt, default, random, file:PATH, fd:N or - (standard input)";
    command.add_option("--pin", arguments.pin, "PIN" + forms)->capture_default_str();
    arguments.reset.declare(command);
    command
        .add_option("--admin-algorithm", arguments.admin_algorithm,
                    "cipher of the admin key: tdes (what all programs speak), aes128, aes192, "
                    "aes256 [tdes]")
        ->check(CLI::IsMember({"tdes", "aes128", "aes192", "aes256"}));
    command
        .add_option("--anti-hammering", arguments.anti_hammering,
                    "what stands against guessing: counter, this card's own tries, then blocked "
                    "until unblocked (the default where the TPM can); or lockout, a delay by the "
                    "TPM, in which wrong passwords of all its users count together (tpmvsc lockout "
                    "status)")
        ->check(CLI::IsMember({"counter", "lockout"}));
    command
        .add_option("--pin-tries", arguments.pin_tries,
                    "counter: wrong PINs until the card is blocked [3]")
        ->check(CLI::Range(1, 15));
    command
        .add_option("--puk-tries", arguments.puk_tries,
                    "counter: wrong PUKs until it is blocked for good [3]")
        ->check(CLI::Range(1, 15));
    command.add_flag("--settable-tries", arguments.settable_tries,
                     "let who has PIN and admin key set new limits later, as ykman's set-retries "
                     "does; root can then do so during a login, and plant a PUK");
    command
        .add_option("--owner", arguments.owner,
                    "user whose card it is: polkit lets nobody else but root use its reader, and "
                    "this user from every login (where pcscd asks polkit)")
        ->check(not_empty);
    command.add_option(
        "--owner-auth", arguments.owner_auth,
        "password of the TPM's owner, where one is set: prompt, file:PATH, fd:N or -");
    declare_pin_rules(command, arguments.pin_rules);
    arguments.command = &command;
}

} // namespace tpmvsc::cli
