// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.hpp"
#include "tests/tpm/bus_listener.hpp"
#include "tests/tpm/owner_password.hpp"

#include "tpm/error.hpp"
#include "tpm/lockout.hpp"

using namespace tpmvsc;
using namespace tpmvsc::tpm;

TEST_CASE("The lockout password is not on the wire") {
    const Bytes password = to_bytes("correct horse battery staple");
    const Bytes wrong = to_bytes("incorrect horse battery staple");
    const test::Swtpm swtpm;
    test::BusListener listener(swtpm);
    Tpm tpm(listener.tcti(), std::chrono::seconds(2));
    test::set_hierarchy_password(tpm, TPM2_RH_LOCKOUT, password);
    REQUIRE(listener.heard(password)); // setting it in the clear shows that the listener listens
    listener.forget();

    const LockoutLimits limits{7, std::chrono::seconds(11), std::chrono::seconds(0)};
    tpm.run([&](Connection& c) {
        set_lockout(c, password, limits);
        reset_lockout(c, password);
        CHECK(read_lockout(c).limits == limits);
        CHECK_THROWS_AS(reset_lockout(c, wrong), Error);
    });
    tpm.close();
    CHECK(listener.bytes_heard() > 0);
    CHECK_FALSE(listener.heard(password));
    CHECK_FALSE(listener.heard(wrong));
}
