// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/certificate_report.hpp"

#include "cli/failure.hpp"
#include "cli/x509/certificate_object.hpp"

namespace tpmvsc::cli {
namespace {

constexpr std::size_t date_length = 10; // of "2026-11-23T16:21:21Z"

/// What is wrong with it, for a table; empty where nothing is.
std::string remark(const x509::Certificate& certificate, bool matches) {
    if (!matches) {
        return " (for another key)";
    }
    return certificate.expired() ? " (expired)" : "";
}

} // namespace

CertificateReport describe_certificate(const x509::Certificate& certificate,
                                       const card::PublicKey* key) {
    const bool matches = key != nullptr && certificate.is_for(*key);
    CertificateReport report;
    report.summary = printable(certificate.subject()) + ", until " +
                     certificate.not_after().substr(0, date_length) + remark(certificate, matches);
    report.lines = {{"Subject", printable(certificate.subject())},
                    {"Issuer", printable(certificate.issuer())},
                    {"Serial", certificate.serial()},
                    {"Valid", certificate.not_before() + " to " + certificate.not_after() +
                                  (certificate.expired() ? " (expired)" : "")},
                    {"Matches", matches ? "the key in the slot" : "no key in the slot"}};
    report.json = {{"subject", certificate.subject()},
                   {"issuer", certificate.issuer()},
                   {"serial", certificate.serial()},
                   {"not_before", certificate.not_before()},
                   {"not_after", certificate.not_after()},
                   {"expired", certificate.expired()},
                   {"matches_key", matches}};
    return report;
}

CertificateReport report_certificate(const client::KeyCard& card, const Slot& slot,
                                     const card::PublicKey& key) {
    try {
        if (const auto certificate = x509::read_certificate(card, slot.number)) {
            return describe_certificate(*certificate, &key);
        }
    } catch (const Failure& failure) {
        return {"unreadable", {{"Certificate", failure.what()}}, nullptr};
    }
    return {"none", {{"Certificate", "none"}}, nullptr};
}

void warn_of_validity(const x509::Certificate& certificate, Output& output) {
    if (certificate.expired()) {
        output.warning("the certificate has expired on " + certificate.not_after());
    }
    if (certificate.not_yet_valid()) {
        output.warning("the certificate is not valid before " + certificate.not_before());
    }
}

} // namespace tpmvsc::cli
