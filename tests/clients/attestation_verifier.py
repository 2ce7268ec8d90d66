#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""attestation_verifier.py ATTESTATION.pem AUTHORITY.pem

Verifies the TPM's statement in the certificate that a card has issued for one of its keys, as
doc/attestation.md describes it, and prints what it proves. AUTHORITY.pem is the certificate of slot F9:
whoever runs this must know it to be the card's. Exits with 1 and the reason when anything is wrong.

With --spoil it then changes each byte of the statement in turn and fails unless each change is noticed."""

import hashlib
import struct
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

STATEMENT = x509.ObjectIdentifier("2.25.0.28428.113697712.239884442.32625829.168786977")
PARTS = ["version", "attest", "signature", "key", "pin_index", "pin_policy", "attestation_key", "parent"]
PIN_POLICIES = ["never", "once", "always"]

# TPM 2.0 part 2: algorithms (6.3), curves (6.4), structure tags (6.9), commands (6.5.2).
RSA, SHA256, NULL, ECC = 0x0001, 0x000B, 0x0010, 0x0023
CURVES = {3: ec.SECP256R1, 4: ec.SECP384R1, 5: ec.SECP521R1}
GENERATED, CERTIFY = 0xFF544347, 0x8017
POLICY_SECRET = 0x00000151

# Object attributes (8.3.2).
FIXED = {"fixedTPM": 1 << 1, "fixedParent": 1 << 4, "sensitiveDataOrigin": 1 << 5}
USER_WITH_AUTH, RESTRICTED, SIGN = 1 << 6, 1 << 16, 1 << 18
# NV attributes (13.4).
ORDINARY, PIN_FAIL = 0, 8
NO_DA, WRITTEN, POLICY_WRITE = 1 << 25, 1 << 29, 1 << 3
OTHER_WRITERS = {"PPWRITE": 1 << 0, "OWNERWRITE": 1 << 1, "AUTHWRITE": 1 << 2}


class Refused(Exception):
    """The statement proves nothing."""


def demand(fact, what):
    if not fact:
        raise Refused(what)


class Reader:
    """Takes a TPM structure apart, to its last byte."""

    def __init__(self, data, what):
        self.data, self.what = data, what

    def take(self, size):
        demand(size <= len(self.data), f"{self.what} is cut short")
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def sized(self):
        return self.take(self.number(2))

    def end(self):
        demand(not self.data, f"{self.what} has more in it than it should")


def der_elements(data):
    """The elements of a DER sequence as (tag, value)."""
    elements = []
    while data:
        demand(len(data) > 1, "the extension is no DER")
        size, start = data[1], 2
        if size > 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[2:start], "big")
        demand(start + size <= len(data), "the extension is no DER")
        elements.append((data[0], data[start:start + size]))
        data = data[start + size:]
    return elements


def parts_of(certificate):
    value = certificate.extensions.get_extension_for_oid(STATEMENT).value.value
    outer = der_elements(value)
    demand(len(outer) == 1 and outer[0][0] == 0x30, "the extension is no SEQUENCE")
    fields = der_elements(outer[0][1])
    demand([tag for tag, _ in fields] == [0x02, 4, 4, 4, 4, 0x0A, 4, 4], "the extension has other fields")
    return dict(zip(PARTS, (value for _, value in fields)))


def name_of(area, algorithm=SHA256):
    """The Name of a public area (part 1 section 16)."""
    demand(algorithm == SHA256, "a name algorithm is not SHA-256")
    return struct.pack(">H", algorithm) + hashlib.sha256(area).digest()


def policy_secret(name):
    """The digest of PolicySecret alone (part 3 sections 23.2.3 and 23.4)."""
    first = hashlib.sha256(bytes(32) + struct.pack(">I", POLICY_SECRET) + name).digest()
    return hashlib.sha256(first).digest()


class PublicArea:
    """A TPMT_PUBLIC of an asymmetric key."""

    def __init__(self, data, what):
        reader = Reader(data, what)
        self.type = reader.number(2)
        self.name = name_of(data, reader.number(2))
        self.attributes = reader.number(4)
        self.policy = reader.sized()
        demand(reader.number(2) == NULL, f"{what} wraps other keys")
        self.scheme = reader.number(2)
        if self.scheme != NULL:
            reader.number(2)
        if self.type == RSA:
            bits, exponent = reader.number(2), reader.number(4) or 65537
            self.kind = f"RSA-{bits}"
            self.public = rsa.RSAPublicNumbers(exponent, int.from_bytes(reader.sized(), "big"))
        else:
            demand(self.type == ECC, f"{what} is neither RSA nor ECC")
            curve = CURVES.get(reader.number(2))
            demand(curve, f"{what} is on an unknown curve")
            demand(reader.number(2) == NULL, f"{what} has a key derivation scheme")
            x, y = (int.from_bytes(reader.sized(), "big") for _ in "xy")
            self.kind = curve.name
            self.public = ec.EllipticCurvePublicNumbers(x, y, curve())
        reader.end()
        for attribute, bit in FIXED.items():
            demand(self.attributes & bit, f"{what} lacks {attribute}")


def check_pin_index(data):
    """Checks the TPMS_NV_PUBLIC of a PIN; gives its Name, and what stands against guessing."""
    reader = Reader(data, "the PIN index")
    reader.number(4)
    name = name_of(data, reader.number(2))
    attributes = reader.number(4)
    demand(any(reader.sized()), "the PIN index has no policy")
    reader.number(2)
    reader.end()
    kind = attributes >> 4 & 0xF
    if kind == ORDINARY:
        demand(not attributes & NO_DA, "nobody counts wrong PINs: the index is exempt from the TPM's lockout")
        guard = "delayed by the TPM's lockout"
    else:
        demand(kind == PIN_FAIL, "the PIN index does not count wrong PINs")
        demand(attributes & NO_DA, "the PIN index is subject to the TPM's lockout")
        guard = "counted by the TPM"
    demand(attributes & WRITTEN and attributes & POLICY_WRITE, "the PIN index is not a written one")
    for attribute, bit in OTHER_WRITERS.items():
        demand(not attributes & bit, f"the PIN index has {attribute}: its count can be set back")
    return name, guard


def check_attest(parts, authority, key, attestation_key):
    """Checks the TPM's own statement (TPMS_ATTEST)."""
    try:
        authority.verify(parts["signature"], parts["attest"], ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("the statement's signature is wrong") from None
    reader = Reader(parts["attest"], "the statement")
    demand(reader.number(4) == GENERATED, "the statement does not come from inside of a TPM")
    demand(reader.number(2) == CERTIFY, "the statement does not certify an object")
    signer = reader.sized()
    reader.sized()
    reader.take(8 + 4 + 4 + 1 + 8)  # clock and firmware version
    name, qualified_name = reader.sized(), reader.sized()
    reader.end()
    demand(name == key.name, "the statement is about another key")
    for found, who in ((signer, attestation_key), (qualified_name, key)):
        demand(found == name_of(parts["parent"] + who.name), "a key does not hang under the parent")


def verify_statement(parts, authority, subject):
    """`authority` and `subject` are the public keys of the two certificates."""
    demand(parts["version"] == b"\x02", "the statement has another version")
    key = PublicArea(parts["key"], "the key")
    attestation_key = PublicArea(parts["attestation_key"], "the attestation key")
    demand(key.public == subject.public_numbers(), "the certificate has another key than the statement")
    demand(attestation_key.public == authority.public_numbers(), "the authority has another key")
    restricted = RESTRICTED | SIGN
    demand(attestation_key.attributes & restricted == restricted, "the attestation key signs anything")
    check_attest(parts, authority, key, attestation_key)
    demand(len(parts["pin_policy"]) == 1 and parts["pin_policy"][0] < len(PIN_POLICIES),
           "the PIN policy is unknown")
    policy = PIN_POLICIES[parts["pin_policy"][0]]
    if policy == "never":
        demand(not parts["pin_index"], "a key that wants no PIN comes with one")
        return {"key": key.kind, "pin": "not wanted"}
    demand(not key.attributes & USER_WITH_AUTH, "the key can be used without its policy")
    pin_name, guard = check_pin_index(parts["pin_index"])
    demand(key.policy == policy_secret(pin_name), "the key wants another PIN")
    return {"key": key.kind, "pin": f"{guard}, wanted {policy}"}


def verify(certificate, authority):
    """Verifies both certificates' relation and the statement; gives what is proven."""
    try:
        authority.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes,
                                      ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("the certificate was not issued by this authority") from None
    demand(certificate.issuer == authority.subject, "the certificate names another authority")
    return verify_statement(parts_of(certificate), authority.public_key(), certificate.public_key())


def spoil(certificate, authority):
    """Changes every byte of every part in turn."""
    parts, changes = parts_of(certificate), 0
    for part in PARTS:
        for i in range(len(parts[part])):
            changed = bytearray(parts[part])
            changed[i] ^= 0x80
            changes += 1
            try:
                verify_statement({**parts, part: bytes(changed)}, authority.public_key(),
                                 certificate.public_key())
            except (Refused, ValueError):
                continue
            sys.exit(f"nobody noticed a change in byte {i} of {part}")
    return changes


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--spoil"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    certificates = []
    for path in arguments:
        with open(path, "rb") as file:
            certificates.append(x509.load_pem_x509_certificate(file.read()))
    try:
        facts = verify(*certificates)
    except (Refused, x509.ExtensionNotFound) as refused:
        sys.exit(f"refused: {refused}")
    print(f"key: {facts['key']}, made in a TPM, cannot leave it")
    print(f"PIN: {facts['pin']}")
    if "--spoil" in sys.argv:
        print(f"spoiled: {spoil(*certificates)} changes, all noticed")


if __name__ == "__main__":
    main()
