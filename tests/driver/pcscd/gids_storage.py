#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A GIDS card whose disk is full: a chained PUT DATA, a new file, a key, and a PIN of another length are
refused with 6A84, nothing of them is seen, and with room again all of it works without a restart."""

import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import pcsc  # noqa: E402
from riglib.inside import PIN, READER, expect, fail, rig  # noqa: E402

STATE = os.environ["TPMVSC_STATE"]
FILLER = STATE + "/filler"
FULL, DONE = "6a84", "9000"
NEW_FILE = "00E000000E620C8201398302A0208C03033000"
NEW_KEY_FILE = "00E000001462128201188302B0818C058F10101000A502B600"


class Card:
    """Sends APDUs as hexadecimal digits; `send` gives data and status word."""

    def __init__(self, connection):
        self.connection = connection

    def send(self, command):
        answer = self.connection.transmit(bytes.fromhex(command)).hex()
        data = answer[:-4]
        while answer[-4:-2] == "61":
            answer = self.connection.transmit(bytes.fromhex("00C00000" + answer[-2:])).hex()
            data += answer[:-4]
        return data, answer[-4:]

    def status(self, command):
        return self.send(command)[1]

    def chain(self, header, data):
        """Blocks of 240 bytes, as Windows sends them; the last one's status."""
        blocks = [data[i:i + 240] for i in range(0, len(data), 240)]
        for block in blocks[:-1]:
            status = self.status("10" + header[2:] + f"{len(block):02X}" + block.hex())
            if status != DONE:
                return status
        return self.status(header + f"{len(blocks[-1]):02X}" + blocks[-1].hex())

    def put(self, tag, value):
        return self.chain("00DBA010", bytes.fromhex(tag) + b"\x82" + len(value).to_bytes(2, "big") + value)

    def get(self, tag):
        return self.send(f"00CBA010045C02{tag}00")[0]

    def verify(self, pin):
        return self.status(f"00200080{len(pin):02X}" + pin.encode().hex())

    def change(self, old, new):
        return self.status(f"00240080{len(old + new):02X}" + (old + new).encode().hex())


def fill():
    with open(FILLER, "wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


def test(card):
    expect("VERIFY", DONE, card.verify(PIN))
    expect("PUT DATA", DONE, card.put("DF24", b"o" * 3000))
    old = card.get("DF24")

    fill()
    expect("a longer object in a chain", FULL, card.put("DF24", b"n" * 20000))
    expect("the old object", old, card.get("DF24"))
    expect("a new object", FULL, card.put("DF25", b"n" * 20000))
    expect("it is not there", "6a88", card.status("00CBA010045C02DF2500"))
    expect("CREATE FILE", FULL, card.status(NEW_FILE))
    expect("no file", "6a82", card.status("00A4000C02A020"))
    expect("a PIN of another length", FULL, card.change(PIN, PIN + "99"))
    expect("the old PIN", DONE, card.verify(PIN))
    tries, _ = card.send("00CB3FFF045C027F7100")
    expect("no try was lost", "7f7106970103930103", tries)

    os.remove(FILLER)
    expect("PUT DATA with room", DONE, card.put("DF24", b"n" * 20000))
    expect("the new object", "df24824e20" + "6e" * 20000, card.get("DF24"))
    expect("CREATE FILE with room", DONE, card.status(NEW_FILE))
    expect("a key's file", DONE, card.status(NEW_KEY_FILE))

    fill()
    expect("GENERATE", FULL, card.status("0047000008AC0680010C830181"))
    expect("no key", "6a88", card.status("00CB3FFF0A7008840181A5037F498000"))
    os.remove(FILLER)
    expect("GENERATE with room", DONE, card.status("0047000008AC0680010C830181"))
    expect("the PIN with room", DONE, card.change(PIN, PIN + "99"))
    expect("the new PIN", DONE, card.verify(PIN + "99"))


def main():
    rig("stop-pcscd")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", STATE], check=True)
    try:
        rig("start-pcscd")
        rig("create", "Short of room")
        rig("wait-cards", "1")
        with pcsc.Context() as context:
            if context is None:
                fail("no pcscd")
            connection = context.connect(READER)
            test(Card(connection))
            connection.disconnect()
    finally:
        rig("stop-pcscd")
        subprocess.run(["umount", STATE], check=True)


if __name__ == "__main__":
    main()
