// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bare_key.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/piv_client.hpp"
#include "tests/bench/pkcs11_signer.hpp"

#include "base/crypto.hpp"

#include <array>
#include <stdexcept>

namespace tpmvsc::bench {

namespace {

constexpr double rsa_budget = 1.15;
constexpr double p256_budget = 1.5;
/// "Faster".
constexpr double peer_budget = 1.0;

constexpr std::uint8_t piv_rsa2048 = 0x07;
constexpr std::uint8_t piv_p256 = 0x11;

/// DigestInfo of RFC 8017 section 9.2 up to the SHA-256 digest.
constexpr std::array<std::uint8_t, 19> sha256_info{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                                   0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                                   0x01, 0x05, 0x00, 0x04, 0x20};

/// What an RSA signature is made from: PKCS#1 version 1.5 padding around a digest.
Bytes padded_block(ByteView digest) {
    Bytes block(tpm::key_bytes(tpm::KeyAlgorithm::rsa2048), 0xFF);
    const Bytes end = concat({std::array<std::uint8_t, 1>{0}, sha256_info, digest});
    block.resize(block.size() - end.size());
    append(block, end);
    block[0] = 0x00;
    block[1] = 0x01;
    return block;
}

/// The readers of the RSA card and of the P-256 card.
std::array<std::string, 2> signers(const Pcsc& pcsc) {
    const std::vector<std::string> cards = pcsc.cards();
    if (cards.size() < 2)
        throw std::runtime_error("the rig has fewer than two cards");
    return {cards[0], cards[1]};
}

void compare_rsa(const Setting& setting, const PivClient& card, Report& report) {
    const Bytes block = padded_block(crypto::random_bytes(crypto::sha256_bytes));
    BareKey bare(setting.tcti, tpm::KeyAlgorithm::rsa2048);
    const Action reference = [&] { bare.rsa_private(block); };
    report.times("RSA-2048",
                 compare(
                     setting.rounds, [&] { card.sign(piv_rsa2048, block); }, reference),
                 rsa_budget);
    report.times("RSA-2048, command chaining",
                 compare(
                     setting.rounds, [&] { card.sign_chained(piv_rsa2048, block); }, reference),
                 rsa_budget);
}

void compare_p256(const Setting& setting, const PivClient& card, Report& report) {
    const Bytes digest = crypto::random_bytes(crypto::sha256_bytes);
    BareKey bare(setting.tcti, tpm::KeyAlgorithm::p256);
    report.times(
        "P-256",
        compare(
            setting.rounds, [&] { card.sign(piv_p256, digest); }, [&] { bare.ecdsa_sign(digest); }),
        p256_budget);
}

} // namespace

void measure_signatures(const Setting& setting, Report& report) {
    report.part("Signature with the key in 9A by SCardTransmit, PIN verified",
                "the bare TPM command with a password");
    const Pcsc pcsc;
    const auto [rsa_reader, p256_reader] = signers(pcsc);
    const auto signer = [&](const std::string& reader) {
        auto card = std::make_unique<PivClient>(pcsc, reader);
        card->select();
        card->verify(setting.pin);
        return card;
    };
    compare_rsa(setting, *signer(rsa_reader), report);
    compare_p256(setting, *signer(p256_reader), report);
}

void measure_pkcs11(const Setting& setting, Report& report) {
    report.part("C_SignInit and C_Sign of OpenSC's PKCS#11 module, logged in",
                "those of tpm2-pkcs11's on the same TPM");
    const auto [rsa_reader, p256_reader] = signers(Pcsc());
    const Bytes digest = crypto::random_bytes(crypto::sha256_bytes);
    const Bytes info = concat({sha256_info, digest});
    const auto row = [&](const char* what, const std::string& reader, ck_key_type_t type,
                         ck_mechanism_type_t mechanism, ByteView data) {
        const Pkcs11Module opensc(setting.opensc_module);
        const Pkcs11Module peer(setting.peer_module);
        const Pkcs11Signer subject(opensc, reader, setting.pin, type);
        const Pkcs11Signer reference(peer, setting.peer_token, setting.peer_pin, type);
        report.times(what,
                     compare(
                         setting.rounds, [&] { subject.sign(mechanism, data); },
                         [&] { reference.sign(mechanism, data); }),
                     peer_budget);
    };
    row("RSA-2048 (CKM_RSA_PKCS)", rsa_reader, CKK_RSA, CKM_RSA_PKCS, info);
    row("P-256 (CKM_ECDSA)", p256_reader, CKK_EC, CKM_ECDSA, digest);
}

} // namespace tpmvsc::bench
