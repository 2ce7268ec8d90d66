// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/certificate_in.hpp"

#include "base/tlv.hpp"
#include "cli/client/packing.hpp"

namespace tpmvsc::cli::x509 {
namespace {

constexpr std::uint32_t tag_certificate = 0x70; // SP 800-73-4 part 1 appendix A
constexpr std::uint8_t der_sequence = 0x30;
/// Of a file that a minidriver has packed: 01 00 and the length, low byte first.
constexpr std::size_t packed_header = 4;

/// As it is, or packed.
std::optional<Certificate> read(ByteView value) {
    if (value.empty()) {
        return std::nullopt;
    }
    // The standard marks compression with 01 in 71, OpenSC with 80: the certificate itself tells.
    if (value.front() == der_sequence) {
        return Certificate::from_der(value);
    }
    const auto der = client::unpack(value);
    return der ? Certificate::from_der(*der) : std::nullopt;
}

} // namespace

std::optional<Certificate> certificate_in(ByteView object) {
    const TlvReader reader(object);
    const auto certificate = reader.find(tag_certificate);
    return certificate ? read(certificate->value) : std::nullopt;
}

std::optional<Certificate> certificate_in_gids(ByteView object) {
    const auto stored = TlvReader(object).next();
    if (!stored) {
        return std::nullopt;
    }
    const ByteView value = stored->value;
    const bool packed = value.size() > packed_header && value[0] == 0x01 && value[1] == 0x00;
    return read(packed ? value.subspan(packed_header) : value);
}

} // namespace tpmvsc::cli::x509
