// SPDX-License-Identifier: Apache-2.0
#include "cli/manual/bash_completion.hpp"

#include "apdu/piv/piv_keys.hpp"
#include "cli/commands/slot.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <stdexcept>

namespace tpmvsc::cli::manual {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : between) + word;
    }
    return text;
}

/// All that `pattern` finds in `text`, its first group.
std::vector<std::string> all_of(const std::string& text, const std::string& pattern) {
    const std::regex one(pattern);
    return {std::sregex_token_iterator(text.begin(), text.end(), one, 1), {}};
}

/// Numbers and names of the slots of keys.
std::vector<std::string> slots() {
    std::vector<std::string> numbers;
    std::vector<std::string> names;
    for (const piv::KeyReference& reference : piv::key_references()) {
        numbers.push_back(to_hex(Bytes{reference.slot}));
        const auto name = all_of(slot_title(reference.slot), "\\(([^)]*)\\)");
        names.insert(names.end(), name.begin(), name.end());
    }
    numbers.insert(numbers.end(), names.begin(), names.end());
    return numbers;
}

/// Where a secret comes from: "PUK; or none: prompt, random, file:PATH, fd:N or -".
std::vector<std::string> sources(const std::string& description) {
    const std::size_t colon = description.rfind(": ");
    std::vector<std::string> words =
        all_of(description.substr(colon), "(?:: |, | or )(prompt|default|random|none|file:|fd:|-)");
    for (const std::string& word : all_of(description.substr(0, colon), "[;,] or ([a-z]+)")) {
        words.push_back(word);
    }
    return words;
}

/// What there is to choose from, or of which kind it is: see completion.bash.
std::string kind_of(const Option& option) {
    const std::string& description = option.description;
    if (!option.values.empty()) {
        return joined(option.values, "|");
    }
    if (option.type == "SLOT") {
        const bool has_attestation = description.find("f9") != std::string::npos;
        return joined(slots(), "|") + (has_attestation ? "|f9" : "");
    }
    if (option.type == "OBJECT") {
        return joined(all_of(description, "([a-z-]+),"), "|");
    }
    if (description.find("file:PATH") != std::string::npos) {
        return joined(sources(description), "|");
    }
    if (const auto list = description.find("with commas between: "); list != std::string::npos) {
        return joined(all_of(description.substr(list), "(?:: |, )([a-z-]+)(?=,|$)"), "|");
    }
    return option.type;
}

void declare(const Command& command, std::string& text) {
    std::vector<std::string> verbs;
    std::vector<std::string> flags;
    std::vector<std::string> options;
    std::vector<std::string> arguments;
    for (const Command& verb : command.verbs) {
        verbs.push_back(verb.words.back());
    }
    for (const Option& option : command.options) {
        for (const std::string& name : option.names) {
            if (option.takes_value()) {
                options.push_back(name + "=" + kind_of(option));
            } else {
                flags.push_back(name);
            }
        }
    }
    for (const Option& given : command.arguments) {
        arguments.push_back(kind_of(given));
    }
    const std::string path = joined({command.words.begin() + 1, command.words.end()}, " ");
    text += "    '" + path + "')\n";
    for (const auto& [name, words] :
         {std::pair{"verbs", &verbs}, std::pair{"flags", &flags}, std::pair{"options", &options},
          std::pair{"arguments", &arguments}}) {
        if (!words->empty()) {
            text += "        " + std::string(name) + "='" + joined(*words, " ") + "'\n";
        }
    }
    text += "        ;;\n";
    for (const Command& verb : command.verbs) {
        declare(verb, text);
    }
}

void replace(std::string& text, const std::string& what, const std::string& with) {
    std::size_t at = text.find(what);
    if (at == std::string::npos) {
        throw std::runtime_error("the frame of the completion lacks " + what);
    }
    for (; at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

} // namespace

std::string bash_completion(const Command& program, std::string frame) {
    std::string declared;
    declare(program, declared);
    declared.pop_back(); // the frame has the end of the line
    std::string function = program.words.front();
    std::replace(function.begin(), function.end(), '-', '_');
    replace(frame, "    # DECLARED", declared);
    replace(frame, "_program", "_" + function);
    replace(frame, "PROGRAM", program.words.front());
    return frame;
}

} // namespace tpmvsc::cli::manual
