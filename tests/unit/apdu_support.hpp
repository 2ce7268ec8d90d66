// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/applet.hpp"
#include "base/bytes.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tpmvsc::test {

/// hex reads digits with any spacing.
inline Bytes hex(std::string text) {
    std::erase(text, ' ');
    const auto bytes = from_hex(text);
    if (!bytes) {
        throw std::invalid_argument("not hexadecimal: " + text);
    }
    return *bytes;
}

/// ScriptedApplet answers as its test says and writes down what it was told.
class ScriptedApplet final : public apdu::Applet {
  public:
    explicit ScriptedApplet(const std::string& aid) : aid_(hex(aid)) {}

    ByteView aid() const override { return aid_; }
    apdu::Response select(const apdu::Command& command) override {
        events.push_back("select");
        last = command;
        return apdu::Response(hex("6100"));
    }
    void deselect() override { events.push_back("deselect"); }
    apdu::Response handle(const apdu::Command& command) override {
        events.push_back("handle " + to_hex(Bytes{command.ins}));
        last = command;
        return answer ? answer(command) : apdu::Response();
    }
    std::optional<apdu::Response> answer_unselected(const apdu::Command& command) override {
        return unselected ? unselected(command) : std::nullopt;
    }
    bool accepts_chaining(const apdu::Command& command) const override {
        return command.ins == 0xDB || command.ins == 0x87;
    }
    void interrupted() override { events.push_back("interrupted"); }
    void reset() override { events.push_back("reset"); }

    std::function<apdu::Response(const apdu::Command&)> answer;
    std::function<std::optional<apdu::Response>(const apdu::Command&)> unselected;
    std::vector<std::string> events;
    apdu::Command last;

  private:
    Bytes aid_;
};

} // namespace tpmvsc::test
