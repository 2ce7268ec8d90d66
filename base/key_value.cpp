// SPDX-License-Identifier: Apache-2.0
#include "base/key_value.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace tpmvsc {

namespace {

constexpr std::string_view blanks = " \t";

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Takes one line off the front of `rest`.
std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return line;
}

/// Reads one line into `values`; gives the complaint, or nullptr when all is well.
const char* parse_line(std::string_view line, std::map<std::string, std::string>& values) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#')
        return nullptr;
    const std::size_t equals = content.find('=');
    if (equals == std::string_view::npos)
        return "there is no '='";
    const std::string_view key = trimmed(content.substr(0, equals));
    const std::string_view value = trimmed(content.substr(equals + 1));
    if (key.empty())
        return "there is no key before the '='";
    if (has_control(key) || has_control(value))
        return "it holds a control character";
    if (!values.emplace(key, value).second)
        return "its key has been given before";
    return nullptr;
}

} // namespace

std::optional<KeyValue> KeyValue::parse(std::string_view text, std::string* why) {
    KeyValue record;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const char* complaint = parse_line(next_line(text), record.values_);
        if (complaint == nullptr)
            continue;
        if (why != nullptr)
            *why = "line " + std::to_string(number) + ": " + complaint;
        return std::nullopt;
    }
    return record;
}

std::string KeyValue::write() const {
    std::string text;
    for (const auto& [key, value] : values_)
        text += key + " = " + value + "\n";
    return text;
}

std::optional<std::string> KeyValue::text(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end())
        return std::nullopt;
    return found->second;
}

std::optional<Bytes> KeyValue::bytes(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end())
        return std::nullopt;
    return from_hex(found->second);
}

std::optional<std::uint64_t> KeyValue::number(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end())
        return std::nullopt;
    const std::string& digits = found->second;
    const char* end = digits.data() + digits.size();
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end)
        return std::nullopt;
    return value;
}

void KeyValue::set(const std::string& key, std::string_view value) {
    // What is written must be read back as it was.
    const bool key_good = !key.empty() && key.front() != '#' && trimmed(key) == key &&
                          key.find('=') == std::string::npos && !has_control(key);
    if (!key_good)
        throw std::invalid_argument("KeyValue: \"" + key + "\" cannot be a key");
    if (trimmed(value) != value || has_control(value))
        throw std::invalid_argument("KeyValue: the value of " + key + " is not one plain line");
    values_.insert_or_assign(key, std::string(value));
}

void KeyValue::set_bytes(const std::string& key, ByteView value) {
    set(key, to_hex(value));
}

void KeyValue::set_number(const std::string& key, std::uint64_t value) {
    set(key, std::to_string(value));
}

} // namespace tpmvsc
