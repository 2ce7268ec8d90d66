#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A memory image of pcscd with the driver, after a PIN and an admin key went through it. pcscd itself keeps the
last command of each client until the next one takes its place; so there is a next one. Nothing else holds them."""

import pathlib
import secrets
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import pcsc, piv  # noqa: E402
from riglib.inside import ADMIN_KEY, PIN, PUK, READER, Host, expect, rig  # noqa: E402

PIECE = 8  # of a secret, that is looked for
LARGEST = 1 << 30  # of a mapping: AddressSanitizer's shadow is larger, and says where bytes are, not which


def pieces(secret):
    return [secret[start:start + PIECE] for start in range(0, len(secret), PIECE)]


def mappings(pid):
    """What is writable in the process, a name and the bytes each."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, access, *_ = line.split()
            begin, end = (int(number, 16) for number in span.split("-"))
            if access.startswith("rw") and begin < 1 << 63 and end - begin <= LARGEST:
                memory.seek(begin)
                try:
                    yield line.strip(), memory.read(end - begin)
                except OSError:  # it went away
                    pass


def holders(pid, secret):
    """The mappings that hold a piece of the secret."""
    return [name for name, contents in mappings(pid)
            if any(piece in contents for piece in pieces(secret))]


def overwrite(card):
    """A command that is longer than those with secrets in them."""
    card.connection.transmit(bytes([0x00, 0xCB, 0x3F, 0xFF, 200]) + bytes(200))


def main():
    pid = int(rig("pcscd-pid"))
    pin = "".join(secrets.choice("0123456789") for _ in range(8))
    other_pin = "".join(secrets.choice("0123456789") for _ in range(8))
    key = secrets.token_bytes(24)

    def nothing_is_left(when):
        for name, secret in (("PIN", pin.encode()), ("PIN set by the PUK", other_pin.encode()),
                             ("admin key", key)):
            expect(f"{name} in memory {when}", [], holders(pid, secret))

    expect("that the search sees pcscd's memory", True, holders(pid, READER.encode()[:PIECE]) != [])
    nothing_is_left("at first")
    with Host() as host:
        card = host.card
        card.administer(ADMIN_KEY)
        card.set_admin_key(key)
        card.change(piv.PIN, PIN, pin)
        card.verify(pin)
        overwrite(card)
        expect("the PIN after VERIFY", [], holders(pid, pin.encode()))
        expect("that somebody is logged in", None, card.tries())
        expect("the status of a wrong PIN", "63c2", card.status(card.verify, other_pin))
        card.reset_pin(PUK, other_pin)
        card.administer(key)
        overwrite(card)
        host.connection.reconnect(initialization=pcsc.SCARD_RESET_CARD)
        nothing_is_left("after the session was reset")
        card.verify(other_pin)
        card.administer(key)
        overwrite(card)
        host.connection.disconnect(pcsc.SCARD_RESET_CARD)
        nothing_is_left("after the session")


if __name__ == "__main__":
    main()
