// SPDX-License-Identifier: Apache-2.0
#include "card/pin_rules.hpp"

#include "card/record_fields.hpp"
#include "card/records.hpp"

#include <array>

namespace tpmvsc::card {

namespace {

/// The kinds of characters by their fields' names.
template<typename Rules>
auto kinds_of(Rules& rules) {
    return std::array{std::pair{"upper_case", &rules.upper_case},
                      std::pair{"lower_case", &rules.lower_case},
                      std::pair{"digits", &rules.digits}, std::pair{"special", &rules.special}};
}

} // namespace

PinRules PinRules::read(const SealedFiles& files) {
    const auto record = parse_record(files, file);
    if (!record)
        return {};
    const RecordFields fields(*record, file);
    PinRules rules;
    rules.shortest = fields.number("shortest");
    rules.longest = fields.number("longest");
    for (const auto& [name, rule] : kinds_of(rules)) {
        const std::uint32_t code = fields.number(name);
        if (code > static_cast<std::uint32_t>(CharacterRule::forbidden))
            fields.complain(name);
        *rule = static_cast<CharacterRule>(code);
    }
    rules.no_trivial = fields.flag("no_trivial");
    rules.history = fields.number("history");
    rules.session = std::chrono::seconds(fields.number("session"));
    rules.inactivity = std::chrono::seconds(fields.number("inactivity"));
    return rules;
}

void PinRules::write(const SealedFiles& files) const {
    KeyValue record;
    record.set_number("shortest", shortest);
    record.set_number("longest", longest);
    for (const auto& [name, rule] : kinds_of(*this))
        record.set_number(name, static_cast<std::uint64_t>(*rule));
    record.set_number("no_trivial", no_trivial ? 1 : 0);
    record.set_number("history", history);
    record.set_number("session", static_cast<std::uint64_t>(session.count()));
    record.set_number("inactivity", static_cast<std::uint64_t>(inactivity.count()));
    write_record(files, file, record);
}

} // namespace tpmvsc::card
