// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/fixture.hpp"

#include "tpm/authority.hpp"

// PIN resets by the holder of the admin key, on cards without a PUK, and attacks on them. The
// attacker is root: he has the card's files and the whole TPM, but not the authority's value.

using namespace tpmvsc;
using namespace tpmvsc::tpm;

namespace {

constexpr unsigned limit = 3;
/// TPM2_PolicyOR answers TPM_RC_VALUE to a policy that is not in its list.
constexpr Fault not_a_branch = Fault::bad_input;
const Bytes pin(32, 0x11);
const Bytes new_pin(32, 0x22);
const Bytes value(32, 0x33);
const Bytes guess(32, 0x44);

/// A PIN that `authority` may reset.
struct ResettablePin : TpmFixture {
    ResettablePin() {
        authority = make_authority(value);
        index = pin_index(pin, limit, {authority.name});
    }
    Authority make_authority(ByteView auth_value) {
        Authority made;
        tpm.run([&](Connection& c) { made = create_authority(c, parent, auth_value); });
        return made;
    }
    PinCheck check(ByteView pin_value) {
        PinCheck result = PinCheck::wrong;
        tpm.run([&](Connection& c) {
            result = check_pin(c, parent, index, pin_value, std::chrono::seconds(60), nullptr);
        });
        return result;
    }
    /// The fault of a reset; nothing when it succeeds.
    std::optional<Fault> reset(const PinIndex& target, const Authority& by, ByteView by_value) {
        try {
            tpm.run([&](Connection& c) { unblock_pin(c, parent, target, by, by_value, new_pin); });
            return std::nullopt;
        } catch (const Error& error) {
            return error.fault();
        }
    }

    Authority authority;
    PinIndex index;
};

} // namespace

TEST_CASE("the authority resets a blocked PIN") {
    ResettablePin f;
    for (unsigned i = 0; i < limit; ++i) {
        CHECK(f.check(guess) == PinCheck::wrong);
    }
    REQUIRE(f.check(pin) == PinCheck::blocked);
    CHECK_FALSE(f.reset(f.index, f.authority, value));
    CHECK(f.check(new_pin) == PinCheck::right);
    CHECK(f.check(pin) == PinCheck::wrong);
    f.tpm.run([&](Connection& c) { CHECK(read_count(c, f.parent, f.index).limit == limit); });
}

TEST_CASE("Attack: resetting a PIN without the authority's value") {
    ResettablePin f;
    CHECK(f.reset(f.index, f.authority, guess) == Fault::auth_failed);
    CHECK(f.check(pin) == PinCheck::right);
}

TEST_CASE("Attack: resetting a PIN by an authority of one's own") {
    ResettablePin f;
    const Authority forged = f.make_authority(guess);
    CHECK(f.reset(f.index, forged, guess) == not_a_branch);
    const Authority same_value = f.make_authority(value);
    CHECK(f.reset(f.index, same_value, value) == not_a_branch);
    CHECK(f.check(pin) == PinCheck::right);
}

TEST_CASE("Attack: resetting the PIN of a card with a PUK by the admin key") {
    ResettablePin f;
    const PinIndex puk = f.pin_index(value, limit);
    const PinIndex other = f.pin_index(pin, limit, {puk.name});
    CHECK(f.reset(other, f.authority, value) == not_a_branch);
    // The branches of the other PIN do not help.
    PinIndex dressed_up = other;
    dressed_up.branches = f.index.branches;
    CHECK(f.reset(dressed_up, f.authority, value) == Fault::policy_failed);
}
