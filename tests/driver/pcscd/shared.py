#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second program on the card while another one is logged in and has it in a transaction."""

import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import pcsc, piv  # noqa: E402
from riglib.inside import ADMIN_KEY, PIN, Host, expect  # noqa: E402

SHARING_VIOLATION, RESET_CARD = 0x8010000B, 0x80100068
DIGEST = bytes(range(32))


def error_of(function, *arguments):
    """The code that a function of PC/SC fails with; 0 when it does not."""
    try:
        function(*arguments)
        return 0
    except pcsc.Error as error:
        return error.code


def sign(card):
    return card.use(0x9A, piv.P256, DIGEST)


def kept_out(owner, others):
    """While the transaction lasts nobody else gets a word in, whatever he tries."""
    for what, attempt in (
            ("a command", lambda other: sign(other.card)),
            ("the PIN's state", lambda other: other.card.tries()),
            ("a reset", lambda other: other.connection.reconnect(
                initialization=pcsc.SCARD_RESET_CARD)),
            ("exclusive use", lambda other: other.connection.reconnect(pcsc.SCARD_SHARE_EXCLUSIVE))):
        expect(what, SHARING_VIOLATION, error_of(attempt, others[0]))
    # Who comes, and who goes and would have the card reset, has to wait.
    done = []
    waiting = [threading.Thread(target=lambda: done.append(Host().close())),
               threading.Thread(target=lambda: done.append(
                   others[1].connection.disconnect(pcsc.SCARD_RESET_CARD)))]
    for one in waiting:
        one.start()
    time.sleep(1)
    expect("the owner's signature", "9000", owner.card.status(sign, owner.card))
    expect("those who did not wait", [], done)
    owner.connection.end()
    for one in waiting:
        one.join()
    expect("those who came through", [None, None], done)


def waits_for_its_turn(owner, other, disposition, then):
    """Somebody else's transaction begins when this one ends; `then` is what his signature gets."""
    got = []

    def take_turn():
        try:
            other.connection.begin()
        except pcsc.Error as error:
            expect("the other's turn", RESET_CARD, error.code)
            other.connection.reconnect()
            other.connection.begin()
        got.append(other.card.status(sign, other.card))
        other.connection.end()

    turn = threading.Thread(target=take_turn)
    turn.start()
    time.sleep(1)
    expect("answers before his turn", [], got)
    owner.connection.end(disposition)
    turn.join()
    expect("his signature", [then], got)


def hold():
    """Logs in within a transaction, says so, and waits for its end."""
    host = Host()
    host.connection.begin()
    host.card.verify(PIN)
    sign(host.card)
    print("in", flush=True)
    time.sleep(60)


def killed_in_its_transaction():
    with Host() as other:
        owner = subprocess.Popen([sys.executable, __file__, "hold"], stdout=subprocess.PIPE, text=True)
        expect("the other program", "in\n", owner.stdout.readline())
        owner.kill()
        owner.wait()
        while (error := error_of(other.connection.begin)) == RESET_CARD:
            other.connection.reconnect()
        expect("a transaction", 0, error)
        expect("a signature with a dead program's login", "6982",
               other.card.status(sign, other.card))
        other.card.verify(PIN)
        sign(other.card)
        other.connection.end(pcsc.SCARD_RESET_CARD)


def main():
    if sys.argv[1:] == ["hold"]:
        hold()
    # Refusals are to be seen, which the library otherwise turns into waiting.
    os.environ["PCSCLITE_NO_BLOCKING"] = "1"
    with Host() as owner, Host() as other, Host() as third:
        owner.card.administer(ADMIN_KEY)
        owner.card.generate(0x9A, piv.P256)
        owner.connection.begin()
        owner.card.verify(PIN)
        kept_out(owner, [other, third])
    del os.environ["PCSCLITE_NO_BLOCKING"]
    with Host() as owner, Host() as other:
        # Who leaves the card unlocked between transactions shares his login, as with any card.
        owner.connection.begin()
        owner.card.verify(PIN)
        waits_for_its_turn(owner, other, pcsc.SCARD_LEAVE_CARD, "9000")
        owner.connection.begin()
        owner.card.verify(PIN)
        waits_for_its_turn(owner, other, pcsc.SCARD_RESET_CARD, "6982")
    killed_in_its_transaction()


if __name__ == "__main__":
    main()
