// SPDX-License-Identifier: Apache-2.0
#include "cli/attest/tpm_structures.hpp"

#include "base/crypto.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tpmvsc::cli::attest {
namespace {

constexpr std::uint16_t alg_rsa = 0x0001;
constexpr std::uint16_t alg_aes = 0x0006;
constexpr std::uint16_t alg_sha256 = 0x000B;
constexpr std::uint16_t alg_null = 0x0010;
constexpr std::uint16_t alg_ecc = 0x0023;
constexpr std::uint16_t alg_cfb = 0x0043;
constexpr std::uint32_t policy_secret_code = 0x00000151;
constexpr std::uint32_t made_inside = 0xFF544347;
constexpr std::uint32_t fixed_attributes = (1u << 1) | (1u << 4) | (1u << 5);

struct CurveKind {
    std::uint16_t curve;
    std::size_t bytes;
    const char* name;
};
constexpr std::array curves{CurveKind{3, 32, "P-256"}, CurveKind{4, 48, "P-384"},
                            CurveKind{5, 66, "P-521"}};

/// Takes a structure apart, to its last byte.
class Reader {
  public:
    Reader(ByteView rest, std::string what) : rest_(rest), what_(std::move(what)) {}

    ByteView take(std::size_t size) {
        demand(size <= rest_.size(), what_ + " is cut short");
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }
    std::uint16_t number16() { return static_cast<std::uint16_t>(read_big_endian(take(2))); }
    std::uint32_t number32() { return static_cast<std::uint32_t>(read_big_endian(take(4))); }
    ByteView sized() { return take(number16()); }
    ByteView rest() const { return rest_; }
    void end() const { demand(rest_.empty(), what_ + " has more in it than it should"); }

  private:
    ByteView rest_;
    std::string what_;
};

void read_symmetric(Reader& reader, PublicArea& area, const std::string& what) {
    const std::uint16_t algorithm = reader.number16();
    if (algorithm == alg_null) {
        return;
    }
    constexpr unsigned bits = 128;
    const std::uint16_t size = reader.number16();
    const std::uint16_t mode = reader.number16();
    demand(algorithm == alg_aes && size == bits && mode == alg_cfb,
           what + " wraps by another cipher than AES-128-CFB");
    area.wraps_by_aes128 = true;
}

void read_scheme(Reader& reader) {
    if (reader.number16() != alg_null) {
        reader.number16();
    }
}

void read_rsa(Reader& reader, PublicArea& area) {
    constexpr std::uint32_t usual_exponent = 65537;
    read_scheme(reader);
    area.kind = "RSA-" + std::to_string(reader.number16());
    const std::uint32_t exponent = reader.number32();
    area.exponent = exponent == 0 ? usual_exponent : exponent;
    area.modulus = to_bytes(reader.sized());
    demand(area.kind == "RSA-" + std::to_string(8 * area.modulus.size()),
           "the size of an RSA key is not what it says");
}

void read_ecc(Reader& reader, PublicArea& area, const std::string& what) {
    read_scheme(reader);
    const std::uint16_t number = reader.number16();
    const auto* const curve =
        std::find_if(curves.begin(), curves.end(),
                     [number](const CurveKind& known) { return known.curve == number; });
    demand(curve != curves.end(), what + " is on an unknown curve");
    area.kind = curve->name;
    demand(reader.number16() == alg_null, what + " has a key derivation scheme");
    const ByteView x = reader.sized();
    const ByteView y = reader.sized();
    demand(x.size() <= curve->bytes && y.size() <= curve->bytes, what + " is off its curve");
    const std::uint8_t uncompressed = 4;
    area.point =
        concat({ByteView{&uncompressed, 1}, left_pad(x, curve->bytes), left_pad(y, curve->bytes)});
}

} // namespace

void demand(bool fact, const std::string& what) {
    if (!fact) {
        throw Refused(what);
    }
}

Bytes name_of(ByteView area) {
    return concat({big_endian16(alg_sha256), crypto::sha256({area})});
}

Bytes policy_secret(ByteView entity_name) {
    return crypto::sha256({crypto::sha256(
        {Bytes(crypto::sha256_bytes, 0), big_endian32(policy_secret_code), entity_name})});
}

PublicArea::PublicArea(ByteView area, const std::string& what) {
    Reader reader(area, what);
    const std::uint16_t type = reader.number16();
    demand(reader.number16() == alg_sha256, what + "'s name algorithm is not SHA-256");
    name = name_of(area);
    attributes = reader.number32();
    policy = to_bytes(reader.sized());
    read_symmetric(reader, *this, what);
    demand(type == alg_rsa || type == alg_ecc, what + " is neither RSA nor ECC");
    if (type == alg_rsa) {
        read_rsa(reader, *this);
    } else {
        read_ecc(reader, *this, what);
    }
    reader.end();
}

bool PublicArea::is_fixed() const {
    return has(fixed_attributes);
}

PinIndexArea::PinIndexArea(ByteView area) {
    constexpr std::uint32_t no_da = 1u << 25;
    constexpr std::uint32_t written_by_policy = (1u << 29) | (1u << 3);
    constexpr std::uint32_t other_writers = 0x7;
    constexpr std::uint32_t ordinary = 0;
    constexpr std::uint32_t pin_fail = 8;
    Reader reader(area, "the PIN index");
    reader.number32();
    demand(reader.number16() == alg_sha256, "the PIN index' name algorithm is not SHA-256");
    name = name_of(area);
    const std::uint32_t attributes = reader.number32();
    demand(!reader.sized().empty(), "the PIN index has no policy");
    reader.number16();
    reader.end();
    const std::uint32_t type = attributes >> 4 & 0xF;
    const bool exempt = (attributes & no_da) != 0;
    demand(type == ordinary || type == pin_fail, "the PIN index does not count wrong PINs");
    counts = type == pin_fail;
    demand(counts || !exempt,
           "nobody counts wrong PINs: the index is exempt from the TPM's lockout");
    demand(!counts || exempt, "the PIN index is subject to the TPM's lockout");
    demand((attributes & written_by_policy) == written_by_policy,
           "the PIN index is not a written one");
    demand((attributes & other_writers) == 0,
           "the PIN index can be written without its policy, and its count set back");
}

StatementBody::StatementBody(ByteView attest, std::uint16_t type) {
    constexpr std::size_t clock_and_firmware = 8 + 4 + 4 + 1 + 8;
    Reader reader(attest, "the statement");
    demand(reader.number32() == made_inside, "the statement does not come from inside of a TPM");
    demand(reader.number16() == type, "the statement is of another kind");
    signer = to_bytes(reader.sized());
    nonce = to_bytes(reader.sized());
    reader.take(clock_and_firmware);
    subject = to_bytes(reader.rest());
}

CertifiedObject::CertifiedObject(ByteView subject) {
    Reader reader(subject, "the statement");
    name = to_bytes(reader.sized());
    qualified_name = to_bytes(reader.sized());
    reader.end();
}

CertifiedCount::CertifiedCount(ByteView subject) {
    constexpr std::size_t both = 8;
    Reader reader(subject, "the statement about the tries");
    index_name = to_bytes(reader.sized());
    demand(reader.number16() == 0, "the statement about the tries is about something else");
    const ByteView content = reader.sized();
    reader.end();
    demand(content.size() == both, "the statement about the tries has no count and limit");
    used = static_cast<std::uint32_t>(read_big_endian(content.first(4)));
    limit = static_cast<std::uint32_t>(read_big_endian(content.last(4)));
}

} // namespace tpmvsc::cli::attest
