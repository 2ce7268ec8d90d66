# SPDX-License-Identifier: Apache-2.0
"""What the Python programs that run inside tests/rig share."""

import os
import subprocess
import sys

from riglib import pcsc, piv

READER = os.environ["TPMVSC_READER"]
PIN, PUK = os.environ["TPMVSC_PIN"], os.environ["TPMVSC_PUK"]
ADMIN_KEY = bytes.fromhex(os.environ["TPMVSC_ADMIN_KEY"])


def fail(text):
    sys.exit("FAILED: " + text)


def expect(what, expected, found):
    if expected != found:
        fail(f"{what}: {found}, not {expected}")


def rig(*words):
    """Asks the rig for something; a request that fails ends the test."""
    done = subprocess.run([os.environ["TPMVSC_RIG_CTL"], *words], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def log_lines(text):
    """The lines of pcscd's log that contain it."""
    with open(os.environ["TPMVSC_RIG_LOG"] + "/pcscd", errors="replace") as log:
        return [line.rstrip("\n") for line in log if text in line]


class Host:
    """A connection to the first card: `card` speaks PIV over `connection`."""

    def __init__(self, share=pcsc.SCARD_SHARE_SHARED):
        self.context = pcsc.Context()
        if self.context.__enter__() is None:
            fail("no pcscd")
        self.connection = self.context.connect(READER, share)
        self.card = piv.Card(self.connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.disconnect()
        self.context.__exit__()
