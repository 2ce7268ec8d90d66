// SPDX-License-Identifier: Apache-2.0
#include "cli/client/packing.hpp"

#include <stdexcept>
#include <zlib.h>

namespace tpmvsc::cli::client {

Bytes pack(ByteView plain) {
    uLongf size = compressBound(static_cast<uLong>(plain.size()));
    Bytes packed(size);
    if (compress2(packed.data(), &size, plain.data(), static_cast<uLong>(plain.size()),
                  Z_BEST_COMPRESSION) != Z_OK) {
        throw std::runtime_error("zlib cannot pack the certificate");
    }
    packed.resize(size);
    return packed;
}

std::optional<Bytes> unpack(ByteView packed) {
    constexpr int either_format = 32 + MAX_WBITS;
    Bytes plain(largest_unpacked);
    z_stream stream{};
    if (inflateInit2(&stream, either_format) != Z_OK) {
        return std::nullopt;
    }
    stream.next_in = const_cast<Bytef*>(packed.data()); // zlib reads it only
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = plain.data();
    stream.avail_out = static_cast<uInt>(plain.size());
    const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    return whole ? std::optional(std::move(plain)) : std::nullopt;
}

} // namespace tpmvsc::cli::client
