// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/x509/openssl.hpp"

#include <optional>
#include <string>

namespace tpmvsc::cli::x509 {

/// Certificate is one of X.509, to be looked at.
class Certificate {
  public:
    explicit Certificate(CertificateHandle handle) : handle_(std::move(handle)) {}
    /// Nothing when `der` is no certificate.
    static std::optional<Certificate> from_der(ByteView der);

    Bytes der() const;
    Bytes pem() const;
    /// Names as RFC 2253 writes them.
    std::string subject() const;
    std::string issuer() const;
    /// In hexadecimal.
    std::string serial() const;
    /// Times as ISO 8601 in UTC: "2026-11-23T16:21:21Z".
    std::string not_before() const;
    std::string not_after() const;
    bool expired() const;
    bool not_yet_valid() const;
    /// True when its extended key usage has this purpose, an object identifier.
    bool has_purpose(const std::string& oid) const;
    /// Subject and issuer are the same.
    bool self_issued() const;
    /// True when it is for this key.
    bool is_for(const card::PublicKey& key) const;
    X509& x509() const { return *handle_; }

  private:
    CertificateHandle handle_;
};

} // namespace tpmvsc::cli::x509
