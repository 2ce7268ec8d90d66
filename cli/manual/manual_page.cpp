// SPDX-License-Identifier: Apache-2.0
#include "cli/manual/manual_page.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace tpmvsc::cli::manual {
namespace {

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// A sentence out of what --help says in a few words.
std::string sentence(std::string text) {
    if (text.empty()) {
        return text;
    }
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
    return text.ends_with('.') ? text : text + ".";
}

/// Out of "tpmvsc makes smart cards: ...", what it makes.
std::string short_description(const Command& program) {
    std::string text = program.description.substr(0, program.description.find_first_of(":."));
    for (const std::string& start : {program.line() + " ", std::string("is ")}) {
        if (text.starts_with(start)) {
            text.erase(0, start.size());
        }
    }
    return text;
}

std::string listed(const std::vector<std::string>& words, const char* last) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
    }
    return text;
}

/// "Fl o", "Fl -out": what names an option in mdoc, which puts one hyphen in front.
std::string flag(const std::string& name) {
    return "Fl " + argument(name.substr(1));
}

std::string value_of(const Option& option) {
    return option.takes_value() ? " Ar " + argument(option.label) : "";
}

void write_synopsis(Roff& page, const Command& command) {
    page.macro("Sh", "SYNOPSIS");
    page.macro("Nm", command.line());
    for (const Option& option : command.options) {
        const std::string text = flag(option.names.back()) + value_of(option);
        page.raw(option.required ? "." + text : ".Op " + text);
        if (option.repeated) {
            page.raw(".No ...");
        }
    }
    for (const Option& given : command.arguments) {
        page.raw((given.required ? ".Ar " : ".Op Ar ") + argument(given.label));
    }
    if (!command.verbs.empty()) {
        page.raw(".Ar command");
    }
}

/// What stands behind the description: --help has it in its own short form.
void write_facts(Roff& page, const Option& option) {
    if (!option.values.empty()) {
        page.prose("One of " + listed(option.values, " and ") + ".");
    }
    if (!option.range.empty()) {
        page.prose("From " + option.range + ".");
    }
    if (!option.default_value.empty()) {
        page.prose("The default is " + option.default_value + ".");
    }
    if (option.required && !option.names.empty()) {
        page.prose("It has to be given.");
    }
    if (option.repeated && option.description.find("; may be ") == std::string::npos) {
        page.prose("It may be given several times.");
    }
    if (!option.needs.empty()) {
        page.prose("It goes with " + listed(option.needs, " and ") + ".");
    }
    if (!option.excludes.empty()) {
        page.prose("It does not go with " + listed(option.excludes, " or ") + ".");
    }
}

void write_option(Roff& page, const Option& option) {
    std::string item = ".It";
    for (const std::string& name : option.names) {
        item += (item == ".It" ? " " : " , ") + flag(name);
    }
    page.raw(item + value_of(option));
    page.prose(sentence(option.description));
    write_facts(page, option);
}

void write_list(Roff& page, const std::vector<Option>& options) {
    page.raw(".Bl -tag -width Ds");
    for (const Option& option : options) {
        write_option(page, option);
    }
    page.raw(".El");
}

constexpr const char* common_group = "Options";

void write_options(Roff& page, const Command& command) {
    page.macro("Sh", "OPTIONS");
    std::vector<std::string> groups;
    std::vector<Option> first = command.arguments;
    for (const Option& option : command.options) {
        if (option.group == common_group) {
            first.push_back(option);
        } else if (std::find(groups.begin(), groups.end(), option.group) == groups.end()) {
            groups.push_back(option.group);
        }
    }
    write_list(page, first);
    for (const std::string& group : groups) {
        std::vector<Option> members;
        std::copy_if(command.options.begin(), command.options.end(), std::back_inserter(members),
                     [&](const Option& option) { return option.group == group; });
        page.macro("Ss", group);
        write_list(page, members);
    }
}

void write_verbs(Roff& page, const Command& command) {
    for (const Command& verb : command.verbs) {
        if (!verb.verbs.empty()) {
            write_verbs(page, verb);
            continue;
        }
        page.raw(".It Xr " + verb.page() + " 1");
        page.prose(sentence(verb.description));
    }
}

/// Paragraphs, with an empty line between; those with four blanks in front are shown as they are.
void write_paragraphs(Roff& page, const std::string& text) {
    std::istringstream lines(text + "\n\n");
    std::string line;
    std::string paragraph;
    std::vector<std::string> literal;
    while (std::getline(lines, line)) {
        if (line.starts_with("    ")) {
            literal.push_back(line.substr(4));
        } else if (!line.empty()) {
            paragraph += line + " ";
        } else if (!literal.empty()) {
            page.literal(literal);
            literal.clear();
        } else if (!paragraph.empty()) {
            page.raw(".Pp");
            page.prose(paragraph);
            paragraph.clear();
        }
    }
}

void write_description(Roff& page, const Command& command, const Surroundings& surroundings) {
    page.macro("Sh", "DESCRIPTION");
    const bool is_program = command.words.size() == 1; // whose sentence begins with its name
    page.prose(is_program ? command.description : sentence(command.description));
    for (const std::string& note : command.footer.notes) {
        page.raw(".Pp");
        page.prose(sentence(note));
    }
    if (const auto more = surroundings.more.find(command.page()); more != surroundings.more.end()) {
        write_paragraphs(page, more->second);
    }
    if (!command.verbs.empty()) {
        page.raw(".Pp");
        page.prose("The commands are:");
        page.raw(".Bl -tag -width Ds");
        write_verbs(page, command);
        page.raw(".El");
    }
}

void write_examples(Roff& page, const std::vector<Example>& examples) {
    if (examples.empty()) {
        return;
    }
    page.macro("Sh", "EXAMPLES");
    for (const Example& example : examples) {
        if (&example != &examples.front() && !example.explanation.empty()) {
            page.raw(".Pp");
        }
        page.prose(sentence(example.explanation));
        page.literal(example.lines);
    }
}

void write_exit_status(Roff& page, const std::vector<ExitMeaning>& codes) {
    page.macro("Sh", "EXIT STATUS");
    page.raw(".Bl -tag -width Ds");
    for (const auto& [code, meaning] : codes) {
        page.raw(".It " + code);
        page.prose(sentence(meaning));
    }
    page.raw(".El");
}

void write_files(Roff& page, const std::vector<File>& files) {
    if (files.empty()) {
        return;
    }
    page.macro("Sh", "FILES");
    page.raw(".Bl -tag -width Ds");
    for (const auto& [path, what] : files) {
        page.raw(".It Pa " + argument(path));
        page.prose(what);
    }
    page.raw(".El");
}

void write_environment(Roff& page, const std::vector<Variable>& variables) {
    if (variables.empty()) {
        return;
    }
    page.macro("Sh", "ENVIRONMENT");
    page.raw(".Bl -tag -width Ds");
    for (const auto& [name, meaning] : variables) {
        page.raw(".It Ev " + argument(name));
        page.prose(meaning);
    }
    page.raw(".El");
}

/// The command one level up, or the program itself.
const Command& parent_of(const Command& command, const Command& above) {
    for (const Command& verb : above.verbs) {
        if (verb.words.size() < command.words.size() &&
            std::equal(verb.words.begin(), verb.words.end(), command.words.begin())) {
            return parent_of(command, verb);
        }
    }
    return above;
}

void write_see_also(Roff& page, const Command& command, const Command& program,
                    const Surroundings& surroundings) {
    std::vector<std::string> names;
    if (command.words.size() == 1) {
        names = surroundings.see_also;
    } else {
        const Command& parent = parent_of(command, program);
        names.push_back(program.page() + " 1");
        for (const Command& near : parent.verbs) {
            const bool is_verb = parent.words.size() > 1;
            if (is_verb && near.page() != command.page()) {
                names.push_back(near.page() + " 1");
            }
        }
        if (parent.words.size() > 1) {
            names.push_back(parent.page() + " 1");
        }
    }
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
        return std::pair(a.back(), a) < std::pair(b.back(), b); // by section, then by name
    });
    page.macro("Sh", "SEE ALSO");
    for (const std::string& name : names) {
        page.raw(".Xr " + name + (&name == &names.back() ? "" : " ,"));
    }
}

} // namespace

std::string manual_page(const Command& command, const Command& program,
                        const Surroundings& surroundings) {
    Roff page(upper_case(command.page()), "1", surroundings.edition);
    page.macro("Sh", "NAME");
    page.raw(".Nm " + command.page());
    page.macro("Nd", command.words.size() == 1 ? short_description(command) : command.description);
    write_synopsis(page, command);
    write_description(page, command, surroundings);
    write_options(page, command);
    write_environment(page, surroundings.environment);
    write_files(page, surroundings.files);
    write_exit_status(page, command.footer.exit_codes.empty() ? program.footer.exit_codes
                                                              : command.footer.exit_codes);
    write_examples(page, command.footer.examples);
    write_see_also(page, command, program, surroundings);
    return page.text();
}

} // namespace tpmvsc::cli::manual
