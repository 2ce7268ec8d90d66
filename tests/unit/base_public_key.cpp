// SPDX-License-Identifier: Apache-2.0
#include "base/crypto.hpp"

#include "tests/catch.hpp"
#include "tests/unit/base_mbedtls.hpp"
#include "tests/unit/base_unhex.hpp"

#include <set>
#include <string>

using namespace tpmvsc;
using namespace tpmvsc::crypto;
using tpmvsc::test::EcReference;
using tpmvsc::test::RsaReference;
using tpmvsc::test::unhex;

namespace {

struct CurvePoints {
    Curve curve;
    std::size_t size;
    const char* generator; ///< SEC 2
    const char* x_is_zero; ///< a point of the curve with X = 0
    const char* x_is_p;    ///< the same point, X written as the field's prime
};

// clang-format off
const CurvePoints curves[] = {
    {Curve::p256, 32,
     "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
     "040000000000000000000000000000000000000000000000000000000000000000"
     "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4",
     "04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
     "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"},
    {Curve::p384, 48,
     "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
     "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
     "04000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1",
     "04fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff"
     "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1"},
    {Curve::p521, 66,
     "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"
     "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
     "04000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "012df13601594a883ef2d935e44bb90bf4d6619b74e52af7552f97769011c0719eb439cfab2a88d40fe59a2bed1f43557169a2d0a2ccd280c607b92bbf51ffe0b078",
     "0401ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "012df13601594a883ef2d935e44bb90bf4d6619b74e52af7552f97769011c0719eb439cfab2a88d40fe59a2bed1f43557169a2d0a2ccd280c607b92bbf51ffe0b078"},
};
// clang-format on

} // namespace

TEST_CASE("points of the curve are known as such, in every representation but theirs refused") {
    for (const CurvePoints& c : curves) {
        INFO("field of " << c.size << " bytes");
        CHECK(field_bytes(c.curve) == c.size);
        const Bytes point = unhex(c.generator);
        REQUIRE(point.size() == 1 + 2 * c.size);
        CHECK(is_on_curve(c.curve, point));
        CHECK(is_on_curve(c.curve, unhex(c.x_is_zero)));
        CHECK_FALSE(is_on_curve(c.curve, unhex(c.x_is_p)));

        CHECK_FALSE(is_on_curve(c.curve, {}));
        CHECK_FALSE(is_on_curve(c.curve, Bytes{0x00})); // SEC 1: the point at infinity
        CHECK_FALSE(is_on_curve(c.curve, Bytes(point.size(), 0)));
        Bytes origin(point.size(), 0);
        origin[0] = 4;
        CHECK_FALSE(is_on_curve(c.curve, origin));
        CHECK_FALSE(is_on_curve(c.curve, ByteView(point).first(point.size() - 1)));
        CHECK_FALSE(is_on_curve(c.curve, concat({point, Bytes{0}})));
        for (int prefix = 0; prefix < 256; ++prefix) {
            Bytes other = point;
            other[0] = static_cast<std::uint8_t>(prefix);
            CHECK(is_on_curve(c.curve, other) == (prefix == 4));
        }
        // The compressed form: valid elsewhere, not here.
        Bytes compressed = to_bytes(ByteView(point).first(1 + c.size));
        compressed[0] = static_cast<std::uint8_t>(2 + (point.back() & 1));
        CHECK_FALSE(is_on_curve(c.curve, compressed));
    }
}

TEST_CASE("a point with one bit changed is off the curve") {
    for (const CurvePoints& c : curves) {
        const Bytes point = unhex(c.generator);
        for (std::size_t i = 1; i < point.size(); ++i) {
            Bytes altered = point;
            altered[i] ^= 0x10;
            CHECK_FALSE(is_on_curve(c.curve, altered));
        }
    }
}

TEST_CASE("a point of one curve is none of another") {
    for (const CurvePoints& a : curves)
        for (const CurvePoints& b : curves)
            CHECK(is_on_curve(a.curve, unhex(b.generator)) == (a.curve == b.curve));
}

TEST_CASE("both sides of a key agreement come to the same, checked by scalar multiplication") {
    for (const CurvePoints& c : curves) {
        INFO("field of " << c.size << " bytes");
        const EcKeyPair host = EcKeyPair::generate(c.curve);
        CHECK(is_on_curve(c.curve, host.point()));
        EcReference other(c.curve);
        const auto ours = host.agree(other.point());
        REQUIRE(ours.has_value());
        CHECK(ours->size() == c.size);
        CHECK(to_bytes(ours->view()) == other.shared_x(host.point()));
    }
}

TEST_CASE("an agreed coordinate with leading zeros keeps its full length") {
    // One in 256 has one; the wrong length shows within these tries with near certainty.
    const EcKeyPair host = EcKeyPair::generate(Curve::p256);
    bool seen = false;
    for (int i = 0; i < 3000 && !seen; ++i) {
        EcReference other(Curve::p256);
        const auto x = host.agree(other.point());
        REQUIRE(x.has_value());
        REQUIRE(x->size() == 32);
        seen = x->view()[0] == 0;
        if (seen)
            CHECK(to_bytes(x->view()) == other.shared_x(host.point()));
    }
    CHECK(seen);
}

TEST_CASE("no agreement with a point off the curve") {
    for (const CurvePoints& c : curves) {
        const EcKeyPair host = EcKeyPair::generate(c.curve);
        CHECK_FALSE(host.agree({}).has_value());
        CHECK_FALSE(host.agree(Bytes{0}).has_value());
        CHECK_FALSE(host.agree(unhex(c.x_is_p)).has_value());
        Bytes off = unhex(c.generator);
        off.back() ^= 1;
        CHECK_FALSE(host.agree(off).has_value());
    }
}

TEST_CASE("generated keys differ") {
    std::set<Bytes> points;
    for (int i = 0; i < 20; ++i)
        CHECK(points.insert(EcKeyPair::generate(Curve::p256).point()).second);
}

TEST_CASE("ECDSA signatures verify, for digests of any length") {
    for (const CurvePoints& c : curves) {
        const EcKeyPair key = EcKeyPair::generate(c.curve);
        for (std::size_t size : {20, 32, 48, 64, 80}) {
            INFO("field of " << c.size << " bytes, digest of " << size);
            Bytes digest = random_bytes(size);
            const Bytes signature = key.sign(digest);
            REQUIRE(signature.size() == 2 * c.size);
            CHECK(test::ecdsa_verify(c.curve, key.point(), digest, signature));
            digest[0] ^= 0x80;
            CHECK_FALSE(test::ecdsa_verify(c.curve, key.point(), digest, signature));
        }
    }
}

TEST_CASE("OAEP is opened by the private key under the same label alone") {
    RsaReference& rsa = RsaReference::of_2048_bits();
    const ByteView label = as_bytes(std::string_view("SECRET\0", 7));
    const Bytes salt = random_bytes(32);
    const Bytes first = rsa_oaep_encrypt(rsa.modulus(), 65537, label, salt);
    CHECK(first.size() == 256);
    CHECK(rsa.oaep_decrypt(label, first) == salt);
    CHECK(rsa.oaep_decrypt(as_bytes("SECRET"), first) == std::nullopt);
    CHECK(rsa_oaep_encrypt(rsa.modulus(), 65537, label, salt) != first);
    const Bytes longest = random_bytes(256 - 2 * 32 - 2);
    CHECK(rsa.oaep_decrypt(label, rsa_oaep_encrypt(rsa.modulus(), 65537, label, longest)) ==
          longest);
    CHECK(rsa.oaep_decrypt({}, rsa_oaep_encrypt(rsa.modulus(), 65537, {}, {})) == Bytes{});
}

TEST_CASE("OAEP refuses what cannot be encrypted") {
    RsaReference& rsa = RsaReference::of_2048_bits();
    CHECK_THROWS_AS(rsa_oaep_encrypt(rsa.modulus(), 65537, {}, Bytes(256 - 2 * 32 - 1)),
                    CryptoError);
    CHECK_THROWS_AS(rsa_oaep_encrypt({}, 65537, {}, {}), CryptoError);
    CHECK_THROWS_AS(rsa_oaep_encrypt(rsa.modulus(), 0, {}, {}), CryptoError);
}
