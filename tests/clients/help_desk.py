#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of what people read aloud when a PIN is reset (base/reset_challenge.hpp):

    challenge KIND SERIAL HEX    the text of a challenge
    digest CHALLENGE             what the authority signs, binary on standard output
    answer CHALLENGE ANSWER      the answer's bytes in hexadecimal; fails when its check does not hold
    der HEX                      an ECDSA signature of r and s in DER, binary on standard output
"""

import hashlib
import sys

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def encode(content, label):
    count = 2
    while (len(content) + count) % 5:
        count += 1
    whole = content + hashlib.sha256(label + content).digest()[:count]
    number = int.from_bytes(whole, "big")
    digits = [ALPHABET[number >> 5 * i & 31] for i in reversed(range(len(whole) * 8 // 5))]
    return "-".join("".join(digits[i:i + 4]) for i in range(0, len(digits), 4))


def decode(text):
    characters = "".join(text.split()).replace("-", "")
    number = 0
    for character in characters:
        number = number << 5 | ALPHABET.index(character)
    return number.to_bytes(len(characters) * 5 // 8, "big")


def challenge_content(text):
    whole = decode(text)
    content = whole[:13] if whole[0] == 1 else whole[:21]
    assert encode(content, b"tpmvsc challenge") == text
    return content


def answer_bytes(challenge, text):
    whole = decode(text)
    for check in range(2, 7):
        content = whole[:len(whole) - check]
        if encode(content, b"tpmvsc answer" + challenge_content(challenge)) == "".join(text.split()):
            return content[1:]
    sys.exit("the answer's check does not hold")


def der_integer(number):
    size = number.bit_length() // 8 + 1
    return bytes([2, size]) + number.to_bytes(size, "big")


def main():
    action, *given = sys.argv[1:]
    if action == "challenge":
        content = bytes([int(given[0])]) + int(given[1]).to_bytes(4, "big") + bytes.fromhex(given[2])
        print(encode(content, b"tpmvsc challenge"))
    elif action == "digest":
        content = challenge_content(given[0])
        reference = b"tpmvsc PIN reset " + content[1:5]
        sys.stdout.buffer.write(hashlib.sha256(content[5:] + (3600).to_bytes(4, "big") + reference).digest())
    elif action == "answer":
        print(answer_bytes(*given).hex())
    else:
        both = bytes.fromhex(given[0])
        numbers = b"".join(der_integer(int.from_bytes(both[i:i + 32], "big")) for i in (0, 32))
        sys.stdout.buffer.write(bytes([0x30, len(numbers)]) + numbers)


main()
