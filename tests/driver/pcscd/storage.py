#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The card while its folder takes nothing: the disk is full, nearly full, or read-only. Each command that
would have to store something is refused, with one line in the log and all as it was before; what needs no
storage works; and when there is room again everything works, without a restart."""

import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import piv  # noqa: E402
from riglib.inside import ADMIN_KEY, PIN, PUK, Host, expect, fail, log_lines, rig  # noqa: E402

STATE = os.environ["TPMVSC_STATE"]
FILLER = STATE + "/filler"
SMALL, LARGE, PRIVATE = 0x5F0001, 0x5F0002, piv.PRINTED_INFORMATION
LARGEST_OBJECT = 12710
FULL, UNWRITABLE = "6a84", "6581"
OTHER_ADMIN_KEY = bytes(range(0x31, 0x49))
SCALARS = [bytes([number]) * 32 for number in (0x11, 0x22)]


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def fill(left=0):
    """Fills the disk up but for so many bytes."""
    with open(FILLER, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        file.truncate(file.tell() - left)


def card_folder():
    folder, = pathlib.Path(STATE, "cards").iterdir()
    return folder


class Expected:
    """What is on the card."""

    def __init__(self, card):
        self.pin, self.puk, self.admin_key = PIN, PUK, ADMIN_KEY
        self.objects = {SMALL: b"s" * 100, LARGE: b"l" * LARGEST_OBJECT, PRIVATE: b"p" * 50}
        for tag, contents in self.objects.items():
            card.put(tag, contents)
        self.keys = {0x9A: card.generate(0x9A, piv.P256), 0x9C: None}
        card.import_scalar(0x9D, SCALARS[0])
        self.keys[0x9D] = card.public_key(0x9D)

    def check(self, card):
        card.verify(self.pin)
        for tag, contents in self.objects.items():
            if card.get(tag) != contents:
                fail(f"object {tag:X} is not what it was")
        for slot, key in self.keys.items():
            expect(f"the key in {slot:X}", key, card.public_key(slot))
            card.verify(self.pin)
            if key is not None and not card.signs(slot, key):
                fail(f"the key in {slot:X} does not work")
        card.administer(self.admin_key)
        left = [path.name for path in card_folder().iterdir() if path.name.startswith(".")]
        expect("left in the folder", [], left)


def stores(card, salt):
    """All that has to store something: what it is, and how it is asked for."""
    return {
        "PUT DATA": lambda: card.put(SMALL, salt * 100),
        "PUT DATA, large": lambda: card.put(LARGE, salt * LARGEST_OBJECT),
        "PUT DATA, for the PIN": lambda: card.put(PRIVATE, salt * 50),
        "PUT DATA, new": lambda: card.put(SMALL + 0x100, salt * 100),
        "GENERATE": lambda: card.generate(0x9A, piv.P256),
        "GENERATE in an empty slot": lambda: card.generate(0x9C, piv.RSA2048),
        "import": lambda: card.import_scalar(0x9D, SCALARS[1]),
        "SET MANAGEMENT KEY": lambda: card.set_admin_key(OTHER_ADMIN_KEY),
        "SET RETRIES": lambda: card.set_tries(5, 5),
    }


def refuse_all(card, expected, status, cause):
    """Everything is refused, once, and nothing has changed."""
    for name, store in stores(card, b"x").items():
        card.verify(expected.pin)
        card.administer(expected.admin_key)
        before = len(log_lines(cause))
        expect(name, status, card.status(store))
        lines = log_lines(cause)[before:]
        if len(lines) != 1 or f"was answered {status}" not in lines[0] or STATE not in lines[0]:
            fail(f"{name}: not one good line in the log: {lines}")
        expected.check(card)
    # A wrong answer is counted on disk, so not even that goes on.
    expect("the refused management key", status,
           card.status(lambda: card.administer(OTHER_ADMIN_KEY)))
    expected.check(card)
    expect("the unstored object", None, card.get(SMALL + 0x100))


def change_values(card, expected, cause):
    """PIN and PUK are the TPM's: changing them needs no room. What the file says of them is put right later."""
    for new in ("654321", "777777"):
        expect("CHANGE REFERENCE DATA, PIN", "9000",
               card.status(card.change, piv.PIN, expected.pin, new))
        expect("the old PIN", "63c2", card.status(card.verify, expected.pin))
        expected.pin = new
        expected.check(card)
    expect("CHANGE REFERENCE DATA, PUK", "9000",
           card.status(card.change, piv.PUK, expected.puk, "87654321"))
    expect("RESET RETRY COUNTER, the old PUK", "63c2",
           card.status(card.reset_pin, expected.puk, "111111"))
    expected.puk = "87654321"
    expect("RESET RETRY COUNTER", "9000", card.status(card.reset_pin, expected.puk, "888888"))
    expected.pin = "888888"
    expected.check(card)
    lines = [line for line in log_lines("PIN or PUK was changed") if cause in line]
    expect("lines in the log", 1, len(lines))
    if "stored as soon as that is possible" not in lines[0] or STATE not in lines[0]:
        fail("no good line: " + lines[0])
    expect("warnings", [False, False], warnings())


def refuse_well_known(card, expected, status):
    """To a well-known value PIN and PUK go only when the warning about that can be stored."""
    expect("CHANGE REFERENCE DATA, well-known PIN", status,
           card.status(card.change, piv.PIN, expected.pin, PIN))
    expect("CHANGE REFERENCE DATA, well-known PUK", status,
           card.status(card.change, piv.PUK, expected.puk, PUK))
    expect("RESET RETRY COUNTER, well-known PIN", status,
           card.status(card.reset_pin, expected.puk, PIN))
    expect("warnings", [False, False], warnings())
    expected.check(card)


def warnings():
    """Whether the card warns that PIN and PUK are well known."""
    text = subprocess.run(["tpmvsc", "info", "--json"], capture_output=True, text=True).stdout
    return [f"the {name} is the well-known default" in text for name in ("PIN", "PUK")]


def store_all(card, expected):
    """With room again everything is stored."""
    for name, store in stores(card, b"y").items():
        card.verify(expected.pin)
        card.administer(expected.admin_key)
        expect(name, "9000", card.status(store))
        if name == "SET MANAGEMENT KEY":
            expected.admin_key = OTHER_ADMIN_KEY
    # SET RETRIES brings back the well-known values.
    expected.pin, expected.puk = PIN, PUK
    expected.objects = {SMALL: b"y" * 100, LARGE: b"y" * LARGEST_OBJECT, PRIVATE: b"y" * 50,
                        SMALL + 0x100: b"y" * 100}
    card.verify(PIN)
    old = dict(expected.keys)
    expected.keys = {0x9A: card.public_key(0x9A), 0x9C: None, 0x9D: card.public_key(0x9D)}
    if expected.keys[0x9A] == old[0x9A] or expected.keys[0x9D] == old[0x9D]:
        fail("a slot has its old key")
    expect("the size of the key in 9C", 256, len(card.public_key(0x9C)))
    expect("warnings", [True, True], warnings())
    del expected.keys[0x9C]
    expected.check(card)


def test():
    with Host() as host:
        card = host.card
        card.administer(ADMIN_KEY)
        expected = Expected(card)
        expected.check(card)

        fill()
        refuse_all(card, expected, FULL, "No space left on device")
        change_values(card, expected, "No space left on device")
        refuse_well_known(card, expected, FULL)
        os.remove(FILLER)
        expected.check(card)

        # Room for something, but not for the largest.
        fill(8192)
        card.administer(expected.admin_key)
        expect("a large object", FULL, card.status(card.put, LARGE, b"x" * LARGEST_OBJECT))
        expected.check(card)
        card.put(SMALL, b"S" * 100)
        expected.objects[SMALL] = b"S" * 100
        expected.check(card)
        os.remove(FILLER)

        mount("-o", "remount,ro", STATE)
        refuse_all(card, expected, UNWRITABLE, "Read-only file system")
        refuse_well_known(card, expected, UNWRITABLE)
        mount("-o", "remount,rw", STATE)
        expected.check(card)

    # What was acknowledged is on the disk, the warnings that were put right included.
    rig("restart-pcscd")
    with Host() as host:
        expect("warnings after a restart", [False, False], warnings())
        expected.check(host.card)
        store_all(host.card, expected)
    rig("restart-pcscd")
    with Host() as host:
        expected.check(host.card)


def main():
    rig("stop-pcscd")
    mount("-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", STATE)
    try:
        rig("start-pcscd")
        rig("create", "Short of room")
        rig("wait-cards", "1")
        test()
    finally:
        rig("stop-pcscd")
        subprocess.run(["umount", STATE], check=True)


if __name__ == "__main__":
    main()
