// SPDX-License-Identifier: Apache-2.0
#include "apdu/gids/gids_keys.hpp"

#include "apdu/gids/private_key.hpp"
#include "apdu/outcome_status.hpp"
#include "apdu/public_key_template.hpp"

namespace tpmvsc::gids {

namespace {

namespace sw = apdu::sw;
using apdu::Response;
using apdu::StatusWord;

/// Whether the TPM is to want the PIN is said by the condition for using the key.
card::PinPolicy pin_policy(const FileControl& file) {
    return file.condition(Operation::use_key) == always ? card::PinPolicy::never
                                                        : card::PinPolicy::once;
}

Response answer(const card::KeyOutcome& outcome) {
    return outcome.done() ? Response(outcome.data) : Response(apdu::status_of(outcome));
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) around what the host has encoded; nothing when it is too
/// long. It need not be a DigestInfo: TLS 1.1 signs two bare digests.
std::optional<Bytes> signature_block(ByteView encoded, std::size_t size) {
    constexpr std::size_t overhead = 11;
    if (encoded.size() + overhead > size) {
        return std::nullopt;
    }
    Bytes block{0x00, 0x01};
    block.resize(size - encoded.size() - 1, 0xFF);
    block.push_back(0x00);
    append(block, encoded);
    return block;
}

} // namespace

Response generate(card::Card& card, const FileControl& file, const GenerateKey& command) {
    if (!card.supports(command.algorithm)) {
        return sw::function_not_supported;
    }
    const card::KeyInfo key = card.generate_key(command.key, command.algorithm, pin_policy(file));
    return Response(apdu::public_key_template(key.public_key));
}

StatusWord put_private_key(card::Card& card, const FileControl& file,
                           const PutPrivateKey& command) {
    const auto key = parse_private_key(command.encoded);
    if (!key) {
        return sw::wrong_data;
    }
    if (!card.supports(key->algorithm)) {
        return sw::function_not_supported;
    }
    const auto part = [&](ImportedKey::Part which) { return key->numbers[which].view(); };
    const crypto::RsaParts parts{part(ImportedKey::p), part(ImportedKey::q), part(ImportedKey::dp),
                                 part(ImportedKey::dq), part(ImportedKey::q_inverse)};
    const auto modulus = crypto::rsa_modulus(parts, 8 * card::key_bytes(key->algorithm));
    if (!modulus || *modulus != key->modulus) {
        return sw::wrong_data;
    }
    return card.import_rsa_key(command.key, key->algorithm, pin_policy(file), parts)
               ? sw::success
               : sw::wrong_data;
}

Response public_key(card::Card& card, const FileControl& file) {
    const auto key = card.key(file.key_reference());
    return key ? Response(apdu::public_key_template(key->public_key))
               : Response(sw::reference_not_found);
}

StatusWord select_key(card::Card& card, const FileControl& file, const KeyUsage& usage) {
    const auto key = card.key(file.key_reference());
    if (!key || !file.serves(static_cast<std::uint32_t>(usage.usage))) {
        return sw::reference_not_found;
    }
    return key->algorithm == usage.algorithm ? sw::success : sw::wrong_data;
}

Response sign(card::Card& card, const SelectKey& selected, ByteView input) {
    const KeyUsage& usage = selected.usage;
    if (!card::is_rsa(usage.algorithm)) {
        return answer(card.ecdsa_sign(selected.key, input, card::EcdsaForm::plain));
    }
    const std::size_t size = card::key_bytes(usage.algorithm);
    if (usage.padding == Padding::pkcs1) {
        const auto block = signature_block(input, size);
        return block ? answer(card.rsa_private(selected.key, *block)) : sw::wrong_length;
    }
    return input.size() == size ? answer(card.rsa_private(selected.key, input)) : sw::wrong_length;
}

Response decipher(card::Card& card, const SelectKey& selected, ByteView cryptogram) {
    constexpr std::uint8_t no_further_indication = 0x00;
    const std::size_t size = card::key_bytes(selected.usage.algorithm);
    // The specification has a padding indicator in front, which all hosts but old OpenSC leave out.
    if (cryptogram.size() == size + 1 && cryptogram.front() == no_further_indication) {
        cryptogram = cryptogram.subspan(1);
    }
    if (cryptogram.size() != size) {
        return sw::wrong_length;
    }
    switch (selected.usage.padding) {
    case Padding::pkcs1:
        return answer(card.rsa_decrypt(selected.key, cryptogram, card::RsaPadding::pkcs1));
    case Padding::oaep:
        return answer(card.rsa_decrypt(selected.key, cryptogram, card::RsaPadding::oaep_sha1));
    case Padding::none:
        break;
    }
    return answer(card.rsa_private(selected.key, cryptogram));
}

} // namespace tpmvsc::gids
