// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/openssl.hpp"

#include "cli/failure.hpp"

#include <openssl/err.h>

#include <array>

namespace tpmvsc::cli::x509 {

void require(bool done, const std::string& what) {
    if (done) {
        return;
    }
    std::array<char, 200> reason{};
    ERR_error_string_n(ERR_peek_last_error(), reason.data(), reason.size());
    ERR_clear_error();
    throw Failure(ExitCode::failed, "OpenSSL cannot " + what + ": " + reason.data());
}

BioHandle reader_of(ByteView bytes) {
    BioHandle bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    require(bio != nullptr, "read from memory");
    return bio;
}

Bytes contents_of(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(&bio, &data);
    return to_bytes(std::string_view(data, static_cast<std::size_t>(size)));
}

} // namespace tpmvsc::cli::x509
