// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/connection.hpp"
#include "tpm/lockout.hpp"
#include "tpm/parent.hpp"
#include "tpm/pin_index.hpp"
#include "tpm/tpm.hpp"

namespace tpmvsc::test {

/// OtherUser is another program on the same TPM, with a password of its own under the TPM's
/// dictionary-attack logic, as disk encryption has. Each call has a connection of its own, and
/// wants the TPM for itself.
class OtherUser {
  public:
    explicit OtherUser(const std::string& tcti) : tpm_(tcti, std::chrono::seconds(2)) {}

    /// Its password is entered wrongly so often; gives how many of them the TPM has compared.
    unsigned fail(unsigned times) {
        unsigned compared = 0;
        for (; times > 0; --times) {
            if (enter(Bytes(32, 0x66)) == tpm::PinCheck::wrong)
                ++compared;
        }
        return compared;
    }
    bool succeeds() { return enter(password_) == tpm::PinCheck::right; }
    void reset_lockout() { with_lockout(tpm::reset_lockout); }
    void set_limits(const tpm::LockoutLimits& limits) {
        with_lockout([&](tpm::Connection& connection, ByteView password) {
            tpm::set_lockout(connection, password, limits);
        });
    }

  private:
    tpm::PinCheck enter(ByteView value) {
        tpm::PinCheck check{};
        tpm_.run([&](tpm::Connection& c) {
            if (!index_) {
                parent_ = tpm::find_or_create_parent(c, {});
                const tpm::PinIndexPlan plan{password_, 0, {}, tpm::PinIndexKind::ordinary};
                index_ = tpm::NewPinIndex(c, parent_, {}, plan).index();
            }
            check = tpm::check_pin(c, parent_, *index_, value, std::chrono::seconds(1), nullptr);
        });
        tpm_.close();
        return check;
    }
    template<typename Work>
    void with_lockout(Work&& work) {
        tpm_.run([&](tpm::Connection& connection) { work(connection, ByteView()); });
        tpm_.close();
    }

    tpm::Tpm tpm_;
    const Bytes password_ = Bytes(32, 0x77);
    tpm::Parent parent_;
    std::optional<tpm::PinIndex> index_;
};

} // namespace tpmvsc::test
