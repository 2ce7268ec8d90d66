// SPDX-License-Identifier: Apache-2.0
#include "apdu/public_key_template.hpp"

#include "base/tlv.hpp"

namespace tpmvsc::apdu {

namespace {

Bytes without_leading_zeros(Bytes number) {
    while (number.size() > 1 && number.front() == 0) {
        number.erase(number.begin());
    }
    return number;
}

} // namespace

Bytes public_key_template(const card::PublicKey& key) {
    TlvWriter writer;
    writer.add(0x7F49, public_key_objects(key));
    return writer.take();
}

Bytes public_key_objects(const card::PublicKey& key) {
    TlvWriter writer;
    if (key.point.empty()) {
        writer.add(0x81, key.modulus).add(0x82, without_leading_zeros(big_endian32(key.exponent)));
    } else {
        writer.add(0x86, key.point);
    }
    return writer.take();
}

} // namespace tpmvsc::apdu
