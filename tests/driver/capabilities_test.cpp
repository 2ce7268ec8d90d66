// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/driver/driver.hpp"
#include "tests/support/swtpm.hpp"

#include <cstring>

using namespace tpmvsc;
using namespace tpmvsc::test;

namespace {

std::uint32_t as_number(const std::optional<Bytes>& value) {
    std::uint32_t number = 0;
    REQUIRE(value.has_value());
    REQUIRE(value->size() == sizeof number);
    std::memcpy(&number, value->data(), sizeof number);
    return number;
}

std::string as_text(const std::optional<Bytes>& value) {
    REQUIRE(value.has_value());
    REQUIRE(value->back() == 0);
    return {value->begin(), value->end() - 1};
}

const std::vector<DWORD> all_tags{TAG_IFD_SLOTS_NUMBER,
                                  TAG_IFD_SLOT_THREAD_SAFE,
                                  TAG_IFD_THREAD_SAFE,
                                  TAG_IFD_SIMULTANEOUS_ACCESS,
                                  TAG_IFD_POLLING_THREAD_KILLABLE,
                                  TAG_IFD_ATR,
                                  SCARD_ATTR_ATR_STRING,
                                  SCARD_ATTR_ICC_PRESENCE,
                                  SCARD_ATTR_ICC_INTERFACE_STATUS,
                                  SCARD_ATTR_VENDOR_NAME,
                                  SCARD_ATTR_VENDOR_IFD_TYPE,
                                  SCARD_ATTR_VENDOR_IFD_VERSION,
                                  SCARD_ATTR_VENDOR_IFD_SERIAL_NO,
                                  SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
                                  SCARD_ATTR_MAXINPUT,
                                  SCARD_ATTR_CHANNEL_ID};

} // namespace

TEST_CASE("Each attribute has the value that doc/reader-attributes.md says", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    REQUIRE(driver.open(1) == IFD_SUCCESS);

    CHECK(driver.capability(0, TAG_IFD_SLOTS_NUMBER) == Bytes{2});
    CHECK(driver.capability(0, TAG_IFD_SLOT_THREAD_SAFE) == Bytes{1});
    CHECK(driver.capability(0, TAG_IFD_THREAD_SAFE) == Bytes{1});
    CHECK(driver.capability(0, TAG_IFD_SIMULTANEOUS_ACCESS) == Bytes{16});
    CHECK(driver.capability(0, TAG_IFD_POLLING_THREAD_KILLABLE) == Bytes{0});
    CHECK(as_text(driver.capability(0, SCARD_ATTR_VENDOR_NAME)) == "tpmvsc");
    CHECK(as_text(driver.capability(0, SCARD_ATTR_VENDOR_IFD_TYPE)) == "TPM Virtual Smart Card");
    CHECK(as_number(driver.capability(0, SCARD_ATTR_VENDOR_IFD_VERSION)) == TPMVSC_VERSION_NUMBER);
    CHECK(as_number(driver.capability(0, SCARD_ATTR_MAXINPUT)) == 65'544);
    CHECK(as_number(driver.capability(1, SCARD_ATTR_CHANNEL_ID)) == 0x00F00001);
    CHECK(as_number(driver.capability(0, SCARD_ATTR_CURRENT_PROTOCOL_TYPE)) == SCARD_PROTOCOL_T1);
    CHECK(std::stoul(as_text(driver.capability(0, SCARD_ATTR_VENDOR_IFD_SERIAL_NO))) > 1000);

    CHECK(driver.capability(0, SCARD_ATTR_ICC_PRESENCE) == Bytes{2});
    CHECK(driver.capability(1, SCARD_ATTR_ICC_PRESENCE) == Bytes{0});
    CHECK(driver.capability(0, SCARD_ATTR_ICC_INTERFACE_STATUS) == Bytes{0});
    Bytes atr;
    REQUIRE(driver.power_up(0, atr) == IFD_SUCCESS);
    CHECK(driver.capability(0, SCARD_ATTR_ICC_INTERFACE_STATUS) == Bytes{1});
    CHECK(driver.capability(0, SCARD_ATTR_ATR_STRING) == atr);
    CHECK(driver.capability(0, TAG_IFD_ATR) == atr);
}

TEST_CASE("What pcscd knows better, and what an empty slot has not, is not answered", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    for (const DWORD tag :
         {DWORD{SCARD_ATTR_DEVICE_FRIENDLY_NAME}, DWORD{SCARD_ATTR_DEVICE_SYSTEM_NAME},
          DWORD{TAG_IFD_DEVICE_REMOVED}, DWORD{TAG_IFD_POLLING_THREAD}, DWORD{TAG_IFD_ATR},
          DWORD{SCARD_ATTR_ATR_STRING}, DWORD{SCARD_ATTR_VENDOR_IFD_SERIAL_NO},
          DWORD{SCARD_ATTR_CURRENT_PROTOCOL_TYPE}, DWORD{0}, DWORD{0xFFFFFFFF},
          // The right number in the low half only.
          DWORD{TAG_IFD_SLOTS_NUMBER} | DWORD{1} << 32}) {
        RESPONSECODE code = IFD_SUCCESS;
        CHECK_FALSE(driver.capability(0, tag, 264, &code).has_value());
        CHECK(code == IFD_ERROR_TAG);
    }
}

TEST_CASE("No buffer is written beyond its length", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    for (const DWORD tag : all_tags) {
        const auto value = driver.capability(0, tag);
        REQUIRE(value.has_value());
        CHECK(driver.capability(0, tag, value->size()) == value);
        for (std::size_t room = 0; room < value->size(); ++room) {
            RESPONSECODE code = IFD_SUCCESS;
            CHECK_FALSE(driver.capability(0, tag, room, &code).has_value());
            CHECK(code == IFD_ERROR_INSUFFICIENT_BUFFER);
        }
        DWORD length = 264;
        CHECK(driver.get_capabilities(0, tag, &length, nullptr) == IFD_ERROR_INSUFFICIENT_BUFFER);
        CHECK(driver.get_capabilities(0, tag, nullptr, nullptr) == IFD_ERROR_INSUFFICIENT_BUFFER);
    }
}

TEST_CASE("Addresses are given for exactly a pointer's length", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    for (const DWORD tag : {TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, TAG_IFD_STOP_POLLING_THREAD}) {
        CHECK(driver.capability(0, tag, sizeof(void*)).has_value());
        for (const std::size_t room : {0, 1, 4, 7, 9, 16, 264}) {
            RESPONSECODE code = IFD_SUCCESS;
            CHECK_FALSE(driver.capability(0, tag, room, &code).has_value());
            CHECK(code == IFD_ERROR_TAG);
        }
    }
}

TEST_CASE("Nothing can be set", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    state.add_card(0);
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    Bytes value{0};
    for (const DWORD tag : all_tags) {
        CHECK(driver.set_capabilities(0, tag, value.size(), value.data()) == IFD_ERROR_TAG);
    }
    CHECK(driver.set_capabilities(0, TAG_IFD_DEVICE_REMOVED, 1, value.data()) == IFD_ERROR_TAG);
    CHECK(driver.set_capabilities(99, 0, 0, nullptr) == IFD_ERROR_TAG);
    CHECK(driver.presence(0) == IFD_ICC_PRESENT);
}

TEST_CASE("Control tells that extended APDUs work, and nothing else", "[driver]") {
    const Swtpm tpm;
    State state(tpm.tcti());
    const Module driver;
    REQUIRE(driver.open(0) == IFD_SUCCESS);
    const auto control = [&](DWORD code, std::size_t room, RESPONSECODE wanted) {
        Bytes answer(room);
        DWORD size = 77;
        CHECK(driver.control(0, code, nullptr, 0, answer.data(), answer.size(), &size) == wanted);
        REQUIRE(size <= room);
        answer.resize(size);
        return answer;
    };
    const Bytes features = control(CM_IOCTL_GET_FEATURE_REQUEST, 264, IFD_SUCCESS);
    REQUIRE(features.size() == 6);
    CHECK(features[0] == FEATURE_GET_TLV_PROPERTIES);
    CHECK(features[1] == 4);
    const auto code = static_cast<DWORD>(read_big_endian(ByteView(features).subspan(2)));
    CHECK(to_hex(control(code, 264, IFD_SUCCESS)) == "0a0400000100");
    CHECK(to_hex(control(code, 6, IFD_SUCCESS)) == "0a0400000100");
    CHECK(control(code, 5, IFD_ERROR_INSUFFICIENT_BUFFER).empty());
    CHECK(control(CM_IOCTL_GET_FEATURE_REQUEST, 0, IFD_ERROR_INSUFFICIENT_BUFFER).empty());
    CHECK(control(code + 1, 264, IFD_ERROR_NOT_SUPPORTED).empty());
    CHECK(control(code | DWORD{1} << 32, 264, IFD_ERROR_NOT_SUPPORTED).empty());
    CHECK(driver.control(0, code, nullptr, 0, nullptr, 0, nullptr) == IFD_ERROR_NOT_SUPPORTED);
}
