// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/revocation.hpp"

#include <openssl/x509v3.h>

#include <array>

namespace tpmvsc::cli::x509 {
namespace {

using UsagesHandle = Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using PointsHandle = Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using AccessHandle = Owned<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;

/// Null where the certificate has no such extension, or a malformed one.
template<typename Handle>
Handle extension(const Certificate& certificate, int kind) {
    return Handle(static_cast<typename Handle::pointer>(
        X509_get_ext_d2i(&certificate.x509(), kind, nullptr, nullptr)));
}

std::string name_of(const ASN1_OBJECT* object) {
    const int kind = OBJ_obj2nid(object);
    if (kind != NID_undef) {
        return OBJ_nid2sn(kind);
    }
    std::array<char, 128> text{};
    OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
    return text.data();
}

void add_url(std::vector<std::string>& urls, const GENERAL_NAME* name) {
    if (name->type == GEN_URI) {
        const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
        urls.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                          static_cast<std::size_t>(ASN1_STRING_length(uri)));
    }
}

} // namespace

Usage usage_of(const Certificate& certificate) {
    Usage usage;
    if (const auto usages = extension<UsagesHandle>(certificate, NID_ext_key_usage)) {
        for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
            usage.extended.push_back(name_of(sk_ASN1_OBJECT_value(usages.get(), i)));
        }
    }
    constexpr std::uint32_t all = UINT32_MAX; // of a certificate without key usage
    const std::uint32_t bits = X509_get_key_usage(&certificate.x509());
    usage.decrypts = bits != all &&
                     (bits & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
    return usage;
}

RevocationPlaces revocation_places_of(const Certificate& certificate) {
    RevocationPlaces places;
    if (const auto points = extension<PointsHandle>(certificate, NID_crl_distribution_points)) {
        for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
            const DIST_POINT_NAME* point = sk_DIST_POINT_value(points.get(), i)->distpoint;
            if (point == nullptr || point->type != 0) { // a full name
                continue;
            }
            for (int j = 0; j < sk_GENERAL_NAME_num(point->name.fullname); ++j) {
                add_url(places.crl, sk_GENERAL_NAME_value(point->name.fullname, j));
            }
        }
    }
    if (const auto accesses = extension<AccessHandle>(certificate, NID_info_access)) {
        for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(accesses.get()); ++i) {
            const ACCESS_DESCRIPTION* access = sk_ACCESS_DESCRIPTION_value(accesses.get(), i);
            const int method = OBJ_obj2nid(access->method);
            if (method == NID_ad_OCSP) {
                add_url(places.ocsp, access->location);
            } else if (method == NID_ad_ca_issuers) {
                add_url(places.authority, access->location);
            }
        }
    }
    return places;
}

} // namespace tpmvsc::cli::x509
