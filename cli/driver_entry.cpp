// SPDX-License-Identifier: Apache-2.0
#include "cli/driver_entry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tpmvsc::cli {
namespace {

namespace fs = std::filesystem;

/// Part of the driver's file name, wherever it was installed.
constexpr const char* driver_mark = "tpmvsc";

std::string without_quotes(std::string text) {
    std::erase(text, '"');
    return text;
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) {
        return "";
    }
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// One reader is complete at its LIBPATH: names that follow belong to the next one.
void read_entries(const fs::path& file, std::vector<DriverEntry>& entries) {
    std::ifstream text(file);
    std::string line;
    std::string friendly_name;
    while (std::getline(text, line)) {
        std::istringstream words(line);
        std::string key;
        std::string value;
        words >> key;
        std::getline(words, value);
        value = without_quotes(trimmed(value));
        if (key == "FRIENDLYNAME") {
            friendly_name = value;
        } else if (key == "LIBPATH" &&
                   fs::path(value).filename().string().find(driver_mark) != std::string::npos) {
            entries.push_back({file.string(), friendly_name, value});
        }
    }
}

/// The number in two hexadecimal digits at `position`.
std::optional<unsigned> two_digits(const std::string& text, std::size_t position) {
    unsigned number = 0;
    const char* begin = text.data() + position;
    const auto [end, error] = std::from_chars(begin, begin + 2, number, 16);
    if (error != std::errc() || end != begin + 2) {
        return std::nullopt;
    }
    return number;
}

} // namespace

std::vector<DriverEntry> find_driver_entries(const std::string& folder) {
    std::vector<DriverEntry> entries;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error)) {
        const std::string name = file.path().filename().string();
        if (name.front() != '.' && !file.is_symlink(error) && file.is_regular_file(error)) {
            read_entries(file.path(), entries);
        }
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.file < b.file; });
    return entries;
}

ReaderNames::ReaderNames(const std::vector<DriverEntry>& entries) {
    for (const DriverEntry& entry : entries) {
        friendly_names_.push_back(entry.friendly_name);
    }
    if (friendly_names_.empty()) {
        friendly_names_.emplace_back(default_friendly_name);
    }
}

std::string ReaderNames::reader_of(unsigned slot) const {
    std::array<char, 16> numbers{};
    std::snprintf(numbers.data(), numbers.size(), " 00 %02X", slot);
    return friendly_names_.front() + numbers.data();
}

std::optional<unsigned> ReaderNames::slot_of(const std::string& reader) const {
    for (const std::string& name : friendly_names_) {
        const std::size_t blank = name.size(); // then "NN SS", behind another blank
        if (reader.size() == blank + 6 && reader.starts_with(name) && reader[blank] == ' ' &&
            reader[blank + 3] == ' ' && two_digits(reader, blank + 1)) {
            return two_digits(reader, blank + 4);
        }
    }
    return std::nullopt;
}

} // namespace tpmvsc::cli
