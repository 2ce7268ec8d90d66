#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""broken_off.py CHECK REPAIR COMMAND...: runs COMMAND, which speaks to a card, again and again, and has the kernel
kill it (SIGKILL, by strace) before its first, second, third, ... APDU. After each kill the
shell command CHECK must succeed, and then REPAIR, which brings about the state from which COMMAND starts. Says how
many APDUs there were. TPMVSC_KILL_STRIDE=N: only before each Nth."""

import os
import re
import subprocess
import sys
import tempfile

# What pcscd's clients send to have an APDU transmitted: a head of eight bytes with the number 9 in it.
TRANSMIT = re.compile(r'sendto\(\d+, ".*\\t\\0\\0\\0", 8, ')


def fail(sentence, run=None):
    said = f"\n{run.stdout}{run.stderr}" if run else ""
    sys.exit(f"broken_off.py: {sentence}{said}")


def trace(command, *options):
    """Runs it under strace, and gives how it went and the calls that were seen."""
    # Who is traced cannot be looked at for leaks: LeakSanitizer would have to trace it, too.
    environment = os.environ | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    with tempfile.NamedTemporaryFile("r") as log:
        run = subprocess.run(["strace", "-f", "-o", log.name, "-e", "trace=sendto", *options, *command],
                             capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
                             env=environment)
        return run, [line for line in log if "sendto(" in line]


def shell(script, when):
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        fail(f"{when}: \"{script}\" failed", run)


def main():
    check, repair, *command = sys.argv[1:]
    run, calls = trace(command)
    if run.returncode != 0:
        fail("the command fails by itself", run)
    places = [place for place, call in enumerate(calls, 1) if TRANSMIT.search(call)]
    if len(places) < 5:
        fail(f"no APDUs are seen in {len(calls)} calls")
    shell(repair, "after the whole command")
    stride = int(os.environ.get("TPMVSC_KILL_STRIDE", "1"))
    for number, place in list(enumerate(places, 1))[::stride]:
        run, _ = trace(command, "-e", f"inject=sendto:signal=SIGKILL:when={place}")
        if run.returncode == 0:
            fail(f"it was not killed at APDU {number} of {len(places)}", run)
        for script in (check, repair):
            shell(script, f"killed at APDU {number} of {len(places)}")
    print(f"   killed at {'each' if stride == 1 else f'every {stride}th'} of {len(places)} APDUs")


if __name__ == "__main__":
    main()
