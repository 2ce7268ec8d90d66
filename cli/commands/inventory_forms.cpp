// SPDX-License-Identifier: Apache-2.0
#include "cli/colour.hpp"
#include "cli/commands/inventory_document.hpp"

#include <array>
#include <unistd.h>
#include <utility>

namespace tpmvsc::cli {
namespace {

/// Where a column's value is. Columns are never taken out or moved; new ones come at the end.
enum class Of { document, card, key, certificate };
struct Column {
    const char* heading;
    Of of;
    const char* member;
};
constexpr std::array<Column, 24> columns{{
    {"host", Of::document, "host"},
    {"taken", Of::document, "taken"},
    {"card_id", Of::card, "id"},
    {"card_name", Of::card, "name"},
    {"profile", Of::card, "profile"},
    {"card_serial", Of::card, "serial"},
    {"card_slot", Of::card, "slot"},
    {"owner", Of::card, "owner"},
    {"created", Of::card, "created"},
    {"reader", Of::card, "reader"},
    {"key_slot", Of::key, "slot"},
    {"algorithm", Of::key, "algorithm"},
    {"origin", Of::key, "origin"},
    {"pin_policy", Of::key, "pin_policy"},
    {"key_fingerprint", Of::key, "fingerprint"},
    {"subject", Of::certificate, "subject"},
    {"issuer", Of::certificate, "issuer"},
    {"certificate_serial", Of::certificate, "serial"},
    {"not_after", Of::certificate, "not_after"},
    {"problem", Of::card, "problem"},
    {"not_before", Of::certificate, "not_before"},
    {"expired", Of::certificate, "expired"},
    {"matches_key", Of::certificate, "matches_key"},
    {"complete", Of::document, "complete"},
}};

/// A member as plain text; empty where there is none.
std::string text_of(const Json& json, const char* member) {
    const auto found = json.find(member);
    if (found == json.end() || found->is_null()) {
        return "";
    }
    return found->is_string() ? found->get<std::string>() : found->dump();
}

/// RFC 4180: a field with a comma, a quotation mark or a line break stands in quotation marks.
std::string field(const std::string& text) {
    const std::string shown = printable(text);
    if (shown.find_first_of(",\"") == std::string::npos) {
        return shown;
    }
    std::string quoted = "\"";
    for (const char c : shown) {
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    }
    return quoted + "\"";
}

/// The fields of a line, with commas between them.
template<typename ValueOf>
std::string line_of(const ValueOf& value_of) {
    std::string text;
    for (const Column& column : columns) {
        text += (&column == columns.data() ? "" : ",") + field(value_of(column));
    }
    return text + "\r\n";
}

std::string line(const Json& document, const Json& card, const Json& key) {
    const Json certificate = key.value("certificate", Json(nullptr));
    return line_of([&](const Column& column) {
        const Json& source = column.of == Of::document ? document
                             : column.of == Of::card   ? card
                             : column.of == Of::key    ? key
                                                       : certificate;
        return text_of(source, column.member);
    });
}

std::string heading() {
    return line_of([](const Column& column) { return std::string(column.heading); });
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : printable(text);
}

/// The day of a time; the hour is for programs.
std::string day(const std::string& time) {
    return time.substr(0, time.find('T'));
}

void add_rows(const Json& card, std::vector<std::vector<std::string>>& rows) {
    std::vector<std::string> row{or_dash(text_of(card, "name")), or_dash(text_of(card, "serial")),
                                 or_dash(text_of(card, "owner"))};
    const Json keys = card.value("keys", Json::array());
    if (keys.empty()) {
        row.insert(row.end(), {"-", "-", "-", "-", "-"});
        rows.push_back(row);
    }
    for (const Json& key : keys) {
        const Json certificate = key.value("certificate", Json(nullptr));
        std::vector<std::string> whole = row;
        whole.insert(whole.end(), {text_of(key, "slot"), text_of(key, "algorithm"),
                                   text_of(key, "origin"), or_dash(text_of(certificate, "subject")),
                                   or_dash(day(text_of(certificate, "not_after")))});
        rows.push_back(std::move(whole));
        row.assign(row.size(), "");
    }
}

std::string expiry(const Json& one) {
    const long left = one.at("days_left").get<long>();
    const std::string when = left < 0 ? "has ended on " : "ends on ";
    return in_colour(left < 0 ? Colour::bad : Colour::caution, "Expiring:", STDOUT_FILENO) + " " +
           printable(text_of(one, "subject")) + " in slot " + text_of(one, "slot") + " of card \"" +
           printable(text_of(one, "card")) + "\" " + when + day(text_of(one, "not_after")) +
           (left < 0 ? "" : ", in " + plural(static_cast<std::size_t>(left), "day")) + ".\n";
}

} // namespace

std::string inventory_csv(const Json& document) {
    std::string text = heading();
    for (const Json& card : document.at("cards")) {
        const Json keys = card.value("keys", Json::array());
        for (const Json& key : keys) {
            text += line(document, card, key);
        }
        if (keys.empty()) {
            text += line(document, card, Json::object());
        }
    }
    return text;
}

std::string inventory_text(const Json& document) {
    if (document.at("cards").empty()) {
        return "No cards.\n";
    }
    std::vector<std::vector<std::string>> rows{
        {"CARD", "SERIAL", "OWNER", "KEY", "ALGORITHM", "ORIGIN", "CERTIFICATE", "UNTIL"}};
    std::string remarks;
    for (const Json& card : document.at("cards")) {
        add_rows(card, rows);
        if (const std::string problem = text_of(card, "problem"); !problem.empty()) {
            remarks += in_colour(Colour::bad, "Problem:", STDOUT_FILENO) + " card \"" +
                       or_dash(text_of(card, "name")) + "\": " + printable(problem) + "\n";
        }
    }
    for (const Json& one : document.at("expiring")) {
        remarks += expiry(one);
    }
    return headed_table(std::move(rows)) + remarks;
}

} // namespace tpmvsc::cli
