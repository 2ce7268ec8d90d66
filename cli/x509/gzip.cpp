// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/gzip.hpp"

#include <zlib.h>

namespace tpmvsc::cli::x509 {

std::optional<Bytes> gunzip(ByteView packed) {
    constexpr std::size_t largest = 65536;
    constexpr int either_format = 32 + MAX_WBITS;
    Bytes plain(largest);
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

} // namespace tpmvsc::cli::x509
