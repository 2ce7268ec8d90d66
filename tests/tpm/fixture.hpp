// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/swtpm.hpp"

#include "tpm/connection.hpp"
#include "tpm/objects.hpp"
#include "tpm/parent.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/tpm.hpp"

namespace tpmvsc {

/// TpmFixture is a fresh software TPM with a parent key.
struct TpmFixture {
    TpmFixture() {
        tpm.run([this](tpm::Connection& c) { parent = tpm::find_or_create_parent(c, {}); });
    }
    tpm::PinIndex pin_index(ByteView value, std::uint32_t limit,
                            std::vector<Bytes> unblockers = {}) {
        tpm::PinIndex index;
        tpm.run([&](tpm::Connection& c) {
            index = tpm::NewPinIndex(c, parent, {}, {value, limit, unblockers}).index();
        });
        return index;
    }

    BootTime now{"first", std::chrono::hours(1)};
    test::Swtpm swtpm;
    tpm::Tpm tpm{swtpm.tcti(), std::chrono::seconds(2), [this] { return now; }};
    tpm::Parent parent;
};

} // namespace tpmvsc
