// SPDX-License-Identifier: Apache-2.0
// Makes the manual pages and the completion of bash while the project is built.
#include "cli/admin/program.hpp"
#include "cli/manual/bash_completion.hpp"
#include "cli/manual/manual_page.hpp"
#include "cli/manual/settings_page.hpp"
#include "cli/program.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace tpmvsc::cli::manual {
namespace {

namespace fs = std::filesystem;

/// What the build says.
struct Arguments {
    Edition edition;
    std::string settings;      ///< the file with all settings
    std::string settings_path; ///< where it will be installed
    std::string frame;         ///< completion.bash
    std::string more;          ///< folder of what there is to say beyond --help
    std::string out;           ///< folder for what is made
};

std::string read_file(const fs::path& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

std::map<std::string, std::string> read_more(const std::string& folder) {
    std::map<std::string, std::string> more;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") {
            more[entry.path().stem()] = read_file(entry.path());
        }
    }
    return more;
}

/// Writes the page of `command` and those of what is below it, and strikes what it has used of
/// `unused`.
void write_pages(const Command& command, const Command& program, const Surroundings& surroundings,
                 const fs::path& out, std::map<std::string, std::string>& unused) {
    write_file(out / "man/man1" / (command.page() + ".1"),
               manual_page(command, program, surroundings));
    unused.erase(command.page());
    for (const Command& verb : command.verbs) {
        write_pages(verb, program, surroundings, out, unused);
    }
}

std::vector<Variable> environment_of_programs() {
    return {
        {"NO_COLOR", "When it is set to anything, nothing is shown in colours."},
        {"TERM",
         "What is written to a terminal is shown in colours, unless this is not set, or dumb."}};
}

std::vector<File> files_of_tpmvsc(const Arguments& arguments) {
    return {{arguments.settings_path, "The settings: see tpmvsc.conf(5)."},
            {"/var/lib/tpmvsc", "The cards, unless the settings name another folder."},
            {"/etc/reader.conf.d/tpmvsc", "Has pcscd load the driver of the cards' readers."}};
}

void make_all(const Arguments& arguments) {
    const fs::path out = arguments.out;
    fs::remove_all(out); // a command that is no more leaves nothing behind
    const std::string frame = read_file(arguments.frame);
    const auto more = read_more(arguments.more);
    auto unused = more;
    const auto make = [&](void (*declare)(CLI::App&, Output&, Chosen&),
                          const Surroundings& surroundings) {
        CLI::App app;
        Output output;
        Chosen chosen;
        declare(app, output, chosen);
        const Command program = read_command(app);
        write_pages(program, program, surroundings, out, unused);
        write_file(out / "completions" / program.page(), bash_completion(program, frame));
    };
    make(declare_program,
         {arguments.edition,
          environment_of_programs(),
          files_of_tpmvsc(arguments),
          {"tpmvsc-admin 1", "opensc-tool 1", "pkcs11-tool 1", "tpmvsc.conf 5", "pcscd 8"},
          more});
    make(
        declare_admin_program,
        {arguments.edition, environment_of_programs(), {}, {"tpmvsc 1", "tpmvsc-unblock 1"}, more});
    write_file(
        out / "man/man5/tpmvsc.conf.5",
        settings_page(read_file(arguments.settings), arguments.settings_path, arguments.edition));
    if (!unused.empty()) {
        throw std::runtime_error("there is no command for " + unused.begin()->first + ".txt");
    }
}

int run(int argc, char** argv) {
    CLI::App app("makes the manual pages and the completion of bash", "tpmvsc-manual");
    Arguments arguments;
    app.add_option("--version", arguments.edition.version)->required();
    app.add_option("--date", arguments.edition.date)->required();
    app.add_option("--settings", arguments.settings)->required();
    app.add_option("--settings-path", arguments.settings_path)->required();
    app.add_option("--frame", arguments.frame)->required();
    app.add_option("--more", arguments.more)->required();
    app.add_option("out", arguments.out)->required();
    CLI11_PARSE(app, argc, argv);
    make_all(arguments);
    return 0;
}

} // namespace
} // namespace tpmvsc::cli::manual

int main(int argc, char** argv) {
    try {
        return tpmvsc::cli::manual::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "tpmvsc-manual: " << error.what() << '\n';
        return 1;
    }
}
