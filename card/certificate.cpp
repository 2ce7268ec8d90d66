// SPDX-License-Identifier: Apache-2.0
#include "card/certificate.hpp"

#include "base/tlv.hpp"
#include "card/ecdsa_der.hpp"

#include <array>

namespace tpmvsc::card::certificate {

namespace {

enum Tag : std::uint32_t {
    boolean_tag = 0x01,
    integer_tag = 0x02,
    bit_string_tag = 0x03,
    octet_string_tag = 0x04,
    null_tag = 0x05,
    object_identifier_tag = 0x06,
    utf8_string_tag = 0x0C,
    utc_time_tag = 0x17,
    generalized_time_tag = 0x18,
    sequence_tag = 0x30,
    set_tag = 0x31,
    version_tag = 0xA0,
    extensions_tag = 0xA3,
};

// Object identifiers, encoded (RFC 5280 appendix A, RFC 5480 section 2.1.1, RFC 5758 section 3.2).
constexpr std::array<std::uint8_t, 3> oid_common_name{0x55, 0x04, 0x03};
constexpr std::array<std::uint8_t, 3> oid_basic_constraints{0x55, 0x1D, 0x13};
constexpr std::array<std::uint8_t, 3> oid_key_usage{0x55, 0x1D, 0x0F};
constexpr std::array<std::uint8_t, 8> oid_ecdsa_sha256{0x2A, 0x86, 0x48, 0xCE,
                                                       0x3D, 0x04, 0x03, 0x02};
constexpr std::array<std::uint8_t, 7> oid_ec_public_key{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<std::uint8_t, 9> oid_rsa{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
constexpr std::array<std::uint8_t, 8> oid_p256{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 5> oid_p384{0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<std::uint8_t, 5> oid_p521{0x2B, 0x81, 0x04, 0x00, 0x23};

constexpr std::string_view no_end = "99991231235959Z";

ByteView curve_oid(KeyAlgorithm algorithm) {
    switch (algorithm) {
    case KeyAlgorithm::p384:
        return oid_p384;
    case KeyAlgorithm::p521:
        return oid_p521;
    default:
        return oid_p256;
    }
}

Bytes bit_string(ByteView content) {
    const std::uint8_t unused_bits = 0;
    return TlvWriter().add(bit_string_tag, concat({ByteView{&unused_bits, 1}, content})).take();
}

Bytes signature_algorithm() {
    return TlvWriter()
        .open(sequence_tag)
        .add(object_identifier_tag, oid_ecdsa_sha256)
        .close()
        .take();
}

/// "2026-01-31T23:59:59Z" as UTCTime "260131235959Z" until 2049, as RFC 5280 wants it, then as
/// GeneralizedTime.
void add_time(TlvWriter& writer, const std::string& iso) {
    std::string digits;
    for (const char c : iso) {
        if ((c >= '0' && c <= '9') || c == 'Z')
            digits.push_back(c);
    }
    if (digits < "2050")
        writer.add(utc_time_tag, as_bytes(std::string_view(digits).substr(2)));
    else
        writer.add(generalized_time_tag, as_bytes(digits));
}

} // namespace

Bytes common_name(const std::string& text) {
    return TlvWriter()
        .open(sequence_tag)
        .open(set_tag)
        .open(sequence_tag)
        .add(object_identifier_tag, oid_common_name)
        .add(utf8_string_tag, as_bytes(text))
        .close()
        .close()
        .close()
        .take();
}

Bytes public_key_info(KeyAlgorithm algorithm, const PublicKey& key) {
    TlvWriter writer;
    writer.open(sequence_tag).open(sequence_tag);
    if (is_rsa(algorithm)) {
        const Bytes numbers = TlvWriter()
                                  .open(sequence_tag)
                                  .raw(der_unsigned(key.modulus))
                                  .raw(der_unsigned(big_endian32(key.exponent)))
                                  .close()
                                  .take();
        writer.add(object_identifier_tag, oid_rsa).add(null_tag, {}).close();
        return writer.raw(bit_string(numbers)).close().take();
    }
    writer.add(object_identifier_tag, oid_ec_public_key);
    writer.add(object_identifier_tag, curve_oid(algorithm)).close();
    return writer.raw(bit_string(key.point)).close().take();
}

Bytes extension(ByteView oid, bool critical, ByteView value) {
    constexpr std::array<std::uint8_t, 1> yes{0xFF};
    TlvWriter writer;
    writer.open(sequence_tag).add(object_identifier_tag, oid);
    if (critical)
        writer.add(boolean_tag, yes);
    return writer.add(octet_string_tag, value).close().take();
}

Bytes authority_extensions() {
    constexpr std::array<std::uint8_t, 1> yes{0xFF};
    constexpr std::array<std::uint8_t, 1> path_length_zero{0};
    constexpr std::array<std::uint8_t, 2> certificate_signing{2, 0x04};
    const Bytes constraints = TlvWriter()
                                  .open(sequence_tag)
                                  .add(boolean_tag, yes)
                                  .add(integer_tag, path_length_zero)
                                  .close()
                                  .take();
    const Bytes usage = TlvWriter().add(bit_string_tag, certificate_signing).take();
    return concat({extension(oid_basic_constraints, true, constraints),
                   extension(oid_key_usage, true, usage)});
}

Bytes to_be_signed(const Content& content) {
    constexpr std::array<std::uint8_t, 1> version_3{2};
    TlvWriter writer;
    writer.open(sequence_tag);
    writer.open(version_tag).add(integer_tag, version_3).close();
    writer.raw(der_unsigned(content.serial)).raw(signature_algorithm()).raw(content.issuer);
    writer.open(sequence_tag);
    add_time(writer, content.not_before);
    writer.add(generalized_time_tag, as_bytes(no_end)).close();
    writer.raw(content.subject).raw(content.public_key);
    writer.open(extensions_tag).open(sequence_tag).raw(content.extensions).close().close();
    return writer.close().take();
}

Bytes finish(ByteView to_be_signed, ByteView r_and_s) {
    return TlvWriter()
        .open(sequence_tag)
        .raw(to_be_signed)
        .raw(signature_algorithm())
        .raw(bit_string(ecdsa_der(r_and_s)))
        .close()
        .take();
}

std::optional<Bytes> subject_of(ByteView certificate) {
    const auto outer = TlvReader(certificate).next();
    if (!outer || outer->tag != sequence_tag)
        return std::nullopt;
    const auto signed_part = TlvReader(outer->value).next();
    if (!signed_part || signed_part->tag != sequence_tag)
        return std::nullopt;
    TlvReader fields(signed_part->value);
    auto field = fields.next();
    if (field && field->tag == version_tag)
        field = fields.next();
    // Serial number, signature algorithm, issuer, validity; then the subject.
    for (int passed = 0; passed < 4 && field; ++passed)
        field = fields.next();
    if (!field || field->tag != sequence_tag)
        return std::nullopt;
    return TlvWriter().add(sequence_tag, field->value).take();
}

} // namespace tpmvsc::card::certificate
