#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a program on python3-pyscard does with a card: part of pyscard.sh."""

import hashlib
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from smartcard.CardRequest import CardRequest
from smartcard.CardType import ATRCardType
from smartcard.System import readers
from smartcard.util import toBytes, toHexString

ATR = "3B DB 18 FF 81 31 FE 45 80 F9 A0 00 00 03 08 00 00 10 00 F5"


def tlv(tag, *values):
    value = b"".join(values)
    assert len(value) < 128
    return bytes([tag, len(value)]) + value


def send(connection, apdu, expected=0x9000):
    """Sends, fetches what waits behind 61xx, and gives the data."""
    data, sw1, sw2 = connection.transmit(list(apdu))
    while sw1 == 0x61:
        more, sw1, sw2 = connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
        data += more
    assert (sw1 << 8 | sw2) == expected, f"{apdu.hex()} gave {sw1:02X}{sw2:02X}"
    return bytes(data)


def become_administrator(connection):
    key = bytes.fromhex(os.environ["TPMVSC_ADMIN_KEY"])
    cipher = Cipher(algorithms.TripleDES(key), modes.ECB())
    answer = send(connection, bytes.fromhex("0087039B047C028100"))
    encryptor = cipher.encryptor()
    proof = tlv(0x7C, tlv(0x82, encryptor.update(answer[4:]) + encryptor.finalize()))
    send(connection, bytes.fromhex("0087039B") + bytes([len(proof)]) + proof)


def main():
    reader = next(reader for reader in readers() if reader.name == os.environ["TPMVSC_READER"])
    connection = reader.createConnection()
    connection.connect()
    atr = toHexString(connection.getATR())
    assert atr == ATR, atr

    assert send(connection, bytes.fromhex("00A4040005A00000030800")).startswith(b"\x61")
    assert send(connection, bytes.fromhex("00FD000000")) == bytes([5, 4, 3])
    assert len(send(connection, bytes.fromhex("00F8000000"))) == 4
    become_administrator(connection)
    public = send(connection, bytes.fromhex("0047009A05AC0380011100"))
    point = public[public.index(b"\x86\x41") + 2:]

    # An object longer than a short APDU: written by one extended command, read in pieces.
    contents = os.urandom(3000)
    body = bytes.fromhex("5C035FFF105382") + len(contents).to_bytes(2, "big") + contents
    send(connection, bytes.fromhex("00DB3FFF00") + len(body).to_bytes(2, "big") + body)
    assert send(connection, bytes.fromhex("00CB3FFF055C035FFF1000"))[4:] == contents

    digest = hashlib.sha256(b"signed through pyscard").digest()
    request = tlv(0x7C, tlv(0x82), tlv(0x81, digest))
    sign = bytes.fromhex("0087119A") + bytes([len(request)]) + request + b"\0"
    send(connection, sign, 0x6982)
    pin = os.environ["TPMVSC_PIN"].encode().ljust(8, b"\xff")
    send(connection, bytes.fromhex("0020008008") + pin)
    signature = send(connection, sign)
    signature = signature[signature.index(b"\x82") + 2:]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    key.verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    connection.disconnect()

    service = CardRequest(cardType=ATRCardType(toBytes(atr)), timeout=10).waitforcard()
    service.connection.connect()
    send(service.connection, bytes.fromhex("00200080"), 0x63C3)
    service.connection.disconnect()
    print("all as it should be")


if __name__ == "__main__":
    main()
