// SPDX-License-Identifier: Apache-2.0
#include "tpm/session_crypto.hpp"

#include "base/crypto.hpp"

#include <algorithm>

namespace tpmvsc::tpm {

namespace {

constexpr std::array<std::uint8_t, 1> zero_byte{0};

/// Copies `block` behind what `target` holds already, as far as there is room.
std::size_t fill_from(SecretBytes& target, std::size_t filled, ByteView block) {
    const std::size_t count = std::min(block.size(), target.size() - filled);
    std::copy_n(block.begin(), count, target.span().subspan(filled).begin());
    return filled + count;
}

SecretBytes join(ByteView first, ByteView second) {
    SecretBytes joined(first.size() + second.size());
    const std::size_t filled = fill_from(joined, 0, first);
    fill_from(joined, filled, second);
    return joined;
}

} // namespace

SecretBytes kdf_a(ByteView key, std::string_view label, ByteView context_u, ByteView context_v,
                  std::uint32_t bits) {
    SecretBytes result(bits / 8);
    std::size_t filled = 0;
    for (std::uint32_t counter = 1; filled < result.size(); ++counter) {
        Bytes block = crypto::hmac_sha256(key, {big_endian32(counter), as_bytes(label), zero_byte,
                                                context_u, context_v, big_endian32(bits)});
        filled = fill_from(result, filled, block);
        wipe(block);
    }
    return result;
}

SecretBytes kdf_e(ByteView shared_x, std::string_view label, ByteView party_u_x, ByteView party_v_x,
                  std::uint32_t bits) {
    SecretBytes result(bits / 8);
    std::size_t filled = 0;
    for (std::uint32_t counter = 1; filled < result.size(); ++counter) {
        Bytes block = crypto::sha256(
            {big_endian32(counter), shared_x, as_bytes(label), zero_byte, party_u_x, party_v_x});
        filled = fill_from(result, filled, block);
        wipe(block);
    }
    return result;
}

SecretBytes session_key(ByteView salt, ByteView bind_auth, ByteView nonce_tpm,
                        ByteView nonce_caller) {
    if (salt.empty() && bind_auth.empty())
        return {};
    const SecretBytes seed = join(without_trailing_zeros(bind_auth), salt);
    return kdf_a(seed.view(), "ATH", nonce_tpm, nonce_caller, 8 * crypto::sha256_bytes);
}

Bytes cp_hash(std::uint32_t command_code, std::span<const Bytes> names, ByteView parameters) {
    Bytes all_names;
    for (const Bytes& name : names)
        append(all_names, name);
    return crypto::sha256({big_endian32(command_code), all_names, parameters});
}

Bytes rp_hash(std::uint32_t response_code, std::uint32_t command_code, ByteView parameters) {
    return crypto::sha256({big_endian32(response_code), big_endian32(command_code), parameters});
}

Bytes session_hmac(ByteView session_key, ByteView auth_value, const HmacInput& input) {
    const SecretBytes key = join(session_key, without_trailing_zeros(auth_value));
    const std::array<std::uint8_t, 1> attributes{input.attributes};
    return crypto::hmac_sha256(key.view(),
                               {input.parameter_hash, input.nonce_newer, input.nonce_older,
                                input.nonce_tpm_decrypt, input.nonce_tpm_encrypt, attributes});
}

void crypt_parameter(Direction direction, ByteView session_key, ByteView auth_value,
                     ByteView nonce_newer, ByteView nonce_older,
                     std::span<std::uint8_t> parameter) {
    constexpr std::size_t key_size = 16;
    constexpr std::size_t iv_size = 16;
    const SecretBytes secret = join(session_key, without_trailing_zeros(auth_value));
    const SecretBytes derived =
        kdf_a(secret.view(), "CFB", nonce_newer, nonce_older, 8 * (key_size + iv_size));
    const ByteView key = derived.view().first(key_size);
    const ByteView iv = derived.view().subspan(key_size);
    if (direction == Direction::encrypt)
        crypto::aes128_cfb_encrypt(key, iv, parameter);
    else
        crypto::aes128_cfb_decrypt(key, iv, parameter);
}

ByteView without_trailing_zeros(ByteView auth_value) {
    while (!auth_value.empty() && auth_value.back() == 0)
        auth_value = auth_value.first(auth_value.size() - 1);
    return auth_value;
}

} // namespace tpmvsc::tpm
