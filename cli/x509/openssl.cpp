// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/openssl.hpp"

#include "cli/failure.hpp"

namespace tpmvsc::cli::x509 {

void require(bool done, const std::string& what) {
    if (!done) {
        throw Failure(ExitCode::failed, "OpenSSL cannot " + what + ": " + openssl::reason());
    }
}

Bytes contents_of(const BioHandle& writer) {
    return to_bytes(openssl::written(writer));
}

} // namespace tpmvsc::cli::x509
