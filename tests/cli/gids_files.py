#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""gids_files.py EXPRESSION: reads the minidriver's files off the GIDS card in the reader $TPMVSC_READER, without a PIN,
and prints a Python expression on `files`. It knows their layout by itself, as a host would."""

import hashlib
import os
import struct
import sys
import zlib
from collections import namedtuple

from smartcard.System import readers

DIRECTORY, EVERYONE_READS = 0xA000, 0xA010
MASTER_FILE, KEY_MAP, CARD_CACHE, CONTAINER_MAP = 0xDF1F, 0xDF20, 0xDF22, 0xDF23
ENTRY = struct.Struct("<9s9s2xLL")
CONTAINER = struct.Struct("<80sBxHH")
KEY = struct.Struct("<LBBHHH")
ALGORITHMS = {0x06: 1024, 0x07: 2048, 0x08: 3072, 0x09: 4096, 0x0C: 256, 0x0D: 384}

Entry = namedtuple("Entry", "directory name tag file")
Container = namedtuple("Container", "name flags signature exchange valid default")
Key = namedtuple("Key", "state algorithm type file filler rest")


def text(field):
    return field.split(b"\0")[0].decode()


def container(record):
    name, flags, signature, exchange = CONTAINER.unpack(record)
    return Container(name.decode("utf-16-le").split("\0")[0], flags, signature, exchange, bool(flags & 1),
                     bool(flags & 2))


class Files:
    def __init__(self, name):
        reader = next(reader for reader in readers() if reader.name == name)
        self.connection = reader.createConnection()
        self.connection.connect()
        self.send("00A4040009A00000039742544659")
        master = self.get(DIRECTORY, MASTER_FILE)
        assert master[0] == 1 and (len(master) - 1) % ENTRY.size == 0, "the master file is odd"
        self.entries = [Entry(text(directory), text(name), tag, file)
                        for directory, name, tag, file in ENTRY.iter_unpack(master[1:])]
        self.map = self.get(EVERYONE_READS, CONTAINER_MAP) or b""
        assert len(self.map) % CONTAINER.size == 0, "the container map is odd"
        self.containers = [container(self.map[i:i + CONTAINER.size])
                           for i in range(0, len(self.map), CONTAINER.size)]
        self.key_map = self.get(DIRECTORY, KEY_MAP)
        self.keys = [Key(*key) for key in KEY.iter_unpack(self.key_map[1:])] if self.key_map else []
        self.freshness = struct.unpack("<2xHH", self.get(EVERYONE_READS, CARD_CACHE))

    def send(self, apdu):
        data, sw1, sw2 = self.connection.transmit(list(bytes.fromhex(apdu)))
        answer = bytearray(data)
        while sw1 == 0x61:
            data, sw1, sw2 = self.connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
            answer += bytes(data)
        return bytes(answer) if (sw1, sw2) == (0x90, 0x00) else None

    def get(self, file, tag):
        answer = self.send(f"00CB{file:04X}045C02{tag:04X}00")
        if answer is None:
            return None
        return answer[3 + {0x81: 1, 0x82: 2}.get(answer[2], 0):]

    def has_key(self, index):
        return self.send(f"00CB3FFF0A70088401{0x81 + index:02X}A5037F498000") is not None

    def certificates(self):
        """The listed ones, by container."""
        return {int(entry.name[3:], 16): entry for entry in self.entries
                if entry.directory == "mscp" and entry.name[:3] in ("kxc", "ksc")}

    def certificate(self, index):
        packed = self.get(*reversed(self.certificates()[index][2:]))
        assert packed[:2] == b"\x01\x00", "an odd head"
        plain = zlib.decompress(packed[4:])
        assert len(plain) == int.from_bytes(packed[2:4], "little"), "an odd length"
        return plain

    def problems(self):
        found = []
        if self.containers and len(self.containers) != len(self.keys):
            found.append(f"{len(self.containers)} containers, {len(self.keys)} keys")
        for index, (one, key) in enumerate(zip(self.containers, self.keys)):
            if not one.valid and (one != container(bytes(CONTAINER.size)) or key.state or key.file != 0xFFFF):
                found.append(f"container {index} is not zeroed")
            if one.valid and (key.state != 1 or key.file != 0xB081 + index or
                              key.type != (0x9A if one.exchange else 0x9C) or
                              ALGORITHMS.get(key.algorithm) != (one.exchange or one.signature)):
                found.append(f"container {index} and its key do not agree: {one} {key}")
            if one.valid and not self.has_key(index):
                found.append(f"container {index} has no key")
        if sum(one.default for one in self.containers) != any(one.valid for one in self.containers):
            found.append("not one default container")
        for index, entry in self.certificates().items():
            if index >= len(self.containers) or not self.containers[index].valid:
                found.append(f"{entry.name} is for no container")
            elif (entry.name[:3] == "kxc") != bool(self.containers[index].exchange):
                found.append(f"{entry.name} is of the wrong kind")
            elif not self.certificate(index).startswith(b"\x30\x82"):
                found.append(f"{entry.name} is no certificate")
        if len({entry[:2] for entry in self.entries}) != len(self.entries):
            found.append("a file is listed twice")
        if len({entry[2:] for entry in self.entries if entry.tag}) != sum(entry.tag != 0 for entry in self.entries):
            found.append("two files are in one place")
        return found

    def dangers(self):
        """What keeps a host from reading: the rest is only untidy."""
        found = []
        if self.containers and len(self.keys) < len(self.containers):
            found.append(f"{len(self.containers)} containers, {len(self.keys)} keys")
        for index, (one, key) in enumerate(zip(self.containers, self.keys)):
            if one.valid and (key.state != 1 or key.file != 0xB081 + index or not self.has_key(index)):
                found.append(f"container {index} has no key: {key}")
        for index in self.certificates():
            if not self.certificate(index).startswith(b"\x30\x82"):
                found.append(f"the certificate of container {index} cannot be read")
        return found

    def digest(self):
        """Of all but the counters."""
        files = [(entry.name, self.get(entry.file, entry.tag)) for entry in self.entries
                 if entry.tag and entry.name != "cardcf"]
        return hashlib.sha256(repr((self.entries, self.key_map, files)).encode()).hexdigest()


files = Files(os.environ["TPMVSC_READER"])
print(eval(sys.argv[1]))
