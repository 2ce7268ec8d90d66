#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sharing.py ROLE SECONDS [CERTIFICATE]: a PC/SC program that shares a PIV card with others for so long, and ends with 1
where it is not given what PC/SC and PIV promise it. Says how often it did its work.

looker      reads the card and asks whether somebody is logged in, with a connection of its own each time
keeper      logs in once, and signs with 9A until it ends; nobody may log it out
transactor  logs in and signs in one transaction, where nobody may come between
clumsy      gives a wrong PIN, which costs one try and not more, and waits until somebody gives the right one"""

import os
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from smartcard import scard

SELECT = bytes.fromhex("00A4040005A000000308")
STATUS = bytes.fromhex("00200080")
READ_CHUID = bytes.fromhex("00CB3FFF055C035FC10200")
TRIES = 3


class Failure(Exception):
    """What was promised was not given."""


def expect(what, condition):
    if not condition:
        raise Failure(what)


def verify(pin):
    return bytes.fromhex("0020008008") + pin.encode().ljust(8, b"\xff")


class Connection:
    """A shared one. Who reset the card meanwhile is none of our business: we connect again, as PC/SC has it."""

    def __init__(self):
        code, self.context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        expect(f"SCardEstablishContext: {code:#x}", code == 0)
        code, self.card, _ = scard.SCardConnect(self.context, os.environ["TPMVSC_READER"],
                                                scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)
        expect(f"SCardConnect: {code & 0xffffffff:#x}", code == 0)

    def __enter__(self):
        code = scard.SCardBeginTransaction(self.card)
        while code == scard.SCARD_W_RESET_CARD:
            scard.SCardReconnect(self.card, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1,
                                 scard.SCARD_LEAVE_CARD)
            code = scard.SCardBeginTransaction(self.card)
        expect(f"SCardBeginTransaction: {code & 0xffffffff:#x}", code == 0)
        return self

    def __exit__(self, *_):
        scard.SCardEndTransaction(self.card, scard.SCARD_LEAVE_CARD)

    def close(self):
        scard.SCardDisconnect(self.card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(self.context)

    def send(self, apdu):
        """The answer's data, and its status word."""
        code, answer = scard.SCardTransmit(self.card, scard.SCARD_PCI_T1, list(apdu))
        expect(f"SCardTransmit: {code & 0xffffffff:#x}", code == 0)
        data, status = bytes(answer[:-2]), answer[-2] << 8 | answer[-1]
        if status >> 8 == 0x61:
            more, status = self.send([0x00, 0xC0, 0x00, 0x00, status & 0xFF])
            data += more
        return data, status

    def must(self, apdu, expected=0x9000):
        data, status = self.send(apdu)
        expect(f"{bytes(apdu[:4]).hex()} gave {status:04X}, not {expected:04X}", status == expected)
        return data

    def sign(self, certificate):
        digest = os.urandom(32)
        answer = self.must(bytes.fromhex("0087119A267C2482008120") + digest + b"\0")
        certificate.public_key().verify(answer[4:], digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def looker(_):
    connection = Connection()
    with connection:
        connection.must(SELECT)
        connection.must(READ_CHUID)
        _, status = connection.send(STATUS)
        expect(f"the login's state is {status:04X}", status == 0x9000 or status >> 4 == 0x63C)
    connection.close()
    time.sleep(0.02)


class Keeper:
    def __init__(self):
        self.connection = Connection()
        with self.connection:
            self.connection.must(SELECT)
            self.connection.must(verify(os.environ["TPMVSC_PIN"]))

    def __call__(self, certificate):
        # No transaction: others come between any two of these. They have the same application selected.
        self.connection.must(STATUS)
        self.connection.sign(certificate)


class Transactor:
    def __init__(self):
        self.connection = Connection()

    def __call__(self, certificate):
        with self.connection:
            self.connection.must(SELECT)
            self.connection.must(verify(os.environ["TPMVSC_PIN"]))
            self.connection.must(SELECT)
            self.connection.must(STATUS)
            self.connection.sign(certificate)
        time.sleep(0.1)


class Clumsy:
    def __init__(self):
        self.connection = Connection()

    def __call__(self, _):
        with self.connection:
            self.connection.must(SELECT)
            self.connection.must(verify(os.environ["TPMVSC_PIN"]))
            self.connection.must(verify("999999"), 0x63C0 + TRIES - 1)
            self.connection.must(STATUS, 0x63C0 + TRIES - 1)
        deadline = time.monotonic() + 30
        while True:
            time.sleep(0.5)
            with self.connection:
                self.connection.must(SELECT)
                _, status = self.connection.send(STATUS)
            if status in (0x9000, 0x63C0 + TRIES):
                return
            expect(f"a try more is gone: {status:04X}", status == 0x63C0 + TRIES - 1)
            expect("nobody else has logged in for 30 s", time.monotonic() < deadline)


def main():
    role, seconds, *rest = sys.argv[1:]
    certificate = None
    if rest:
        with open(rest[0], "rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read())
    rounds, end = 0, time.monotonic() + float(seconds)
    try:
        work = {"looker": lambda: looker, "keeper": Keeper, "transactor": Transactor, "clumsy": Clumsy}[role]()
        while time.monotonic() < end:
            work(certificate)
            rounds += 1
    except Failure as failure:
        sys.exit(f"{role}: after {rounds} rounds: {failure}")
    print(f"   {role}: {rounds} rounds")


if __name__ == "__main__":
    main()
