// SPDX-License-Identifier: Apache-2.0
#include "tests/scenarios/player.hpp"

#include "apdu/gids/initial_objects.hpp"
#include "apdu/make_card_edge.hpp"
#include "apdu/piv/initial_objects.hpp"
#include "tests/tpm/owner_password.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tpmvsc::test {

namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t block_bytes = 255;

const std::map<std::string, card::AdminAlgorithm> admin_algorithms{
    {"3des", card::AdminAlgorithm::tdes},
    {"aes128", card::AdminAlgorithm::aes128},
    {"aes192", card::AdminAlgorithm::aes192},
    {"aes256", card::AdminAlgorithm::aes256}};

/// Splits off the first word.
std::string take_word(std::string& line) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    std::getline(words, line);
    return word;
}

const std::map<std::string, card::CharacterRule> character_rules{
    {"allowed", card::CharacterRule::allowed},
    {"required", card::CharacterRule::required},
    {"forbidden", card::CharacterRule::forbidden}};

unsigned number_of(const std::string& value) {
    return static_cast<unsigned>(std::stoul(value));
}

/// Puts one of the settings of PIN rules into `rules`; false when it is none.
bool set_rule(card::PinRules& rules, const std::string& name, const std::string& value) {
    const std::map<std::string, card::CharacterRule*> kinds{{"pin-upper", &rules.upper_case},
                                                            {"pin-lower", &rules.lower_case},
                                                            {"pin-digits", &rules.digits},
                                                            {"pin-special", &rules.special}};
    if (kinds.count(name) != 0) {
        *kinds.at(name) = character_rules.at(value);
    } else if (name == "pin-min-length") {
        rules.shortest = number_of(value);
    } else if (name == "pin-max-length") {
        rules.longest = number_of(value);
    } else if (name == "pin-trivial") {
        rules.no_trivial = value == "no";
    } else if (name == "pin-history") {
        rules.history = number_of(value);
    } else if (name == "pin-session") {
        rules.session = std::chrono::seconds(number_of(value));
    } else if (name == "pin-inactivity") {
        rules.inactivity = std::chrono::seconds(number_of(value));
    } else {
        return false;
    }
    return true;
}

Bytes short_command(ByteView header, ByteView data) {
    Bytes command = to_bytes(header);
    command.push_back(static_cast<std::uint8_t>(data.size()));
    append(command, data);
    return command;
}

} // namespace

std::vector<std::string> Player::play(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::invalid_argument("cannot be read");
    }
    std::string line;
    for (unsigned number = 1; std::getline(file, line); ++number) {
        const std::size_t failed_before = failures_.size();
        const std::string place = "line " + std::to_string(number) + ": ";
        try {
            play_line(line);
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(place + error.what());
        }
        if (failures_.size() != failed_before) {
            failures_.back() = place + failures_.back();
        }
    }
    return failures_;
}

void Player::play_line(const std::string& line) {
    std::string rest = line;
    const std::string kind = take_word(rest);
    if (kind.empty() || kind[0] == '#') {
        return;
    }
    if (kind == "=") {
        title_ = rest;
    } else if (kind == "@") {
        set_up(rest);
    } else if (kind == "!") {
        control(rest);
    } else if (kind[0] == '>') {
        send(line);
    } else if (kind == "<") {
        expect(rest);
    } else {
        throw std::invalid_argument("begins with none of # = @ ! > <");
    }
}

/// What the card is to be, before its first command.
void Player::set_up(const std::string& settings) {
    if (card_) {
        throw std::invalid_argument("the card exists already");
    }
    std::istringstream words(settings);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (name == "admin" && admin_algorithms.count(value) != 0) {
            context_.admin_algorithm = admin_algorithms.at(value);
        } else if (name == "pin-tries") {
            options_.pin_tries = number_of(value);
        } else if (name == "puk-tries") {
            options_.puk_tries = number_of(value);
        } else if (word == "gids=blank" || word == "gids=ready") {
            options_.profile = card::Profile::gids;
            options_.blank = value == "blank";
            settable_tries_ = false;
        } else if (word == "puk=no") {
            has_puk_ = false;
        } else if (word == "anti-hammering=lockout") {
            options_.anti_hammering = card::AntiHammering::lockout;
            settable_tries_ = false;
        } else if (word == "settable-tries=no") {
            settable_tries_ = false;
        } else if (word == "rsa1024=everywhere") {
            settings_.rsa1024_everywhere = true;
        } else if (!set_rule(options_.pin_rules, name, value)) {
            throw std::invalid_argument("unknown setting: " + word);
        }
    }
}

void Player::control(const std::string& order) {
    std::string rest = order;
    const std::string what = take_word(rest);
    if (!card_) {
        make_card();
    }
    if (what == "reset") {
        edge_->reset();
    } else if (what == "driver-restart") {
        open_card();
    } else if (what == "time-passes") {
        now_.since += std::chrono::seconds(std::stoul(rest));
    } else if (what == "machine-sleeps") {
        now_.since += std::chrono::seconds(std::stoul(rest));
        now_.asleep += std::chrono::seconds(std::stoul(rest));
    } else if (what == "machine-restart") {
        now_ = {now_.run + " again", {}, {}};
        swtpm_->stop();
        swtpm_->start();
        open_card();
    } else if (what == "tpm-restart") {
        swtpm_->stop();
        swtpm_->start();
    } else if (what == "tpm-gone") {
        swtpm_->stop();
    } else if (what == "tpm-back") {
        swtpm_->start();
    } else if (what == "others-fail" || what == "lockout-reset" || what == "lockout-limits") {
        control_lockout(what, rest);
    } else if (what == "owner-password") {
        set_owner_password(*tpm_, take_word(rest));
    } else if (what == "tpm-commands-at-most") {
        const std::uint64_t spent = tpm_->command_count() - commands_before_;
        if (spent > std::stoul(rest)) {
            failures_.push_back(title_ + ": took " + std::to_string(spent) + " TPM commands");
        }
    } else if (what == "admin-key") {
        context_.admin_algorithm = admin_algorithms.at(take_word(rest));
        context_.admin_key = bytes_of(parse_pattern(rest, context_));
    } else if (what == "set") {
        const std::string name = take_word(rest);
        context_.values[name] = bytes_of(parse_pattern(rest, context_));
    } else {
        throw std::invalid_argument("unknown order: " + what);
    }
}

/// What another program on the same TPM does.
void Player::control_lockout(const std::string& what, const std::string& rest) {
    tpm_->close(); // its turn
    if (!other_user_) {
        other_user_.emplace(swtpm_->tcti());
    }
    if (what == "others-fail") {
        other_user_->fail(static_cast<unsigned>(std::stoul(rest)));
    } else if (what == "lockout-reset") {
        other_user_->reset_lockout();
    } else {
        std::istringstream words(rest);
        std::uint32_t max_tries = 0;
        std::uint32_t recovery = 0;
        words >> max_tries >> recovery;
        other_user_->set_limits({max_tries, std::chrono::seconds(recovery), {}});
    }
}

void Player::send(const std::string& line) {
    if (!card_) {
        make_card();
    }
    std::string rest = line;
    const std::string form = take_word(rest);
    const Bytes command = bytes_of(parse_pattern(rest, context_));
    const ByteView bytes = command;
    commands_before_ = tpm_->command_count();
    if (form == ">") {
        answer_ = transmit(bytes);
    } else if (form == ">all") {
        answer_ = transmit_all(bytes);
    } else if (form == ">chain" && bytes.size() >= header_bytes) {
        answer_ = transmit_chained(bytes.first(header_bytes), bytes.subspan(header_bytes));
    } else {
        throw std::invalid_argument("unknown form of command: " + form);
    }
}

void Player::expect(const std::string& text) {
    const Pattern pattern = parse_pattern(text, context_);
    if (!matches(pattern, answer_, context_.values)) {
        failures_.push_back(title_ + ": expected" + text + ", answered " + to_hex(answer_));
    }
}

void Player::make_card() {
    swtpm_.emplace();
    tpm_.emplace(swtpm_->tcti(), std::chrono::seconds(2), [this] { return now_; });
    options_.name = "Scenario";
    options_.pin = SecretBytes(as_bytes("123456"));
    if (has_puk_) {
        options_.puk = SecretBytes(as_bytes("12345678"));
    }
    options_.admin_resets_pin = options_.profile == card::Profile::gids && !has_puk_;
    options_.admin_algorithm = context_.admin_algorithm;
    options_.settable_tries = settable_tries_;
    options_.admin_key = SecretBytes(card::default_admin_key(context_.admin_algorithm));
    const card::Store store(swtpm_->folder() + "/cards");
    const auto identity =
        card::create(store, *tpm_, std::move(options_),
                     [](const card::Identity& made, card::CreateOptions& options) {
                         if (made.profile == card::Profile::piv) {
                             options.objects = piv::initial_objects(made);
                         } else if (!options.blank) {
                             options.objects = gids::initial_objects(made);
                         }
                     });
    context_.values["card-id"] = identity.id;
    folder_ = store.path() + "/" + to_hex(identity.id);
    open_card();
}

void Player::open_card() {
    edge_.reset();
    card_ = card::Card::open(folder_, *tpm_, settings_.pin_session, [this] { return now_; });
    edge_ = apdu::make_card_edge(*card_, settings_);
    edge_->reset();
}

Bytes Player::transmit(ByteView command) {
    ++commands_;
    return edge_->transmit(command);
}

Bytes Player::transmit_all(ByteView command) {
    constexpr std::uint8_t more_data = 0x61;
    Bytes whole;
    Bytes part = transmit(command);
    while (part.size() >= 2 && part[part.size() - 2] == more_data) {
        const std::uint8_t left = part.back();
        part.resize(part.size() - 2);
        append(whole, part);
        part = transmit(Bytes{0x00, 0xC0, 0x00, 0x00, left});
    }
    append(whole, part);
    return whole;
}

Bytes Player::transmit_chained(ByteView header, ByteView data) {
    Bytes block_header = to_bytes(header);
    block_header[0] |= 0x10;
    while (data.size() > block_bytes) {
        const Bytes answer = transmit(short_command(block_header, data.first(block_bytes)));
        if (answer != Bytes{0x90, 0x00}) {
            return answer;
        }
        data = data.subspan(block_bytes);
    }
    Bytes last = short_command(header, data);
    last.push_back(0x00);
    return transmit_all(last);
}

} // namespace tpmvsc::test
