#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""attestation_verifier.py ATTESTATION.pem AUTHORITY.pem

Verifies the TPM's statement in the certificate that a card has issued for one of its keys, as
doc/attestation.md describes it, and prints what it proves. AUTHORITY.pem is the certificate of slot F9:
whoever runs this must know it to be the card's. Exits with 1 and the reason when anything is wrong.

attestation_verifier.py --bundle BUNDLE.json [--roots ROOT.pem INTERMEDIATE.pem] [--nonce HEX]
judges a bundle (tpmvsc key attest --bundle) likewise: its statements, the tries, and that the endorsement
certificate is for its endorsement key and issued below the root.

With --spoil it then changes each byte of the statement in turn and fails unless each change is noticed."""

import base64
import hashlib
import json
import struct
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

STATEMENT = x509.ObjectIdentifier("2.25.0.28428.113697712.239884442.32625829.168786977")
PARTS = ["version", "attest", "signature", "key", "pin_index", "pin_policy", "attestation_key", "parent"]
PIN_POLICIES = ["never", "once", "always"]

# TPM 2.0 part 2: algorithms (6.3), curves (6.4), structure tags (6.9), commands (6.5.2).
RSA, SHA256, NULL, ECC = 0x0001, 0x000B, 0x0010, 0x0023
CURVES = {3: ec.SECP256R1, 4: ec.SECP384R1, 5: ec.SECP521R1}
GENERATED, CERTIFY, CERTIFY_NV = 0xFF544347, 0x8017, 0x8014
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


def check_tries(tries, parts, authority):
    """The TPM's statement of the PIN index' count and limit (TPMS_ATTEST of TPM2_NV_Certify)."""
    attest = base64.b64decode(tries["attest"])
    try:
        authority.verify(base64.b64decode(tries["signature"]), attest, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused("the signature over the tries is wrong") from None
    reader = Reader(attest, "the statement about the tries")
    demand(reader.number(4) == GENERATED and reader.number(2) == CERTIFY_NV, "the tries are not certified")
    demand(reader.sized() == name_of(parts["parent"] + name_of(parts["attestation_key"])), "another signer")
    nonce = reader.sized()
    reader.take(8 + 4 + 4 + 1 + 8)
    demand(reader.sized() == name_of(parts["pin_index"]), "the tries are of another PIN")
    demand(reader.number(2) == 0, "only a part of the index is certified")
    used, limit = struct.unpack(">II", reader.sized())
    reader.end()
    return nonce, used, limit


def nonce_of(parts):
    reader = Reader(parts["attest"], "the statement")
    reader.take(6)
    reader.sized()
    return reader.sized()


def endorsement_numbers(area):
    """The public numbers of an endorsement key's TPMT_PUBLIC, template L-1 or L-2."""
    reader = Reader(area, "the endorsement key")
    kind, name_algorithm, attributes = reader.number(2), reader.number(2), reader.number(4)
    demand(name_algorithm == SHA256 and attributes == 0x000300B2, "the endorsement key is of another template")
    demand(reader.sized() == policy_secret(struct.pack(">I", 0x4000000B)), "its policy is not the TCG's")
    demand([reader.number(2) for _ in range(3)] == [0x0006, 128, 0x0043], "it does not wrap by AES-128-CFB")
    demand(reader.number(2) == NULL, "it has a scheme")
    if kind == RSA:
        demand(reader.number(2) == 2048, "it is not RSA-2048")
        exponent = reader.number(4) or 65537
        numbers = rsa.RSAPublicNumbers(exponent, int.from_bytes(reader.sized(), "big"))
    else:
        curve = CURVES[reader.number(2)]
        reader.number(2)
        x, y = (int.from_bytes(reader.sized(), "big") for _ in "xy")
        numbers = ec.EllipticCurvePublicNumbers(x, y, curve())
    reader.end()
    return numbers


def issued_by(certificate, issuer):
    key, hash_ = issuer.public_key(), certificate.signature_hash_algorithm
    scheme = (padding.PKCS1v15(), hash_) if isinstance(key, rsa.RSAPublicKey) else (ec.ECDSA(hash_),)
    try:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, *scheme)
    except InvalidSignature:
        raise Refused(f"{certificate.subject} was not issued by {issuer.subject}") from None


def judge_bundle(path, roots, nonce):
    with open(path) as file:
        bundle = json.load(file)
    demand(bundle["format"] == "tpmvsc attestation 1", "the bundle has another version")
    certificate, authority = (x509.load_pem_x509_certificate(bundle[name].encode())
                              for name in ("certificate", "authority"))
    facts = verify(certificate, authority)
    parts = parts_of(certificate)
    demand(nonce is None or nonce_of(parts) == nonce, "the statement has another nonce")
    if "tries" in bundle:
        same, used, facts["limit"] = check_tries(bundle["tries"], parts, authority.public_key())
        demand(same == nonce_of(parts), "the statements have different nonces")
        facts["tries"] = f"{used} of {facts['limit']} used"
    if roots:
        endorsement = bundle["endorsement"]
        own = x509.load_pem_x509_certificate(endorsement["certificate"].encode())
        demand(own.public_key().public_numbers() == endorsement_numbers(base64.b64decode(endorsement["public"])),
               "the endorsement certificate is for another key")
        for below, above in zip([own, *roots[1:]], [*roots[1:], roots[0]]):
            issued_by(below, above)
        facts["endorsement"] = own.issuer.rfc4514_string()
    return facts


def take_option(arguments, name):
    """The values behind an option, up to the next one; nothing when it is not there."""
    if name not in arguments:
        return []
    start = arguments.index(name)
    end = next((i for i in range(start + 1, len(arguments)) if arguments[i].startswith("--")), len(arguments))
    return arguments[start + 1:end]


def main_of_bundle(arguments):
    roots = []
    for path in take_option(arguments, "--roots"):
        with open(path, "rb") as file:
            roots.append(x509.load_pem_x509_certificate(file.read()))
    nonce = take_option(arguments, "--nonce")
    try:
        facts = judge_bundle(take_option(arguments, "--bundle")[0], roots,
                             bytes.fromhex(nonce[0]) if nonce else None)
    except (Refused, x509.ExtensionNotFound, KeyError) as refused:
        sys.exit(f"refused: {refused}")
    for name, fact in facts.items():
        print(f"{name}: {fact}")


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
    if "--bundle" in sys.argv:
        return main_of_bundle(sys.argv[1:])
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
