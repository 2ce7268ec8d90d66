// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "card/keys.hpp"
#include "cli/x509/certificate.hpp"

#include <string>
#include <vector>

namespace tpmvsc::cli::x509 {

/// AlternativeNames are what a certificate calls its holder beside the subject.
struct AlternativeNames {
    std::vector<std::string> emails;
    std::vector<std::string> dns;
    std::vector<std::string> upns; ///< user@domain, as Windows logs in
    std::vector<std::string> uris;

    bool empty() const { return emails.empty() && dns.empty() && upns.empty() && uris.empty(); }
};

/// Extensions collects extensions (RFC 5280 section 4.2) for a request or a certificate.
class Extensions {
  public:
    Extensions() = default;
    ~Extensions();
    Extensions(const Extensions&) = delete;
    Extensions& operator=(const Extensions&) = delete;

    /// Each add_ function throws Failure(usage) for a value that is none of its kind. Empty lists
    /// add nothing.
    void add_alternative_names(const AlternativeNames& names);
    /// By the names of key_usage_names().
    void add_key_usage(const std::vector<std::string>& names);
    /// By the names of extended_key_usage_names(), or dotted object identifiers.
    void add_extended_key_usage(const std::vector<std::string>& names);
    /// For the end of a chain: not an authority.
    void add_end_entity(const card::PublicKey& key);
    /// add_from copies from a certificate what its holder asks for again: names and usages.
    void add_from(const Certificate& certificate);

    bool empty() const;
    /// der gives SEQUENCE OF Extension.
    Bytes der() const;

  private:
    void add(int kind, void* value, bool critical);
    STACK_OF(X509_EXTENSION) * list_ = nullptr;
};

/// What add_key_usage and add_extended_key_usage know, for --help.
std::string key_usage_names();
std::string extended_key_usage_names();

} // namespace tpmvsc::cli::x509
