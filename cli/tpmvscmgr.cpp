// SPDX-License-Identifier: Apache-2.0
#include "cli/tpmvscmgr.hpp"

#include "cli/failure.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <map>
#include <string_view>

namespace tpmvsc::cli {
namespace {

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

[[noreturn]] void refuse(const std::string& sentence) {
    throw Failure(ExitCode::usage, sentence + " (tpmvscmgr /? shows the options)");
}

unsigned number_of(const std::string& option, const std::string& text) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc() || stop != end) {
        refuse(option + " wants a number, not \"" + text + "\"");
    }
    return number;
}

/// Words are the arguments that are still to be read.
class Words {
  public:
    explicit Words(const std::vector<std::string>& words) : words_(words) {}

    bool done() const { return next_ == words_.size(); }
    bool at_option() const { return !done() && words_[next_].starts_with('/'); }
    std::string take() { return words_[next_++]; }
    std::string value_of(const std::string& option) {
        if (done() || at_option()) {
            refuse(option + " wants a value");
        }
        return take();
    }
    /// One of `choices`, which are in small letters.
    std::string choice_of(const std::string& option, std::initializer_list<const char*> choices) {
        const std::string given = value_of(option);
        for (const char* choice : choices) {
            if (lower_case(given) == choice) {
                return choice;
            }
        }
        refuse(option + " does not take \"" + given + "\"");
    }

  private:
    const std::vector<std::string>& words_;
    std::size_t next_ = 0;
};

/// Windows asks for eight characters unless told otherwise.
constexpr const char* usual_shortest_pin = "8";

constexpr std::array<std::pair<const char*, const char*>, 4> character_kinds{{
    {"uppercase", "--pin-upper"},
    {"lowercase", "--pin-lower"},
    {"digits", "--pin-digits"},
    {"specialchars", "--pin-special"},
}};

/// CreateOptions of tpmvscmgr as they come; what is not said has Windows' defaults.
struct Create {
    std::string name;
    std::string admin_key;
    std::string pin = "prompt";
    std::string puk = "none";
    std::string shortest_pin = usual_shortest_pin;
    std::string longest_pin;
    std::map<std::string, std::string> characters; ///< tpmvsc's option and its value
    bool generate = false;
    bool wants_certificate = false;
};

void read_pin_policy(Words& words, Create& create) {
    while (!words.done() && !words.at_option()) {
        const std::string rule = lower_case(words.take());
        if (rule == "minlen") {
            create.shortest_pin = std::to_string(number_of("minlen", words.value_of("minlen")));
            continue;
        }
        if (rule == "maxlen") {
            create.longest_pin = std::to_string(number_of("maxlen", words.value_of("maxlen")));
            continue;
        }
        const auto* const kind =
            std::find_if(character_kinds.begin(), character_kinds.end(),
                         [&rule](const auto& known) { return rule == known.first; });
        if (kind == character_kinds.end()) {
            refuse("/pinpolicy does not know \"" + rule + "\"");
        }
        const std::string word = words.choice_of(rule, {"allowed", "disallowed", "required"});
        create.characters[kind->second] = word == "disallowed" ? "forbidden" : word;
    }
}

void read_option(const std::string& option, Words& words, Create& create) {
    if (option == "/name") {
        create.name = words.value_of(option);
    } else if (option == "/adminkey") {
        create.admin_key = words.choice_of(option, {"default", "prompt", "random"});
    } else if (option == "/pin") {
        create.pin = words.choice_of(option, {"default", "prompt"});
    } else if (option == "/puk") {
        create.puk = words.choice_of(option, {"default", "prompt"});
    } else if (option == "/generate") {
        create.generate = true;
    } else if (option == "/pinpolicy") {
        read_pin_policy(words, create);
    } else if (option == "/attestation") {
        create.wants_certificate =
            words.choice_of(option, {"aik_and_cert", "aik_only"}) == "aik_and_cert";
    } else if (option == "/machine") {
        throw Failure(ExitCode::unsupported,
                      "/machine is not for this computer's tools: run the command there (ssh)");
    } else if (option != "/quiet") { // nothing is asked that was not said to be asked for
        refuse("\"create\" does not know " + option);
    }
}

std::vector<std::string> options_of(const Create& create) {
    std::vector<std::string> options{
        "create",           "--profile", "gids",     "--name", create.name, "--admin-key",
        create.admin_key,   "--pin",     create.pin, "--puk",  create.puk,  "--pin-min-length",
        create.shortest_pin};
    if (!create.longest_pin.empty()) {
        options.insert(options.end(), {"--pin-max-length", create.longest_pin});
    }
    for (const auto& [option, value] : create.characters) {
        options.insert(options.end(), {option, value});
    }
    if (create.generate) {
        options.emplace_back("--generate");
    }
    return options;
}

Translation translate_create(Words& words) {
    Create create;
    while (!words.done()) {
        read_option(lower_case(words.take()), words, create);
    }
    if (create.name.empty() || create.admin_key.empty()) {
        refuse("\"create\" wants /name and /AdminKey");
    }
    Translation translation{options_of(create), std::nullopt, {}};
    if (create.admin_key == "random") {
        translation.remarks.emplace_back(
            "the admin key is shown once, so that the card can be managed; \"tpmvsc create "
            "--unmanaged --admin-key discard\" makes a card whose key nobody has, as Windows does");
    }
    if (create.wants_certificate) {
        translation.remarks.emplace_back(
            "the card attests to its keys, and no authority on the network is asked for a "
            "certificate: see \"tpmvsc key attest --help\"");
    }
    return translation;
}

/// "ROOT\SMARTCARDREADER\0002" is what Windows calls the reader of the third card; here it means
/// the card in slot 2. Whatever else is given is a card's name, serial number, slot or id.
std::optional<unsigned> slot_of(const std::string& instance) {
    constexpr std::string_view prefix = "root\\smartcardreader\\";
    const std::string lower = lower_case(instance);
    if (!lower.starts_with(prefix)) {
        return std::nullopt;
    }
    return number_of("/instance", lower.substr(prefix.size()));
}

Translation translate_destroy(Words& words) {
    std::string instance;
    bool quiet = false;
    while (!words.done()) {
        const std::string option = lower_case(words.take());
        if (option == "/instance") {
            instance = words.value_of(option);
        } else if (option == "/quiet") {
            quiet = true;
        } else if (option == "/machine") {
            throw Failure(ExitCode::unsupported,
                          "/machine is not for this computer's tools: run the command there (ssh)");
        } else {
            refuse("\"destroy\" does not know " + option);
        }
    }
    if (instance.empty()) {
        refuse("\"destroy\" wants /instance: a card's name, serial number, slot or instance id");
    }
    Translation translation{{"destroy"}, slot_of(instance), {}};
    if (quiet) {
        translation.arguments.emplace_back("--force");
    }
    translation.arguments.emplace_back("--"); // whatever a card is called, it is no option
    if (!translation.slot) {
        translation.arguments.push_back(instance);
    }
    return translation;
}

} // namespace

const char* const tpmvscmgr_usage =
    "tpmvscmgr create [/quiet] /name NAME /AdminKey DEFAULT|PROMPT|RANDOM [/PIN DEFAULT|PROMPT]\n"
    "          [/PUK DEFAULT|PROMPT] [/generate] [/attestation AIK_AND_CERT|AIK_ONLY]\n"
    "          [/pinpolicy [minlen N] [maxlen N] [uppercase|lowercase|digits|specialchars\n"
    "           ALLOWED|DISALLOWED|REQUIRED]...]\n"
    "tpmvscmgr destroy [/quiet] /instance CARD\n"
    "\n"
    "Makes and destroys virtual smart cards with the words of Windows' tool of this name, as\n"
    "GIDS cards. CARD is a name, a serial number, a slot, an id, or ROOT\\SMARTCARDREADER\\000N "
    "for\n"
    "the card in slot N. A random admin key is shown once. All else that can be done with a card:\n"
    "tpmvsc --help.\n";

Translation from_tpmvscmgr(const std::vector<std::string>& arguments) {
    Words words(arguments);
    const std::string verb = words.done() ? "/?" : lower_case(words.take());
    const bool asks = std::find(arguments.begin(), arguments.end(), "/?") != arguments.end();
    if (verb == "/?" || asks) {
        return {};
    }
    if (verb == "create") {
        return translate_create(words);
    }
    if (verb == "destroy") {
        return translate_destroy(words);
    }
    refuse("tpmvscmgr knows \"create\" and \"destroy\", not \"" + verb + "\"");
}

} // namespace tpmvsc::cli
