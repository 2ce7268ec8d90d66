#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fills the file system of a GIDS card as a Windows host would, with more files than OpenSC writes: part of
gids_full.sh. Arguments: the certificate to write, and how many times."""

import os
import struct
import sys

from smartcard.System import readers

DIRECTORY, EVERYONE_READS = 0xA000, 0xA010
MASTER_FILE, CONTAINER_MAP = 0xDF1F, 0xDF23
FIRST_CERTIFICATE, LAST_TAG = 0xDF24, 0xDF7F
RECORD = struct.Struct("<9s9s2xLL")
BLOCK = 240  # what Windows sends at a time
LARGEST = 65000


class Card:
    def __init__(self, name):
        reader = next(reader for reader in readers() if reader.name == name)
        self.connection = reader.createConnection()
        self.connection.connect()
        self.send("00A4040009A00000039742544659")
        pin = os.environ["TPMVSC_PIN"].encode()
        self.send("00200080" + f"{len(pin):02X}" + pin.hex())

    def send(self, apdu, expected=0x9000):
        """Sends, fetches what waits behind 61xx, and gives the data."""
        data, sw1, sw2 = self.connection.transmit(list(bytes.fromhex(apdu)))
        answer = bytearray(data)
        while sw1 == 0x61:
            data, sw1, sw2 = self.connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
            answer += bytes(data)
        assert (sw1 << 8 | sw2) == expected, f"{apdu[:40]} gave {sw1:02X}{sw2:02X}"
        return bytes(answer)

    def put(self, file, tag, value, expected=0x9000):
        size = (bytes([len(value)]) if len(value) < 0x80 else
                bytes([0x81, len(value)]) if len(value) < 0x100 else
                b"\x82" + len(value).to_bytes(2, "big"))
        body = tag.to_bytes(2, "big") + size + value
        while len(body) > BLOCK:
            self.send(f"10DB{file:04X}{BLOCK:02X}" + body[:BLOCK].hex())
            body = body[BLOCK:]
        self.send(f"00DB{file:04X}{len(body):02X}" + body.hex(), expected)

    def get(self, file, tag, expected=0x9000):
        answer = self.send(f"00CB{file:04X}045C02{tag:04X}00", expected)
        if not answer:
            return None
        lengths = {0x81: 1, 0x82: 2}.get(answer[2], 0)
        return answer[3 + lengths:]

    def tags(self, file):
        answer = self.send(f"00CB{file:04X}035C015C00")
        lengths = {0x81: 1, 0x82: 2}.get(answer[1], 0)
        listed = answer[2 + lengths:]
        return [int.from_bytes(listed[i:i + 2], "big") for i in range(0, len(listed), 2)]


def add_files(card, content, wanted):
    """Certificates up to `wanted` in all, each listed in the master file and different from the others."""
    master = card.get(DIRECTORY, MASTER_FILE)
    used = set(card.tags(EVERYONE_READS))
    free = [tag for tag in range(FIRST_CERTIFICATE, LAST_TAG) if tag not in used]
    there = sum(tag >= FIRST_CERTIFICATE for tag in used)
    written = {}
    for number, tag in enumerate(free[:wanted - there]):
        written[tag] = content + tag.to_bytes(2, "big")
        master += RECORD.pack(b"mscp", b"old%02d" % number, tag, EVERYONE_READS)
        card.put(EVERYONE_READS, tag, written[tag])
        card.put(DIRECTORY, MASTER_FILE, master)
    for tag, value in written.items():
        assert card.get(EVERYONE_READS, tag) == value, f"{tag:04X} is not what was written"
    assert card.get(DIRECTORY, MASTER_FILE) == master
    assert sum(tag >= FIRST_CERTIFICATE for tag in card.tags(EVERYONE_READS)) == wanted
    return len(written)


def try_large_file(card):
    """The largest file that hosts write. One that is too long is refused and changes nothing; an empty one
    stays readable, until it is emptied again."""
    content = os.urandom(LARGEST)
    card.put(EVERYONE_READS, LAST_TAG, content)
    card.put(EVERYONE_READS, LAST_TAG, os.urandom(LARGEST + 535), 0x6700)
    assert card.get(EVERYONE_READS, LAST_TAG) == content, "the large file is not what was written"
    card.put(EVERYONE_READS, LAST_TAG, b"")
    assert card.get(EVERYONE_READS, LAST_TAG) == b""
    card.put(EVERYONE_READS, LAST_TAG, b"")
    card.get(EVERYONE_READS, LAST_TAG, 0x6A88)


def main():
    with open(sys.argv[1], "rb") as file:
        content = file.read()
    card = Card(os.environ["TPMVSC_READER"])
    before = card.get(EVERYONE_READS, CONTAINER_MAP)
    print(f"{add_files(card, content, int(sys.argv[2]))} files added")
    try_large_file(card)
    assert card.get(EVERYONE_READS, CONTAINER_MAP) == before
    print("all as it should be")


if __name__ == "__main__":
    main()
