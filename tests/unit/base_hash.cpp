// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.hpp"
#include "base/stretch.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_unhex.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace tpmvsc;
using namespace tpmvsc::crypto;
using tpmvsc::test::unhex;

namespace {

/// How this program's getrandom is to behave: the kernel's may give less, or be interrupted.
struct Kernel {
    std::size_t most = 0; ///< bytes that one call gives; 0 for all
    int error = 0;        ///< errno of the next call, once
};
Kernel kernel;

} // namespace

extern "C" ssize_t getrandom(void* target, size_t size, unsigned flags) {
    if (kernel.error != 0) {
        errno = std::exchange(kernel.error, 0);
        return -1;
    }
    if (kernel.most != 0)
        size = std::min(size, kernel.most);
    return ::syscall(SYS_getrandom, target, size, flags);
}

TEST_CASE("random bytes that come in pieces fill the whole") {
    kernel = {5, EINTR};
    const Bytes bytes = random_bytes(64);
    kernel = {};
    for (std::size_t start = 0; start < bytes.size(); start += 8)
        CHECK(read_big_endian(ByteView(bytes).subspan(start, 8)) != 0);
}

TEST_CASE("without random bytes nothing is made that needs them") {
    kernel.error = ENOSYS;
    CHECK_THROWS_AS(random_bytes(16), CryptoError);
    kernel.error = ENOSYS;
    CHECK_THROWS_AS(gcm_seal(Bytes(32), {}, {}), CryptoError);
    kernel.error = ENOSYS;
    CHECK_THROWS_AS(EcKeyPair::generate(Curve::p256), CryptoError);
    kernel = {};
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4") {
    CHECK(to_hex(sha256({as_bytes("abc")})) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256({as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")})) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(to_hex(sha256({Bytes(1000000, 'a')})) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("hashing parts is hashing what they make together") {
    CHECK(sha256({as_bytes("a"), {}, as_bytes("bc")}) == sha256({as_bytes("abc")}));
    CHECK(sha256({as_bytes("a"), as_bytes("b")}) != sha256({as_bytes("b"), as_bytes("a")}));
    const Bytes key(32, 7);
    CHECK(hmac_sha256(key, {as_bytes("a"), {}, as_bytes("bc")}) ==
          hmac_sha256(key, {as_bytes("abc")}));
}

TEST_CASE("HMAC-SHA-256 gives the results of RFC 4231") {
    struct Vector {
        Bytes key;
        Bytes data;
        const char* result;
    };
    const std::initializer_list<Vector> vectors = {
        {Bytes(20, 0x0b), to_bytes("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {to_bytes("Jefe"), to_bytes("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {Bytes(20, 0xaa), Bytes(50, 0xdd),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), Bytes(50, 0xcd),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {Bytes(131, 0xaa), to_bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const Vector& vector : vectors)
        CHECK(to_hex(hmac_sha256(vector.key, {vector.data})) == vector.result);
}

TEST_CASE("HMAC takes an empty key, as unauthorised TPM sessions have") {
    CHECK(to_hex(hmac_sha256({}, {})) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("random bytes come in the size asked for and never twice") {
    CHECK(random_bytes(0).empty());
    std::set<Bytes> seen;
    for (int i = 0; i < 100; ++i)
        CHECK(seen.insert(random_bytes(16)).second);
    const Bytes many = random_bytes(5000);
    REQUIRE(many.size() == 5000);
    // 32 zeros in a row mean that a part was never filled.
    const Bytes zeros(32, 0);
    CHECK(std::search(many.begin(), many.end(), zeros.begin(), zeros.end()) == many.end());
    Bytes framed(18, 0x5a);
    random_fill(std::span(framed).subspan(1, 16));
    CHECK(framed.front() == 0x5a);
    CHECK(framed.back() == 0x5a);
    CHECK(Bytes(framed.begin() + 1, framed.end() - 1) != Bytes(16, 0x5a));
}

TEST_CASE("a forked process draws other random bytes") {
    random_bytes(16); // whatever state there may be exists before the fork
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const Bytes drawn = random_bytes(16);
        ::_exit(::write(ends[1], drawn.data(), drawn.size()) == 16 ? 0 : 1);
    }
    REQUIRE(child > 0);
    const Bytes own = random_bytes(16);
    Bytes other(16);
    CHECK(::read(ends[0], other.data(), other.size()) == 16);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(own != other);
}

TEST_CASE("PBKDF2 gives the keys of RFC 7914 section 11") {
    CHECK(to_hex(stretch(as_bytes("passwd"), as_bytes("salt"), 1)) ==
          "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    CHECK(to_hex(stretch(as_bytes("Password"), as_bytes("NaCl"), 80000)) ==
          "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}
