// SPDX-License-Identifier: Apache-2.0
//
// The attacker of these tests is root: the card's files are in hand, the TPM answers, its owner
// password is empty. What is missing is the PIN. Each test counts the guesses that were really
// checked.
#include "tests/catch.hpp"
#include "tests/tpm/attacker.hpp"

#include "base/crypto.hpp"
#include "tpm/nv.hpp"
#include "tpm/policy.hpp"
#include "tpm/policy_session.hpp"
#include "tpm/session_crypto.hpp"
#include "tpm/tpm2b.hpp"

using namespace tpmvsc;
using namespace tpmvsc::tpm;

namespace {

const Bytes pin(32, 0x11);
const Bytes guess(32, 0x22);
const Bytes puk(32, 0x44);
constexpr std::uint32_t limit = 3;

PinCount count(TpmFixture& f, const PinIndex& index) {
    PinCount result;
    f.tpm.run([&](Connection& c) { result = read_count(c, f.parent, index); });
    return result;
}

PinCheck check(TpmFixture& f, const PinIndex& index, ByteView value, Ticket* ticket = nullptr) {
    PinCheck result{};
    f.tpm.run([&](Connection& c) {
        result = check_pin(c, f.parent, index, value, std::chrono::seconds(600), ticket);
    });
    return result;
}

NewKey make_key(TpmFixture& f, const PinIndex& index) {
    NewKey key;
    f.tpm.run(
        [&](Connection& c) { key = create_key(c, f.parent, KeyAlgorithm::p256, index.name); });
    return key;
}

/// TPM2_Sign with whatever authorisation the attacker has thought of.
void sign(Connection& c, const Parent& parent, const NewKey& key, const Authorization& with) {
    const std::uint32_t handle = c.load(parent, key.blob);
    const auto digest = to_tpm2b<TPM2B_DIGEST>(Bytes(32, 1));
    TPMT_SIG_SCHEME scheme{};
    scheme.scheme = TPM2_ALG_ECDSA;
    scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
    TPMT_TK_HASHCHECK none{};
    none.tag = TPM2_ST_HASHCHECK;
    none.hierarchy = TPM2_RH_NULL;
    c.executor().run({.name = "TPM2_Sign",
                      .code = TPM2_CC_Sign,
                      .names = {object_name(key.blob)},
                      .authorizations = {with}},
                     [&](TSS2_SYS_CONTEXT* sys) {
                         return Tss2_Sys_Sign_Prepare(sys, handle, &digest, &scheme, &none);
                     });
}

void nv_write(Connection& c, std::uint32_t authority, ByteView authority_name,
              const PinIndex& index, const Authorization& with) {
    const auto zeros =
        to_tpm2b<TPM2B_MAX_NV_BUFFER>(concat({big_endian32(0), big_endian32(limit)}));
    c.executor().run({.name = "TPM2_NV_Write",
                      .code = TPM2_CC_NV_Write,
                      .names = {to_bytes(authority_name), index.name},
                      .authorizations = {with}},
                     [&](TSS2_SYS_CONTEXT* sys) {
                         return Tss2_Sys_NV_Write_Prepare(sys, authority, index.handle, &zeros, 0);
                     });
}

TPMS_NV_PUBLIC public_area(TpmFixture& f, const PinIndex& index) {
    TPMS_NV_PUBLIC area{};
    f.tpm.run([&](Connection& c) { area = read_nv_public(c, index.handle)->area; });
    return area;
}

/// Guesses by `method` until the TPM refuses to check; gives how many guesses it checked. A right
/// guess at the end proves that the refusal is not a matter of the value.
unsigned guesses_until_blocked(TpmFixture& f, const PinIndex& index,
                               const std::function<std::optional<Fault>(ByteView)>& method) {
    unsigned checked = 0;
    while (checked < 20 && method(guess) == Fault::auth_failed)
        ++checked;
    CHECK(method(pin) == Fault::auth_blocked);
    CHECK(check(f, index, pin) == PinCheck::blocked);
    return checked;
}

} // namespace

TEST_CASE("Attack: the owner defines the PIN index anew with a PIN of his own") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    const NewKey key = make_key(f, index);
    TPMS_NV_PUBLIC area = public_area(f, index);
    f.tpm.run([&](Connection& c) {
        undefine_nv(c, index.handle, index.name, {});
        area.attributes &= ~static_cast<TPMA_NV>(TPMA_NV_WRITTEN);
        define_nv(c, f.parent, {}, area, guess);
        CHECK(*current_name(c, index.handle) != index.name);
    });
    PinIndex forged = index;
    forged.name = nv_name(area);
    SECTION("he cannot write it as owner") {
        CHECK(fault_of(f, [&](Connection& c) {
            nv_write(c, TPM2_RH_OWNER, handle_name(TPM2_RH_OWNER), forged, {});
        }));
    }
    SECTION("he cannot write it with its PIN") {
        CHECK(fault_of(f, [&](Connection& c) {
            nv_write(c, index.handle, forged.name, forged, {.auth_value = guess});
        }));
    }
    SECTION("he cannot write it by a signature of his own") {
        const auto own = crypto::EcKeyPair::generate(crypto::Curve::p256);
        CHECK(fault_of(f, [&](Connection& c) {
                  Session& policy = c.policy_session(f.parent);
                  policy_nv_written(c, policy, false);
                  policy_or(c, policy, index.branches);
              }) == Fault::bad_input);
    }
    SECTION("an unwritten index proves nothing") {
        CHECK(check(f, forged, guess) == PinCheck::blocked);
    }
    bool still_forged = false;
    f.tpm.run([&](Connection& c) { still_forged = *current_name(c, index.handle) == index.name; });
    CHECK_FALSE(still_forged);
    CHECK(fault_of(f, [&](Connection& c) {
              Session& policy = c.policy_session(f.parent);
              sign(c, f.parent, key, {.session = &policy});
          }) == Fault::policy_failed);
}

TEST_CASE("Attack: guessing at PolicySecret, with a password or in a session") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    SECTION("password") {
        CHECK(guesses_until_blocked(f, index, [&](ByteView value) {
                  return fault_of(f, [&](Connection& c) {
                      policy_secret(c, c.policy_session(f.parent), index.handle, index.name, value);
                  });
              }) == limit);
    }
    SECTION("session") {
        CHECK(guesses_until_blocked(f, index, [&](ByteView value) {
                  switch (check(f, index, value)) {
                  case PinCheck::wrong:
                      return std::optional(Fault::auth_failed);
                  case PinCheck::blocked:
                      return std::optional(Fault::auth_blocked);
                  default:
                      return std::optional<Fault>();
                  }
              }) == limit);
    }
}

TEST_CASE("Attack: guessing by reading the index with its PIN") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    CHECK(guesses_until_blocked(f, index, [&](ByteView value) {
              return fault_of(f, [&](Connection& c) { nv_read(c, index, {.auth_value = value}); });
          }) == limit);
}

TEST_CASE("Attack: guessing the old PIN while changing it") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    CHECK(guesses_until_blocked(f, index, [&](ByteView value) {
              PinCheck result{};
              f.tpm.run(
                  [&](Connection& c) { result = change_pin(c, f.parent, index, value, guess); });
              return result == PinCheck::wrong     ? std::optional(Fault::auth_failed)
                     : result == PinCheck::blocked ? std::optional(Fault::auth_blocked)
                                                   : std::optional<Fault>();
          }) == limit);
}

TEST_CASE("Attack: guessing the PUK to unblock the PIN") {
    TpmFixture f;
    const PinIndex puk_index = f.pin_index(puk, limit);
    const PinIndex index = f.pin_index(pin, limit, {puk_index.name});
    unsigned checked = 0;
    PinCheck result = PinCheck::wrong;
    while (checked < 20) {
        f.tpm.run([&](Connection& c) {
            result = unblock_pin(c, f.parent, index, puk_index, guess, guess);
        });
        if (result != PinCheck::wrong)
            break;
        ++checked;
    }
    CHECK(result == PinCheck::blocked);
    CHECK(checked == limit);
    f.tpm.run([&](Connection& c) {
        CHECK(unblock_pin(c, f.parent, index, puk_index, puk, guess) == PinCheck::blocked);
    });
    CHECK(check(f, index, pin) == PinCheck::right);
}

TEST_CASE("Attack: policy branches that would check the PIN without counting do not exist") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    const auto extend = GENERATE(TPM2_CC_PolicyAuthValue, TPM2_CC_PolicyPassword);
    for (int i = 0; i < 10; ++i) {
        CHECK(fault_of(f, [&](Connection& c) {
                  Session& policy = c.policy_session(f.parent);
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
    CHECK(count(f, index).used == 0);
}

TEST_CASE("Attack: the reading branch neither writes nor changes") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    check(f, index, guess);
    CHECK(fault_of(f, [&](Connection& c) {
              Session& policy = c.policy_session(f.parent);
              policy_command_code(c, policy, TPM2_CC_NV_Read);
              policy_or(c, policy, index.branches);
              nv_write(c, index.handle, index.name, index, {.session = &policy});
          }) == Fault::policy_failed);
    CHECK(count(f, index).used == 1);
}

TEST_CASE("Attack: the creator's branches are closed after creation") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    check(f, index, guess);
    SECTION("the approved change policy wants the old PIN") {
        CHECK(fault_of(f, [&](Connection& c) {
                  Session& policy = c.policy_session(f.parent);
                  policy_command_code(c, policy, TPM2_CC_NV_ChangeAuth);
                  const auto approved = to_tpm2b<TPM2B_DIGEST>(index.change.policy);
                  const TPM2B_NONCE none{};
                  const auto key = to_tpm2b_name(index.creator_name);
                  const auto ticket = unmarshal<TPMT_TK_VERIFIED>(
                      Tss2_MU_TPMT_TK_VERIFIED_Unmarshal, index.change.ticket);
                  c.executor().run(
                      {.name = "TPM2_PolicyAuthorize", .code = TPM2_CC_PolicyAuthorize},
                      [&](TSS2_SYS_CONTEXT* sys) {
                          return Tss2_Sys_PolicyAuthorize_Prepare(sys, policy.handle(), &approved,
                                                                  &none, &key, &ticket);
                      });
              }) == Fault::bad_input);
    }
    SECTION("another policy was not approved") {
        CHECK(fault_of(f, [&](Connection& c) {
            Session& policy = c.policy_session(f.parent);
            policy_command_code(c, policy, TPM2_CC_NV_Write);
            const auto approved =
                to_tpm2b<TPM2B_DIGEST>(policy::command_code(policy::start(), TPM2_CC_NV_Write));
            const TPM2B_NONCE none{};
            const auto key = to_tpm2b_name(index.creator_name);
            const auto ticket = unmarshal<TPMT_TK_VERIFIED>(Tss2_MU_TPMT_TK_VERIFIED_Unmarshal,
                                                            index.change.ticket);
            c.executor().run({.name = "TPM2_PolicyAuthorize", .code = TPM2_CC_PolicyAuthorize},
                             [&](TSS2_SYS_CONTEXT* sys) {
                                 return Tss2_Sys_PolicyAuthorize_Prepare(
                                     sys, policy.handle(), &approved, &none, &key, &ticket);
                             });
        }));
    }
    CHECK(count(f, index).used == 1);
}

TEST_CASE("Attack: a power cut after each guess") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    unsigned checked = 0;
    for (int i = 0; i < 10; ++i) {
        if (check(f, index, guess) == PinCheck::wrong)
            ++checked;
        f.swtpm.stop();
        f.swtpm.start();
    }
    CHECK(checked == limit);
    CHECK(check(f, index, pin) == PinCheck::blocked);
}

TEST_CASE("Attack: using a key without the PIN over a connection of one's own") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    const NewKey key = make_key(f, index);
    SECTION("an empty password") {
        CHECK(fault_of(f, [&](Connection& c) { sign(c, f.parent, key, {}); }));
    }
    SECTION("a policy session that has seen nothing") {
        CHECK(fault_of(f, [&](Connection& c) {
                  sign(c, f.parent, key, {.session = &c.policy_session(f.parent)});
              }) == Fault::policy_failed);
    }
    SECTION("PolicySecret of something whose secret is known") {
        CHECK(fault_of(f, [&](Connection& c) {
                  Session& policy = c.policy_session(f.parent);
                  policy_secret(c, policy, TPM2_RH_OWNER, handle_name(TPM2_RH_OWNER), {});
                  sign(c, f.parent, key, {.session = &policy});
              }) == Fault::policy_failed);
    }
    SECTION("a ticket of another PIN index") {
        const PinIndex own = f.pin_index(guess, limit);
        Ticket ticket;
        REQUIRE(check(f, own, guess, &ticket) == PinCheck::right);
        CHECK(fault_of(f, [&](Connection& c) {
                  Session& policy = c.policy_session(f.parent);
                  policy_ticket(c, policy, ticket, index.name);
              }) == Fault::ticket_expired);
        CHECK(fault_of(f, [&](Connection& c) {
                  Session& policy = c.policy_session(f.parent);
                  policy_ticket(c, policy, ticket, own.name);
                  sign(c, f.parent, key, {.session = &policy});
              }) == Fault::policy_failed);
    }
    SECTION("a ticket whose time has been stretched") {
        Ticket ticket;
        REQUIRE(check(f, index, pin, &ticket) == PinCheck::right);
        ticket.timeout.back() ^= 1;
        CHECK(fault_of(f, [&](Connection& c) {
                  policy_ticket(c, c.policy_session(f.parent), ticket, index.name);
              }) == Fault::ticket_expired);
    }
    SECTION("a ticket from before the TPM was restarted") {
        Ticket ticket;
        REQUIRE(check(f, index, pin, &ticket) == PinCheck::right);
        f.swtpm.stop();
        f.swtpm.start();
        const auto fault = fault_of(f, [&](Connection& c) {
            Session& policy = c.policy_session(f.parent);
            policy_ticket(c, policy, ticket, index.name);
            sign(c, f.parent, key, {.session = &policy});
        });
        REQUIRE(fault.has_value());
        CHECK((*fault == Fault::ticket_expired || *fault == Fault::policy_failed));
    }
}

TEST_CASE("Attack: a key taken to another TPM") {
    TpmFixture f;
    const PinIndex index = f.pin_index(pin, limit);
    const NewKey key = make_key(f, index);
    TpmFixture other;
    CHECK(fault_of(other, [&](Connection& c) { c.load(other.parent, key.blob); }) ==
          Fault::foreign);
}
