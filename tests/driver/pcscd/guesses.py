#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Guessing at the PIN while pcscd is killed between the guesses, and in the middle of them: never more than
three are checked, and then the right PIN is refused."""

import os
import pathlib
import signal
import sys
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import pcsc  # noqa: E402
from riglib.inside import PIN, PUK, Host, expect, fail, rig  # noqa: E402

LIMIT = 3
WRONG = "999999"
BLOCKED = "6983"


def kill():
    os.kill(int(rig("pcscd-pid")), signal.SIGKILL)


def restart():
    kill()
    start()


def start():
    rig("kill-pcscd")  # until it is gone
    rig("start-pcscd")
    rig("wait-cards", "1")


def guess():
    with Host() as host:
        return host.card.status(host.card.verify, WRONG)


def tries():
    with Host() as host:
        return host.card.tries()


def expect_blocked():
    for _ in range(2):
        with Host() as host:
            expect("the right PIN", BLOCKED, host.card.status(host.card.verify, PIN))
        restart()
    expect("tries", 0, tries())


def unblock():
    with Host() as host:
        expect("the PUK", "9000", host.card.status(host.card.reset_pin, PUK, PIN))
        expect("tries", LIMIT, host.card.tries())


def kill_between():
    for left in (2, 1, 0):
        expect("a guess", f"63c{left}", guess())
        restart()
        expect("tries", left, tries())
    expect("one more", BLOCKED, guess())
    expect_blocked()


def guess_and_kill(delay):
    """The answer to a guess in the middle of which pcscd is killed; nothing when there was none."""
    answers = []
    host = Host()
    pcscd = int(rig("pcscd-pid"))

    def send():
        try:
            answers.append(host.card.status(host.card.verify, WRONG))
        except pcsc.Error:
            pass

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(delay)
    os.kill(pcscd, signal.SIGKILL)
    start()
    sender.join()
    host.close()
    return answers[0] if answers else None


def kill_within():
    left, answered, cut = LIMIT, 0, 0
    for number in range(15):
        answer = guess_and_kill(0.002 * (number % 5))
        if answer is None:
            cut += 1
        else:
            answered += 1
        # What was not answered may have been counted; what was answered must have been.
        now = tries()
        if now > left or (answer is not None and now == left):
            fail(f"{left} tries, then the answer {answer}, then {now} tries")
        left = now
        if left == 0:
            break
    print(f"{answered} guesses answered, {cut} cut short, {left} tries left")
    if cut == 0:
        fail("no guess was cut short")
    while left > 0:
        answered += 1
        left -= 1
        expect("a guess", f"63c{left}", guess())
    if answered > LIMIT:
        fail(f"{answered} guesses were answered")
    expect_blocked()


def main():
    kill_between()
    unblock()
    kill_within()
    unblock()
    with Host() as host:
        host.card.verify(PIN)


if __name__ == "__main__":
    main()
