// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/apdu_rows.hpp"

#include <array>
#include <memory>
#include <stdexcept>

using namespace tpmvsc;

namespace {

/// EchoApplet answers with what it was sent, several times over where P1 says so, and fails where
/// the instruction is EF.
class EchoApplet final : public apdu::Applet {
  public:
    explicit EchoApplet(std::uint8_t last) : aid_{0xA0, 0x00, 0x00, 0x03, 0x08, last} {}

    ByteView aid() const override { return aid_; }
    apdu::Response select(const apdu::Command& command) override { return handle(command); }
    void deselect() override {}
    apdu::Response handle(const apdu::Command& command) override {
        if (command.ins == 0xEF) {
            throw std::runtime_error("as asked");
        }
        if (command.data.size() > apdu::max_chained_bytes || (command.cla & 0xEF) != 0) {
            std::abort();
        }
        Bytes answer;
        for (unsigned i = 0; i <= command.p1 % 8u; ++i) {
            append(answer, command.data);
        }
        return apdu::Response(std::move(answer));
    }
    bool accepts_chaining(const apdu::Command& command) const override {
        return (command.ins & 1) != 0;
    }
    void reset() override {}

  private:
    std::array<std::uint8_t, 6> aid_;
};

} // namespace

/// Chaining, GET RESPONSE and SELECT with applets that do as they are told.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::unique_ptr<apdu::Applet>> applets;
    applets.push_back(std::make_unique<EchoApplet>(std::uint8_t{1}));
    applets.push_back(std::make_unique<EchoApplet>(std::uint8_t{2}));
    apdu::CardEdge edge(Bytes{0x3B, 0x00}, std::move(applets));
    test::send_rows(edge, {data, size}, [](ByteView, ByteView) {});
    return 0;
}
