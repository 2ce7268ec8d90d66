// SPDX-License-Identifier: Apache-2.0
#include "base/hkdf.hpp"

#include <algorithm>

namespace tpmvsc::crypto {

SecretBytes hkdf_sha256(ByteView secret, ByteView salt, ByteView info, std::size_t size) {
    constexpr std::size_t most_blocks = 255;
    if (size > most_blocks * sha256_bytes)
        throw CryptoError("hkdf_sha256: more than 255 blocks");
    const Bytes extracted = hmac_sha256(salt, {secret});
    SecretBytes result(size);
    Bytes block;
    for (std::size_t done = 0; done < size; done += block.size()) {
        const auto number = static_cast<std::uint8_t>(done / sha256_bytes + 1);
        block = hmac_sha256(extracted, {block, info, ByteView(&number, 1)});
        std::copy_n(block.begin(), std::min(block.size(), size - done),
                    result.span().begin() + static_cast<std::ptrdiff_t>(done));
    }
    return result;
}

} // namespace tpmvsc::crypto
