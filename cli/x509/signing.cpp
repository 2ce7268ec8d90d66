// SPDX-License-Identifier: Apache-2.0
#include "cli/x509/signing.hpp"

#include "cli/x509/der.hpp"

namespace tpmvsc::cli::x509 {
namespace {

const EVP_MD* function_of(Hash hash) {
    switch (hash) {
    case Hash::sha384:
        return EVP_sha384();
    case Hash::sha512:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

Bytes algorithm_identifier(int kind, bool with_null) {
    const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
    require(algorithm && X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(kind),
                                         with_null ? V_ASN1_NULL : V_ASN1_UNDEF, nullptr) == 1,
            "name an algorithm");
    return to_der<const X509_ALGOR>(i2d_X509_ALGOR, algorithm.get());
}

/// EMSA-PKCS1-v1_5, RFC 8017 section 9.2.
Bytes padded_for_rsa(Hash hash, ByteView digest, std::size_t size) {
    const Bytes info =
        der::sequence({algorithm_identifier(EVP_MD_get_type(function_of(hash)), true),
                       der::octet_string(digest)});
    constexpr std::size_t least_overhead = 11;
    require(info.size() + least_overhead <= size, "sign with a key that short");
    Bytes block{0x00, 0x01};
    block.resize(size - info.size() - 1, 0xFF);
    block.push_back(0x00);
    append(block, info);
    return block;
}

} // namespace

Hash usual_hash(card::KeyAlgorithm algorithm) {
    return algorithm == card::KeyAlgorithm::p384 ? Hash::sha384 : Hash::sha256;
}

Bytes digest_of(Hash hash, ByteView message) {
    Bytes digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    require(EVP_Digest(message.data(), message.size(), digest.data(), &size, function_of(hash),
                       nullptr) == 1,
            "hash");
    digest.resize(size);
    return digest;
}

Bytes hash_algorithm(Hash hash) {
    return algorithm_identifier(EVP_MD_get_type(function_of(hash)), false);
}

Bytes signature_algorithm(card::KeyAlgorithm algorithm, Hash hash) {
    const bool rsa = card::is_rsa(algorithm);
    int kind = NID_undef;
    require(OBJ_find_sigid_by_algs(&kind, EVP_MD_get_type(function_of(hash)),
                                   rsa ? NID_rsaEncryption : NID_X9_62_id_ecPublicKey) == 1,
            "name the signature's algorithm");
    return algorithm_identifier(kind, rsa);
}

Bytes sign(const Signer& signer, Hash hash, ByteView message) {
    const Bytes digest = digest_of(hash, message);
    return card::is_rsa(signer.algorithm)
               ? signer.apply(padded_for_rsa(hash, digest, card::key_bytes(signer.algorithm)))
               : signer.apply(digest);
}

} // namespace tpmvsc::cli::x509
