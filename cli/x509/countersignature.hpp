// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/x509/certificate.hpp"
#include "cli/x509/signing.hpp"

#include <string>

/// Requests that an enrolment agent signs for somebody else.
namespace tpmvsc::cli::x509 {

/// Request is a PKCS#10 request (RFC 2986) from outside.
class Request {
  public:
    /// Understands PEM and DER. Throws Failure for what is no request, and for one that its own key
    /// has not signed. `name` is the file's, for the sentence.
    static Request read(const std::string& name, ByteView contents);

    const Bytes& der() const { return der_; }
    /// As RFC 2253 writes it.
    const std::string& subject() const { return subject_; }

  private:
    Bytes der_;
    std::string subject_;
};

/// How the request is wrapped: as it is, which Windows' authorities know as a request on behalf of
/// another (MS-WCCE section 3.1.1.4.3.3.2), or in a full PKI request of CMC (RFC 5272 section 3.2).
enum class Wrapping { plain, cmc };

/// CountersignContent is what the agent signs.
struct CountersignContent {
    const Request* request = nullptr;
    const Certificate* agent = nullptr; ///< of the signer's key
    std::string on_behalf_of;           ///< DOMAIN\user or user@domain; may be empty
    Wrapping wrapping = Wrapping::plain;
    Hash hash = Hash::sha256;
};

/// check_requester throws Failure(usage) for what is no name of a user of Windows.
void check_requester(const std::string& name);

/// countersign gives a CMS message (RFC 5652) in DER: the request, signed by the agent, with the
/// agent's certificate, and the name of who asks (1.3.6.1.4.1.311.13.2.1) among what is signed.
/// What the key has signed is verified before it is given out.
Bytes countersign(const CountersignContent& content, const Signer& signer);

/// message_pem writes it as "BEGIN CMS".
Bytes message_pem(ByteView message);

} // namespace tpmvsc::cli::x509
