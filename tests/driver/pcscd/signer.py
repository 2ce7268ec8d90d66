#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signer.py make: an RSA key in 9A and a P-256 key in 9E.
signer.py rsa|ec: signs with one of them, over and over, until pcscd is gone. Whatever is answered must be
right. Says "signing" after the first signature."""

import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import pcsc, piv  # noqa: E402
from riglib.inside import ADMIN_KEY, PIN, Host, fail  # noqa: E402

BLOCK = bytes([0, 1]) + 200 * b"\xff" + bytes(54)
DIGEST = bytes(range(32))


def make():
    with Host() as host:
        host.card.administer(ADMIN_KEY)
        host.card.generate(0x9A, piv.RSA2048)
        host.card.generate(0x9E, piv.P256)


class Rsa:
    def __init__(self, card):
        self.card, self.modulus = card, int.from_bytes(card.public_key(0x9A), "big")
        card.verify(PIN)

    def sign(self):
        return self.card.use(0x9A, piv.RSA2048, BLOCK)

    def is_right(self, signature):
        return pow(int.from_bytes(signature, "big"), 65537, self.modulus) == int.from_bytes(BLOCK, "big")


class Ec:
    def __init__(self, card):
        self.card, self.point = card, card.public_key(0x9E)

    def sign(self):
        return self.card.use(0x9E, piv.P256, DIGEST)

    def is_right(self, signature):
        return piv.is_signature(self.point, DIGEST, signature)


def main():
    if sys.argv[1] == "make":
        return make()
    host, signatures = Host(), []
    try:
        host.connection.begin()
        signer = {"rsa": Rsa, "ec": Ec}[sys.argv[1]](host.card)
        while True:
            signatures.append(signer.sign())
            host.connection.end()
            # The other client asks ten times a second only whether it may: without a pause it never may.
            time.sleep(0.02)
            host.connection.begin()
            if len(signatures) == 1:
                print("signing", flush=True)
    except pcsc.Error as end:
        print(f"{len(signatures)} signatures, then {end}", flush=True)
    if not signatures:
        fail("no signature")
    # OpenSSL takes its time, so of the EC ones it sees the last.
    for signature in signatures if sys.argv[1] == "rsa" else signatures[-3:]:
        if not signer.is_right(signature):
            fail("a wrong signature")


if __name__ == "__main__":
    main()
