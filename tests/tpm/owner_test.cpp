// SPDX-License-Identifier: Apache-2.0

// The password of the TPM's owner, which cards are created and destroyed with.
#include "tests/catch.hpp"
#include "tests/support/swtpm.hpp"
#include "tests/tpm/owner_password.hpp"

#include "card/create.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/error.hpp"
#include "tpm/parent.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

using namespace tpmvsc;

namespace {

constexpr std::string_view password = "the owner's password";
constexpr std::string_view wrong_password = "not the owner's word";

/// All that goes to a TPM and comes from it, while this object lives.
class Listener {
  public:
    explicit Listener(const test::Swtpm& swtpm) : file_(swtpm.folder() + "/wire") {
        setenv("TCTI_PCAP_FILE", file_.c_str(), 1);
    }
    ~Listener() { unsetenv("TCTI_PCAP_FILE"); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// How often `text` has passed by.
    std::size_t heard(std::string_view text) const {
        std::ifstream stream(file_, std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(stream), {}};
        std::size_t count = 0;
        for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
            ++count;
        return count;
    }

  private:
    std::string file_;
};

card::CreateOptions options(std::string_view owner_auth) {
    card::CreateOptions result;
    result.name = "Test card";
    result.pin = SecretBytes(as_bytes("123456"));
    result.puk = SecretBytes(as_bytes("12345678"));
    result.admin_key = SecretBytes(card::default_admin_key(card::AdminAlgorithm::tdes));
    result.owner_auth = SecretBytes(as_bytes(owner_auth));
    return result;
}

tpm::Fault fault_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const tpm::Error& error) {
        return error.fault();
    }
    return tpm::Fault::other;
}

} // namespace

TEST_CASE("The owner's password is not on the wire") {
    const test::Swtpm swtpm;
    const Listener listener(swtpm);
    tpm::Tpm tpm("pcap:" + swtpm.tcti(), std::chrono::seconds(2));
    const card::Store store(swtpm.folder() + "/cards");
    test::set_owner_password(tpm, password);
    // Setting it in the clear shows that the listener listens.
    REQUIRE(listener.heard(password) == 1);

    // The first card makes the parent key, the second one finds it.
    for (int round = 0; round < 2; ++round) {
        const auto identity = card::create(store, tpm, options(password), {});
        CHECK(tpm::read_facts(tpm).parent_present);
        CHECK(tpm::read_facts(tpm).nv_indices == 3);
        CHECK(
            card::destroy(store, tpm, store.path() + "/" + to_hex(identity.id), as_bytes(password))
                .empty());
        CHECK(tpm::read_facts(tpm).nv_indices == 0);
    }
    // What an interrupted command left is cleared by it as well.
    const auto identity = card::create(store, tpm, options(password), {});
    store.begin_destroy(store.path() + "/" + to_hex(identity.id));
    card::sweep(store, tpm, as_bytes(password));
    CHECK(tpm::read_facts(tpm).nv_indices == 0);
    tpm.close();
    CHECK(listener.heard(password) == 1);
}

TEST_CASE("A wrong password of the owner's is refused, and is not on the wire either") {
    const test::Swtpm swtpm;
    const Listener listener(swtpm);
    tpm::Tpm tpm("pcap:" + swtpm.tcti(), std::chrono::seconds(2));
    const card::Store store(swtpm.folder() + "/cards");
    test::set_owner_password(tpm, password);
    const auto create_with = [&](std::string_view owner_auth) {
        return fault_of([&] { card::create(store, tpm, options(owner_auth), {}); });
    };
    CHECK(create_with(wrong_password) == tpm::Fault::auth_failed); // without a parent key
    CHECK(create_with("") == tpm::Fault::auth_failed);
    const auto identity = card::create(store, tpm, options(password), {});
    CHECK(create_with(wrong_password) == tpm::Fault::auth_failed); // with one
    CHECK(fault_of([&] {
              card::destroy(store, tpm, store.path() + "/" + to_hex(identity.id),
                            as_bytes(wrong_password));
          }) == tpm::Fault::auth_failed);
    CHECK(store.list().size() == 1);
    CHECK(store.leftovers().empty());
    CHECK(tpm::read_facts(tpm).nv_indices == 3);
    // The refusals have left nothing loaded that would be in the way.
    card::create(store, tpm, options(password), {});
    CHECK(tpm::read_facts(tpm).nv_indices == 6);
    tpm.close();
    CHECK(listener.heard(password) == 1);
    CHECK(listener.heard(wrong_password) == 0);
}

TEST_CASE("A password that ends in zeros is the one without them") {
    const test::Swtpm swtpm;
    tpm::Tpm tpm(swtpm.tcti(), std::chrono::seconds(2));
    const card::Store store(swtpm.folder() + "/cards");
    const std::string padded("secret\0\0", 8);
    test::set_owner_password(tpm, padded);
    card::create(store, tpm, options("secret"), {});
    card::create(store, tpm, options(padded), {});
    CHECK(store.list().size() == 2);
}
