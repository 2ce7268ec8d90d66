// SPDX-License-Identifier: Apache-2.0
#include "cli/manual/command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <regex>

namespace tpmvsc::cli::manual {
namespace {

std::string join(const std::vector<std::string>& words, const char* between) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : between) + word;
    }
    return text;
}

/// Sorted, because the set is sorted by address.
std::vector<std::string> names_of(const std::set<CLI::Option*>& options) {
    std::vector<std::string> names;
    names.reserve(options.size());
    for (const CLI::Option* option : options) {
        names.push_back(option->get_name());
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Takes "TEXT:{piv,gids}" and "UINT:INT in [1 - 15]" apart.
void read_type(const std::string& type, Option& option) {
    std::smatch found;
    option.type = type.substr(0, type.find(':'));
    option.label = option.type;
    if (std::regex_search(type, found, std::regex("\\{([^}]*)\\}"))) {
        const std::string values = found[1];
        const std::regex comma(",");
        option.values = {std::sregex_token_iterator(values.begin(), values.end(), comma, -1), {}};
    } else if (std::regex_search(type, found, std::regex("in \\[(\\S+) - (\\S+)\\]"))) {
        option.range = found[1].str() + " to " + found[2].str();
    }
}

Option read_option(const CLI::Option& declared) {
    Option option;
    for (const std::string& name : declared.get_snames()) {
        option.names.push_back("-" + name);
    }
    for (const std::string& name : declared.get_lnames()) {
        option.names.push_back("--" + name);
    }
    option.description = declared.get_description();
    option.group = declared.get_group();
    option.required = declared.get_required();
    option.needs = names_of(declared.get_needs());
    option.excludes = names_of(declared.get_excludes());
    if (declared.get_type_size() != 0) {
        read_type(declared.get_type_name(), option);
        option.default_value = declared.get_default_str();
        option.repeated = declared.get_expected_max() == CLI::detail::expected_max_vector_size;
    }
    if (declared.get_positional()) {
        option.label = declared.get_name(true);
    }
    return option;
}

Command read_below(const CLI::App& app, std::vector<std::string> words) {
    Command command;
    words.push_back(app.get_name());
    command.words = words;
    command.description = app.get_description();
    command.footer = parse_footer(app.get_footer());
    for (const CLI::Option* option : app.get_options({})) {
        if (!option->get_group().empty()) {
            (option->get_positional() ? command.arguments : command.options)
                .push_back(read_option(*option));
        }
    }
    for (const CLI::App* verb : app.get_subcommands({})) {
        if (!verb->get_group().empty()) { // those without are not shown by --help either
            command.verbs.push_back(read_below(*verb, words));
        }
    }
    return command;
}

} // namespace

std::string Command::line() const {
    return join(words, " ");
}

std::string Command::page() const {
    return join(words, "-");
}

Command read_command(const CLI::App& app) {
    return read_below(app, {});
}

} // namespace tpmvsc::cli::manual
