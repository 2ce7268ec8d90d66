// SPDX-License-Identifier: Apache-2.0
//
// As in attack_test.cpp the attacker is root, with the card's files and the TPM but without the
// PIN; here its index is an ordinary one, and the TPM's dictionary-attack logic stands against
// guessing. Fresh, a software TPM allows three wrong values and forgets one in 1000 seconds.
#include "tests/catch.hpp"
#include "tests/tpm/attacker.hpp"
#include "tests/tpm/fixture.hpp"
#include "tests/tpm/other_user.hpp"
#include "tests/tpm/owner_password.hpp"

#include "tpm/lockout.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

#include <functional>

using namespace tpmvsc;
using namespace tpmvsc::tpm;
using namespace tpmvsc::test;

namespace {

const Bytes pin(32, 0x11);
const Bytes guess(32, 0x22);
const Bytes puk(32, 0x44);
const Bytes lockout_password(16, 0x55);
constexpr unsigned limit = 3;

PinIndex ordinary_index(TpmFixture& f, ByteView value, std::vector<Bytes> unblockers = {}) {
    PinIndex index;
    f.tpm.run([&](Connection& c) {
        const PinIndexPlan plan{value, 0, std::move(unblockers), PinIndexKind::ordinary};
        index = NewPinIndex(c, f.parent, {}, plan).index();
    });
    return index;
}

PinCheck check(TpmFixture& f, const PinIndex& index, ByteView value, Ticket* ticket = nullptr) {
    PinCheck result{};
    f.tpm.run([&](Connection& c) {
        result = check_pin(c, f.parent, index, value, std::chrono::seconds(600), ticket);
    });
    return result;
}

Lockout lockout(TpmFixture& f) {
    Lockout now;
    f.tpm.run([&](Connection& c) { now = read_lockout(c); });
    return now;
}

void set_limits(TpmFixture& f, std::uint32_t tries, int recovery) {
    f.tpm.run([&](Connection& c) {
        set_lockout(c, {}, {tries, std::chrono::seconds(recovery), std::chrono::seconds(1000)});
    });
}

/// Guesses by `method` until the TPM refuses to compare; gives how many guesses it compared. A
/// right guess at the end proves that the refusal is not a matter of the value.
unsigned guesses_until_locked(TpmFixture& f, const PinIndex& index,
                              const std::function<std::optional<Fault>(ByteView)>& method) {
    unsigned compared = 0;
    while (compared < 20 && method(guess) == Fault::auth_failed)
        ++compared;
    CHECK(method(pin) == Fault::locked_out);
    CHECK(check(f, index, pin) == PinCheck::locked);
    CHECK(lockout(f).failed == compared);
    return compared;
}

std::optional<Fault> fault_of(PinCheck check) {
    switch (check) {
    case PinCheck::wrong:
        return Fault::auth_failed;
    case PinCheck::blocked:
        return Fault::auth_blocked;
    case PinCheck::locked:
        return Fault::locked_out;
    default:
        return std::nullopt;
    }
}

/// TPM2_StartAuthSession bound to the index, for who believes its value to be `value`: an index of
/// type PIN_FAIL cannot be bound to, an ordinary one can.
Session bound_session(Connection& c, const PinIndex& index, TPM2_SE type, ByteView value) {
    const auto nonce = to_tpm2b<TPM2B_NONCE>(Bytes(32, 0x5A));
    const TPM2B_ENCRYPTED_SECRET no_salt{};
    TPMT_SYM_DEF symmetric{};
    symmetric.algorithm = TPM2_ALG_AES;
    symmetric.keyBits.aes = 128;
    symmetric.mode.aes = TPM2_ALG_CFB;
    TPM2_HANDLE handle = 0;
    TPM2B_NONCE nonce_tpm{};
    c.executor().run(
        {.name = "TPM2_StartAuthSession", .code = TPM2_CC_StartAuthSession},
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_StartAuthSession_Prepare(sys, TPM2_RH_NULL, index.handle, &nonce,
                                                     &no_salt, type, &symmetric, TPM2_ALG_SHA256);
        },
        [&](TSS2_SYS_CONTEXT* sys) {
            return Tss2_Sys_StartAuthSession_Complete(sys, &handle, &nonce_tpm);
        });
    return {handle, session_key({}, value, view_of(nonce_tpm), view_of(nonce)),
            to_bytes(view_of(nonce_tpm))};
}

/// Right only if the session's key is, where the session does no more than encrypt.
void encrypt_with(Connection& c, Session& session) {
    TPM2B_DIGEST random{};
    c.executor().run(
        {.name = "TPM2_GetRandom",
         .code = TPM2_CC_GetRandom,
         .authorizations = {{.session = &session, .encryption = session_attribute::encrypt}}},
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetRandom_Prepare(sys, 8); },
        [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_GetRandom_Complete(sys, &random); });
}

/// The same where it authorises something whose value is known and not under the lockout.
void authorise_with(Connection& c, Session& session) {
    c.executor().run({.name = "TPM2_ClockRateAdjust",
                      .code = TPM2_CC_ClockRateAdjust,
                      .names = {handle_name(TPM2_RH_OWNER)},
                      .authorizations = {{.session = &session}}},
                     [&](TSS2_SYS_CONTEXT* sys) {
                         return Tss2_Sys_ClockRateAdjust_Prepare(sys, TPM2_RH_OWNER,
                                                                 TPM2_CLOCK_NO_CHANGE);
                     });
}

std::uint64_t tpm_time(TpmFixture& f) {
    TPMS_TIME_INFO now{};
    f.tpm.run([&](Connection& c) {
        c.executor().run(
            {.name = "TPM2_ReadClock", .code = TPM2_CC_ReadClock},
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ReadClock_Prepare(sys); },
            [&](TSS2_SYS_CONTEXT* sys) { return Tss2_Sys_ReadClock_Complete(sys, &now); });
    });
    return now.time;
}

} // namespace

TEST_CASE("Attack on the lockout: guessing at PolicySecret, with a password or in a session") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    SECTION("password") {
        CHECK(guesses_until_locked(f, index, [&](ByteView value) {
                  return fault_of(f, [&](Connection& c) {
                      policy_secret(c, c.policy_session(f.parent), index.handle, index.name, value);
                  });
              }) == limit);
    }
    SECTION("session") {
        CHECK(guesses_until_locked(f, index, [&](ByteView value) {
                  return fault_of(check(f, index, value));
              }) == limit);
    }
}

TEST_CASE("Attack on the lockout: reading the index with its PIN, or changing it") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    SECTION("reading") {
        CHECK(guesses_until_locked(f, index, [&](ByteView value) {
                  return fault_of(f,
                                  [&](Connection& c) { nv_read(c, index, {.auth_value = value}); });
              }) == limit);
    }
    SECTION("changing") {
        CHECK(guesses_until_locked(f, index, [&](ByteView value) {
                  PinCheck result{};
                  f.tpm.run([&](Connection& c) {
                      result = change_pin(c, f.parent, index, value, guess);
                  });
                  return fault_of(result);
              }) == limit);
    }
}

TEST_CASE("Attack on the lockout: sessions that are bound to the index") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    const TPM2_SE type = GENERATE(TPM2_SE_HMAC, TPM2_SE_POLICY);
    using Use = void (*)(Connection&, Session&);
    const Use use = GENERATE(Use(encrypt_with), Use(authorise_with));
    const auto attempt = [&](ByteView value) {
        return fault_of(f, [&](Connection& c) {
            Session session = bound_session(c, index, type, value);
            const TransientObject ended(c, session.handle());
            use(c, session);
        });
    };
    if (type == TPM2_SE_POLICY && use == authorise_with) {
        // No policy of the owner is satisfied: nothing is compared, whatever the value.
        CHECK(attempt(guess) == attempt(pin));
        CHECK(lockout(f).failed == 0);
        return;
    }
    CHECK_FALSE(attempt(pin));
    CHECK(guesses_until_locked(f, index, attempt) == limit);
}

TEST_CASE("Attack on the lockout: PIN and PUK have the same tries") {
    TpmFixture f;
    const PinIndex puk_index = ordinary_index(f, puk);
    const PinIndex index = ordinary_index(f, pin, {puk_index.name});
    const auto unblock = [&](ByteView value, ByteView fresh) {
        PinCheck result{};
        f.tpm.run([&](Connection& c) {
            result = unblock_pin(c, f.parent, index, puk_index, value, fresh);
        });
        return result;
    };
    SECTION("the PUK alone") {
        CHECK(guesses_until_locked(f, puk_index, [&](ByteView value) {
                  return fault_of(unblock(value, guess));
              }) == limit);
        CHECK(unblock(puk, guess) == PinCheck::locked);
    }
    SECTION("by turns") {
        CHECK(check(f, index, guess) == PinCheck::wrong);
        CHECK(unblock(guess, guess) == PinCheck::wrong);
        CHECK(check(f, index, guess) == PinCheck::wrong);
        CHECK(unblock(puk, guess) == PinCheck::locked);
        CHECK(check(f, index, pin) == PinCheck::locked);
    }
    f.tpm.run([&](Connection& c) { reset_lockout(c, {}); });
    CHECK(check(f, index, pin) == PinCheck::right);
    CHECK(unblock(puk, guess) == PinCheck::right);
    CHECK(check(f, index, guess) == PinCheck::right);
}

TEST_CASE(
    "Attack on the lockout: no branch compares the PIN without counting, none is the owner's") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    SECTION("PolicyAuthValue and PolicyPassword") {
        const auto extend = GENERATE(TPM2_CC_PolicyAuthValue, TPM2_CC_PolicyPassword);
        CHECK(fault_of(f, [&](Connection& c) {
                  const Session& policy = c.policy_session(f.parent);
                  c.executor().run(
                      {.name = "PolicyAuthValue or PolicyPassword", .code = extend},
                      [&](TSS2_SYS_CONTEXT* sys) {
                          return extend == TPM2_CC_PolicyAuthValue
                                     ? Tss2_Sys_PolicyAuthValue_Prepare(sys, policy.handle())
                                     : Tss2_Sys_PolicyPassword_Prepare(sys, policy.handle());
                      });
                  policy_command_code(c, policy, TPM2_CC_NV_ChangeAuth);
                  policy_or(c, policy, index.branches);
              }) == Fault::bad_input);
    }
    SECTION("writing as the owner, or with the PIN") {
        const auto data = to_tpm2b<TPM2B_MAX_NV_BUFFER>(Bytes(8, 0));
        const auto write = [&](std::uint32_t authority, const Bytes& name, ByteView value) {
            return fault_of(f, [&](Connection& c) {
                c.executor().run({.name = "TPM2_NV_Write",
                                  .code = TPM2_CC_NV_Write,
                                  .names = {name, index.name},
                                  .authorizations = {{.auth_value = value}}},
                                 [&](TSS2_SYS_CONTEXT* sys) {
                                     return Tss2_Sys_NV_Write_Prepare(sys, authority, index.handle,
                                                                      &data, 0);
                                 });
            });
        };
        CHECK(write(TPM2_RH_OWNER, handle_name(TPM2_RH_OWNER), {}));
        CHECK(write(index.handle, index.name, pin));
    }
    SECTION("defining it anew") {
        const PinIndex again = ordinary_index(f, guess);
        CHECK(again.name != index.name);
    }
    CHECK(lockout(f).failed == 0);
    CHECK(check(f, index, pin) == PinCheck::right);
}

TEST_CASE("Attack on the lockout: a power cut after each guess") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    unsigned compared = 0;
    for (int i = 0; i < 10; ++i) {
        if (check(f, index, guess) == PinCheck::wrong)
            ++compared;
        f.swtpm.stop();
        f.swtpm.start();
    }
    // The cut itself may count as well, so it gives away guesses.
    CHECK(compared >= 1);
    CHECK(compared <= limit);
    CHECK(check(f, index, pin) == PinCheck::locked);
}

TEST_CASE("Power cuts after right PINs may count as wrong ones, and never restore a try") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    unsigned before = 0;
    for (unsigned i = 0; i < limit; ++i) {
        CHECK(check(f, index, pin) == PinCheck::right);
        f.swtpm.stop();
        f.swtpm.start();
        const unsigned now = lockout(f).failed;
        CHECK(now >= before);
        CHECK(now <= before + 1);
        before = now;
    }
    CHECK(check(f, index, pin) == (before < limit ? PinCheck::right : PinCheck::locked));
}

TEST_CASE("Attack on the lockout: waiting, restarts and clocks") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    SECTION("a further guess costs the recovery time by the TPM's own clock") {
        constexpr int recovery = 1;
        set_limits(f, limit, recovery);
        const std::uint64_t begun = tpm_time(f);
        unsigned compared = 0;
        while (compared < limit + 2) {
            if (check(f, index, guess) != PinCheck::wrong)
                continue;
            // Counted from before the first guess: on a slow machine the first ones take a while
            // themselves. Two readings and a guess are between, so a little may be missing.
            const std::uint64_t passed = tpm_time(f) + 200 - begun;
            CHECK(++compared <= limit + passed / (recovery * 1000));
        }
    }
    SECTION("a restarted TPM does not forget, and begins its time anew") {
        CHECK(guesses_until_locked(f, index, [&](ByteView value) {
                  return fault_of(check(f, index, value));
              }) == limit);
        f.swtpm.stop();
        f.swtpm.start();
        CHECK(check(f, index, pin) == PinCheck::locked);
    }
    SECTION("the owner puts the TPM's clock a week forward") {
        while (check(f, index, guess) == PinCheck::wrong) {
        }
        CHECK_FALSE(fault_of(f, [&](Connection& c) {
            c.executor().run({.name = "TPM2_ClockSet",
                              .code = TPM2_CC_ClockSet,
                              .names = {handle_name(TPM2_RH_OWNER)},
                              .authorizations = {Authorization{}}},
                             [&](TSS2_SYS_CONTEXT* sys) {
                                 return Tss2_Sys_ClockSet_Prepare(sys, TPM2_RH_OWNER,
                                                                  7ull * 86400 * 1000);
                             });
        }));
        CHECK(check(f, index, pin) == PinCheck::locked);
        CHECK(lockout(f).failed == limit);
    }
}

TEST_CASE("Attack on the lockout: root resets it, or changes its parameters") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    const auto guess_until_locked = [&] {
        unsigned compared = 0;
        while (compared < 20 && check(f, index, guess) == PinCheck::wrong)
            ++compared;
        return compared;
    };
    const auto reset = [&](ByteView password) {
        return fault_of(f, [&](Connection& c) { reset_lockout(c, password); });
    };
    const auto set = [&](ByteView password, const LockoutLimits& limits) {
        return fault_of(f, [&](Connection& c) { set_lockout(c, password, limits); });
    };
    SECTION("without a lockout password there is no limit: doc/security.md says so") {
        CHECK_FALSE(lockout(f).password_set);
        CHECK(guess_until_locked() == limit);
        CHECK_FALSE(reset({}));
        CHECK(guess_until_locked() == limit);
        CHECK_FALSE(set({}, {limit, std::chrono::seconds(0), {}}));
        CHECK_FALSE(lockout(f).limits.protects());
        CHECK(guess_until_locked() == 20);
    }
    SECTION("with one there is") {
        set_hierarchy_password(f.tpm, TPM2_RH_LOCKOUT, lockout_password);
        CHECK(lockout(f).password_set);
        set(lockout_password, {limit, std::chrono::seconds(1000), std::chrono::seconds(500)});
        CHECK(lockout(f).limits ==
              LockoutLimits{limit, std::chrono::seconds(1000), std::chrono::seconds(500)});
        CHECK(guess_until_locked() == limit);
        SECTION("who knows it ends the lockout") {
            CHECK_FALSE(reset(lockout_password));
            CHECK(lockout(f).failed == 0);
            CHECK(check(f, index, pin) == PinCheck::right);
        }
        SECTION("who does not has one guess at it, and the owner of it must wait as well") {
            CHECK(reset(guess) == Fault::auth_failed);
            CHECK(reset(guess) == Fault::locked_out);
            CHECK(reset(lockout_password) == Fault::locked_out);
            CHECK(set(lockout_password, {99, std::chrono::seconds(1), {}}) == Fault::locked_out);
        }
        SECTION("nor has who leaves it away") {
            CHECK(set({}, {99, std::chrono::seconds(1), {}}) == Fault::auth_failed);
            CHECK(lockout(f).limits.max_tries == limit);
            CHECK(check(f, index, pin) == PinCheck::locked);
        }
    }
}

TEST_CASE("A lockout by another program concerns the card that chose it, and no other") {
    TpmFixture f;
    const PinIndex counted = f.pin_index(pin, limit);
    const PinIndex index = ordinary_index(f, pin);
    Ticket ticket;
    CHECK(check(f, index, pin, &ticket) == PinCheck::right);
    f.tpm.close(); // the other program's turn
    OtherUser other(f.swtpm.tcti());
    SECTION("its wrong values are ours") {
        CHECK(other.fail(2) == 2);
        CHECK(lockout(f).tries_left() == 1);
        CHECK(check(f, index, guess) == PinCheck::wrong);
        CHECK(check(f, index, pin) == PinCheck::locked);
    }
    SECTION("and ours are its") {
        for (unsigned i = 0; i < limit; ++i)
            CHECK(check(f, index, guess) == PinCheck::wrong);
        f.tpm.close();
        CHECK_FALSE(other.succeeds());
    }
    SECTION("all at once") {
        CHECK(other.fail(9) == limit);
        CHECK(check(f, index, pin) == PinCheck::locked);
    }
    for (unsigned i = 0; i < limit; ++i) {
        CHECK(check(f, counted, guess) == PinCheck::wrong);
    }
    CHECK(check(f, counted, pin) == PinCheck::blocked);
    CHECK(lockout(f).failed == limit);
    // A login from before goes on, as the TPM compares nothing any more for it.
    f.tpm.run([&](Connection& c) { CHECK(ticket_holds(c, f.parent, index, ticket)); });
}

TEST_CASE("The lockout says how long it lasts at most") {
    TpmFixture f;
    const PinIndex index = ordinary_index(f, pin);
    CHECK(lockout(f).longest_wait() == std::chrono::seconds(0));
    set_limits(f, 9, 500);
    for (int i = 0; i < 5; ++i)
        check(f, index, guess);
    CHECK(lockout(f).tries_left() == 4);
    set_limits(f, 3, 500); // now two too many
    CHECK(lockout(f).active);
    CHECK(lockout(f).tries_left() == 0);
    CHECK(lockout(f).longest_wait() == std::chrono::seconds(1500));
    const std::uint64_t before = f.tpm.command_count();
    lockout(f);
    CHECK(f.tpm.command_count() == before + 1);
}
