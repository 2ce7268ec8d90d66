#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""software_attestation.py BUNDLE FORGED NONCE: makes a bundle like BUNDLE for a key in software, whose
attestation key is in software as well. Its statements are well-formed; no TPM has made them."""

import base64
import datetime
import json
import os
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
import attestation_verifier as verifier  # noqa: E402


def with_point(area, key):
    """A P-256 TPMT_PUBLIC with another point: it ends with two coordinates of 32 bytes."""
    numbers = key.public_key().public_numbers()
    return area[:-68] + b"".join(b"\x00\x20" + n.to_bytes(32, "big") for n in (numbers.x, numbers.y))


def sized(data):
    return len(data).to_bytes(2, "big") + data


def der(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def certificate(subject, issuer, key, signer, extensions):
    now = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(
        issuer_name=issuer, subject_name=subject, public_key=key.public_key(), serial_number=1,
        not_valid_before=now, not_valid_after=datetime.datetime(2090, 1, 1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(signer, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def main():
    source, target, nonce = sys.argv[1:]
    with open(source) as file:
        bundle = json.load(file)
    parts = verifier.parts_of(x509.load_pem_x509_certificate(bundle["certificate"].encode()))
    attestation_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    own_area, key_area = with_point(parts["attestation_key"], attestation_key), with_point(parts["key"], key)

    def qualified(area):
        return verifier.name_of(parts["parent"] + verifier.name_of(area))

    def sign(attest):
        return attestation_key.sign(attest, ec.ECDSA(hashes.SHA256()))

    def statement(kind, subject):
        return (b"\xffTCG" + kind.to_bytes(2, "big") + sized(qualified(own_area)) + sized(bytes.fromhex(nonce))
                + bytes(25) + subject)

    attest = statement(verifier.CERTIFY, sized(verifier.name_of(key_area)) + sized(qualified(key_area)))
    fields = (der(0x02, parts["version"]) + der(0x04, attest) + der(0x04, sign(attest)) + der(0x04, key_area)
              + der(0x04, parts["pin_index"]) + der(0x0A, parts["pin_policy"]) + der(0x04, own_area)
              + der(0x04, parts["parent"]))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged")])
    tries = statement(verifier.CERTIFY_NV, sized(verifier.name_of(parts["pin_index"])) + bytes(2)
                      + sized(bytes(7) + b"\x03"))
    bundle.update(
        authority=certificate(name, name, attestation_key, attestation_key, []),
        certificate=certificate(name, name, key, attestation_key,
                                [x509.UnrecognizedExtension(verifier.STATEMENT, der(0x30, fields))]),
        tries={"attest": base64.b64encode(tries).decode(), "signature": base64.b64encode(sign(tries)).decode()})
    with open(target, "w") as file:
        json.dump(bundle, file)


if __name__ == "__main__":
    main()
