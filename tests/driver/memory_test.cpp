// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.hpp"
#include "base/tlv.hpp"
#include "card/create.hpp"
#include "card/well_known.hpp"
#include "tests/catch.hpp"
#include "tests/driver/driver.hpp"
#include "tests/scenarios/memory_image.hpp"
#include "tests/support/swtpm.hpp"
#include "tpm/tpm.hpp"

// A memory image of a process that has loaded the driver as pcscd does, and keeps nothing of what
// it passes on: whatever is found was left by the driver, or by tpm2-tss and mbedTLS below it.

using namespace tpmvsc;
using namespace tpmvsc::test;

namespace {

/// The driver with a card of the well-known values in its first slot.
struct LoadedDriver {
    explicit LoadedDriver(unsigned history = 0) : state(swtpm.tcti()) {
        tpm::Tpm tpm(swtpm.tcti(), std::chrono::seconds(2));
        card::CreateOptions options;
        options.name = "Memory";
        options.pin = SecretBytes(as_bytes("123456"));
        options.puk = SecretBytes(as_bytes("12345678"));
        options.pin_rules.history = history;
        options.admin_key = SecretBytes(card::default_admin_key(options.admin_algorithm));
        card::create(state.store(), tpm, std::move(options), {});
        tpm.close();
        REQUIRE(driver.open(0) == IFD_SUCCESS);
        reset();
    }
    void reset() {
        Bytes atr;
        REQUIRE(driver.power_up(0, atr, IFD_RESET) == IFD_SUCCESS);
    }
    /// Sends header, Lc and data; the answer is veiled at once.
    Veiled send(Bytes command, std::initializer_list<const Veiled*> parts) {
        command.push_back(0);
        for (const Veiled* part : parts)
            append(command, part->unveil());
        command[4] = static_cast<std::uint8_t>(command.size() - 5);
        command.push_back(0);
        Bytes response;
        REQUIRE(driver.send(0, command, response) == IFD_SUCCESS);
        return Veiled(response);
    }
    std::string status(const Bytes& header, std::initializer_list<const Veiled*> parts) {
        const Bytes answer = send(header, parts).unveil();
        return to_hex(ByteView(answer).last(2));
    }
    /// Mutual authentication with the witness, by triple DES.
    void become_administrator(const Veiled& key) {
        const Veiled ask(Bytes{0x7C, 0x02, 0x80, 0x00});
        const Bytes witness = send({0x00, 0x87, 0x03, 0x9B}, {&ask}).unveil();
        REQUIRE(witness.size() == 14);
        const Bytes block = crypto::block_decrypt(crypto::BlockCipher::tdes, key.unveil(),
                                                  ByteView(witness).subspan(4, 8));
        const Veiled answer(
            TlvWriter().open(0x7C).add(0x80, block).add(0x81, Bytes(8, 0x5A)).close().take());
        REQUIRE(status({0x00, 0x87, 0x03, 0x9B}, {&answer}) == "9000");
    }

    Swtpm swtpm;
    State state;
    Module driver;
};

const Bytes verify{0x00, 0x20, 0x00, 0x80};
const Bytes change_pin{0x00, 0x24, 0x00, 0x80};

} // namespace

TEST_CASE("a process with the driver holds no PIN after VERIFY", "[driver][wipe]") {
    LoadedDriver loaded(GENERATE(0, 3));
    const Veiled old_pin(as_bytes("123456\xFF\xFF"));
    const Veiled puk(as_bytes("12345678"));
    const Veiled pin(as_bytes("80257391"));
    const Veiled third_pin(as_bytes("26048177"));
    const Veiled wrong_pin(as_bytes("93175208"));
    MemoryWatch watch;
    watch.look_for("PIN", pin.unveil());
    watch.look_for("PIN set by the PUK", third_pin.unveil());
    watch.look_for("wrong PIN", wrong_pin.unveil());
    REQUIRE(watch.findings() == "");
    CHECK(loaded.status(change_pin, {&old_pin, &pin}) == "9000");
    CHECK(watch.findings() == "");
    CHECK(loaded.status(verify, {&pin}) == "9000");
    CHECK(watch.findings() == "");
    CHECK(loaded.status(verify, {&wrong_pin}) == "63c2");
    CHECK(loaded.status(change_pin, {&wrong_pin, &pin}) == "63c1");
    CHECK(loaded.status({0x00, 0x2C, 0x00, 0x80}, {&puk, &third_pin}) == "9000");
    CHECK(loaded.status(verify, {&third_pin}) == "9000");
    CHECK(watch.findings() == "");
}

TEST_CASE("nor the admin key after its session", "[driver][wipe]") {
    LoadedDriver loaded;
    const Veiled key(crypto::random_bytes(24));
    loaded.become_administrator(Veiled(card::default_admin_key(card::AdminAlgorithm::tdes)));
    MemoryWatch watch;
    watch.look_for("admin key", key.unveil());
    REQUIRE(watch.findings() == "");
    const Veiled head(Bytes{0x03, 0x9B, 0x18});
    CHECK(loaded.status({0x00, 0xFF, 0xFF, 0xFF}, {&head, &key}) == "9000");
    CHECK(watch.findings() == "");
    loaded.reset();
    loaded.become_administrator(key);
    loaded.reset();
    CHECK(watch.findings() == "");
}

TEST_CASE("the watch sees what a process with the driver holds", "[driver][wipe]") {
    const LoadedDriver loaded;
    const Veiled secret(crypto::random_bytes(24));
    MemoryWatch watch;
    watch.look_for("secret", secret.unveil());
    REQUIRE(watch.findings() == "");
    const Bytes plain = secret.unveil();
    CHECK(watch.findings() != "");
}
