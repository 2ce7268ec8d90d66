// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/finding.hpp"
#include "tpm/tpm.hpp"

#include <CLI/CLI.hpp>

namespace tpmvsc::cli {
namespace {

using Level = Finding::Level;

constexpr const char* examples =
    "Examples:\n"
    "  sudo tpmvsc doctor\n"
    "      looks at the TPM, pcscd, the driver, the state folder and "
    "every card,\n"
    "      and clears away what an interrupted create or destroy has left\n"
    "  tpmvsc doctor --json | jq '.findings[] | select(.level != \"ok\")'\n"
    "Exit code: 0 nothing is broken (warnings may be there), 4 there is "
    "no TPM, 1 else.\n";

void print(const Findings& findings, const Output& output) {
    for (const Finding& finding : findings) {
        print(finding, output);
    }
    const std::size_t errors = count(findings, Level::error);
    const std::size_t warnings = count(findings, Level::warning);
    output.line(errors + warnings == 0
                    ? "All is well."
                    : plural(errors, "error") + ", " + plural(warnings, "warning") + ".");
}

void append_all(Findings& findings, Findings more) {
    findings.insert(findings.end(), more.begin(), more.end());
}

ExitCode examine(Output& output) {
    const Settings settings = load_settings();
    tpm::Tpm tpm(settings.effective_tcti(), settings.tpm_idle);
    TpmExamination examination = examine_tpm(settings, tpm);
    Findings findings = std::move(examination.findings);
    append_all(findings, examine_cards(settings, tpm, examination.usable));
    tpm.close();                                // pcscd's turn
    Findings reader = examine_reader(settings); // which starts pcscd, if need be
    append_all(findings, examine_state(settings));
    append_all(findings, std::move(reader));

    if (output.json) {
        output.document({{"tpm", examination.facts},
                         {"findings", to_json(findings)},
                         {"errors", count(findings, Level::error)},
                         {"warnings", count(findings, Level::warning)}});
    } else {
        print(findings, output);
    }
    if (!examination.present) {
        return ExitCode::no_device;
    }
    return count(findings, Level::error) == 0 ? ExitCode::done : ExitCode::failed;
}

} // namespace

void add_doctor_command(CLI::App& app, Output& output, Chosen& chosen) {
    CLI::App* command =
        app.add_subcommand("doctor", "look for what keeps cards from working, and say what to do");
    add_common_options(*command, output, examples);
    command->callback([&chosen] { chosen = examine; });
}

} // namespace tpmvsc::cli
