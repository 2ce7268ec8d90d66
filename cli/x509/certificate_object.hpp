// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/client/piv_card.hpp"
#include "cli/x509/certificate.hpp"

#include <optional>

/// Certificates as they are on PIV cards (SP 800-73-4 part 1 appendix A): 70 the certificate, 71
/// how it is written, FE nothing.
namespace tpmvsc::cli::x509 {

/// certificate_tag gives the object that holds the certificate of `slot`.
std::uint32_t certificate_tag(card::KeySlot slot);

/// read_certificate gives the certificate of a slot, also where it was stored compressed; nothing
/// where there is none. Throws Failure for an object that is no certificate.
std::optional<Certificate> read_certificate(const client::PivCard& card, card::KeySlot slot);

/// write_certificate stores it; too_large tells beforehand whether the card has no room for it.
void write_certificate(client::PivCard& card, card::KeySlot slot, const Certificate& certificate);
bool too_large(const Certificate& certificate);

/// remove_certificate leaves the slot without one.
void remove_certificate(client::PivCard& card, card::KeySlot slot);

} // namespace tpmvsc::cli::x509
