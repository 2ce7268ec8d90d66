#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""beside.py: a program that is logged in to the card of TPMVSC_READER while "tpmvsc" looks at it, as root
and as anybody. There are keys in 9A and 9C, both P-256."""

import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True
from riglib import pcsc  # noqa: E402

READER = os.environ["TPMVSC_READER"]
ANYBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-u",
           "TPMVSC_CONFIG"]
SELECT_PIV = bytes.fromhex("00A4040005A00000030800")
SELECT_ADMIN = bytes.fromhex("00A4040008F054504D5653430100")
VERIFY = bytes.fromhex("0020008008") + os.environ["TPMVSC_PIN"].encode().ljust(8, b"\xff")
READ = bytes.fromhex("00CB3FFF055C035FC10500")
MORE = bytes.fromhex("00C0000000")


def sign(slot):
    return bytes.fromhex(f"008711{slot}267C2482008120") + 32 * b"\x11" + b"\0"


def look(*arguments, status=0, prefix=()):
    """Runs tpmvsc beside, and expects this status."""
    done = subprocess.run([*prefix, "tpmvsc", *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != status:
        sys.exit(f"tpmvsc {arguments} ended with {done.returncode}: {done.stderr}")
    return done.stdout + done.stderr


def ways():
    """As whom tpmvsc is run. In the rig of an ordinary user there is only one user."""
    possible = subprocess.run([*ANYBODY, "true"], capture_output=True).returncode == 0
    return ((), ANYBODY) if possible else ((),)


def look_all_ways():
    for prefix in ways():
        for command in (("list",), ("info",), ("info", "--reader", READER), ("info", "0", "--json"),
                        ("key", "attest", "9a", "--reader", READER, "--bundle", "-")):
            look(*command, prefix=prefix)
    look("doctor")


def script():
    """Commands and the status words that they must get; None for a look from beside."""
    yield SELECT_PIV, "9000"
    yield VERIFY, "9000"
    yield None, ""
    yield sign("9a"), "9000"
    yield VERIFY, "9000"
    yield None, ""
    yield sign("9c"), "9000"  # which wants the PIN directly before
    yield READ, "61"
    yield None, ""
    yield MORE, "9000|61"
    yield sign("9a"), "9000"
    # What this test is about, the wrong way.
    yield SELECT_ADMIN, "9000"
    yield SELECT_PIV, "9000"
    yield sign("9a"), "6982"


def run_script(context):
    expected = []

    def commands():
        for command, status in script():
            if command is None:
                look_all_ways()
                continue
            expected.append(status)
            yield command

    for number, answer in enumerate(context.exchange(READER, commands())):
        word = answer[-2:].hex()
        if not word.startswith(tuple(expected[number].split("|"))):
            sys.exit(f"command {number} was answered {word}, not {expected[number]}")


def hold_for_itself(context):
    """While a program has the card for itself, list still tells of it, since it talks to none."""
    with context.connect(READER, pcsc.SCARD_SHARE_EXCLUSIVE):
        for prefix in ways():
            if READER not in look("list", prefix=prefix):
                sys.exit("the card is not in the list")
        if "another program holds the card" not in look("info", "--reader", READER, status=1):
            sys.exit("info does not say why it cannot ask")


def main():
    with pcsc.Context() as context:
        run_script(context)
        hold_for_itself(context)


if __name__ == "__main__":
    main()
