// SPDX-License-Identifier: Apache-2.0
#include "base/reset_challenge.hpp"

#include "base/base32.hpp"
#include "base/crypto.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace tpmvsc {
namespace {

constexpr std::size_t group_bytes = 5; // of base 32
constexpr std::size_t least_check = 2;
constexpr std::size_t serial_bytes = 4;

std::optional<ResetKind> kind_of(std::uint8_t number) {
    switch (static_cast<ResetKind>(number)) {
    case ResetKind::admin_tdes:
    case ResetKind::admin_aes128:
    case ResetKind::admin_aes192:
    case ResetKind::admin_aes256:
    case ResetKind::authority:
        return static_cast<ResetKind>(number);
    }
    return std::nullopt;
}

std::size_t challenge_size(ResetKind kind) {
    return kind == ResetKind::admin_tdes ? 8 : 16;
}

/// Of P-256 and of RSA with 2048, 3072 and 4096 bits.
constexpr std::array<std::size_t, 4> signature_sizes{64, 256, 384, 512};

bool is_answer_size(ResetKind kind, std::size_t size) {
    if (kind != ResetKind::authority)
        return size == challenge_size(kind);
    return std::find(signature_sizes.begin(), signature_sizes.end(), size) != signature_sizes.end();
}

std::size_t check_size(std::size_t content) {
    std::size_t size = least_check;
    while ((content + size) % group_bytes != 0)
        ++size;
    return size;
}

/// The sizes from which a content of `total` bytes with its check may have come leave no choice:
/// the first that fits the kind is the only one.
template<typename Fits>
std::optional<std::size_t> content_size(std::size_t total, Fits fits) {
    for (std::size_t check = least_check; check < least_check + group_bytes; ++check)
        if (total > check && fits(total - check))
            return total - check;
    return std::nullopt;
}

Bytes content_of(const ResetChallenge& challenge) {
    return concat({Bytes{static_cast<std::uint8_t>(challenge.kind)}, big_endian32(challenge.serial),
                   challenge.challenge});
}

Bytes challenge_check(ByteView content) {
    Bytes check = crypto::sha256({as_bytes("tpmvsc challenge"), content});
    check.resize(check_size(content.size()));
    return check;
}

Bytes answer_check(ByteView content, const ResetChallenge& challenge) {
    Bytes check = crypto::sha256({as_bytes("tpmvsc answer"), content_of(challenge), content});
    check.resize(check_size(content.size()));
    return check;
}

constexpr const char* misspelt =
    "it can only have digits and letters other than U, in whole groups of four";

} // namespace

std::string to_text(const ResetChallenge& challenge) {
    if (challenge.challenge.size() != challenge_size(challenge.kind))
        throw std::invalid_argument("to_text: no challenge of this kind");
    const Bytes content = content_of(challenge);
    return to_base32(concat({content, challenge_check(content)}));
}

std::string to_text(const ResetAnswer& answer, const ResetChallenge& challenge) {
    if (answer.kind != challenge.kind || !is_answer_size(answer.kind, answer.answer.size()))
        throw std::invalid_argument("to_text: no answer of this kind");
    const Bytes content = concat({Bytes{static_cast<std::uint8_t>(answer.kind)}, answer.answer});
    return to_base32(concat({content, answer_check(content, challenge)}));
}

ReadText<ResetChallenge> parse_challenge(std::string_view text) {
    const auto bytes = from_base32(text);
    if (!bytes)
        return {{}, std::string("this is not a challenge: ") + misspelt};
    const auto kind = bytes->empty() ? std::nullopt : kind_of(bytes->front());
    if (!kind)
        return {{}, "this is not a challenge, or its first group was misread"};
    const std::size_t size = 1 + serial_bytes + challenge_size(*kind);
    if (bytes->size() != size + check_size(size))
        return {{}, "this challenge is too short or too long: groups are missing, or one is twice"};
    const ByteView content = ByteView(*bytes).first(size);
    if (!equal(challenge_check(content), ByteView(*bytes).subspan(size)))
        return {{}, "the challenge's check does not hold: compare it group by group"};
    const auto serial =
        static_cast<std::uint32_t>(read_big_endian(content.subspan(1, serial_bytes)));
    return {ResetChallenge{*kind, serial, to_bytes(content.subspan(1 + serial_bytes))}, {}};
}

ReadText<ResetAnswer> parse_answer(std::string_view text, const ResetChallenge& challenge) {
    const auto bytes = from_base32(text);
    if (!bytes)
        return {{}, std::string("this is not an answer: ") + misspelt};
    const auto kind = bytes->empty() ? std::nullopt : kind_of(bytes->front());
    if (!kind)
        return {{}, "this is not an answer, or its first group was misread"};
    if (*kind != challenge.kind)
        return {{}, "this answers a challenge of another kind, or its first group was misread"};
    const auto size = content_size(bytes->size(), [&](std::size_t content) {
        return is_answer_size(*kind, content - 1) && content + check_size(content) == bytes->size();
    });
    if (!size)
        return {{}, "this answer is too short or too long: groups are missing, or one is twice"};
    const ByteView content = ByteView(*bytes).first(*size);
    if (!equal(answer_check(content, challenge), ByteView(*bytes).subspan(*size)))
        return {{},
                "the answer's check does not hold: compare it group by group, and see that it "
                "answers this challenge, not another one"};
    return {ResetAnswer{*kind, to_bytes(content.subspan(1))}, {}};
}

Bytes reset_policy_ref(std::uint32_t serial) {
    return concat({as_bytes("tpmvsc PIN reset "), big_endian32(serial)});
}

Bytes signed_digest(const ResetChallenge& challenge) {
    return crypto::sha256(
        {challenge.challenge, big_endian32(reset_answer_life), reset_policy_ref(challenge.serial)});
}

Bytes encrypted_block(const ResetChallenge& challenge) {
    Bytes block = crypto::sha256({reset_policy_ref(challenge.serial), challenge.challenge});
    block.resize(std::min(block.size(), challenge.challenge.size()));
    return block;
}

} // namespace tpmvsc
