#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interrupted.py create|destroy|reissue: runs that command again and again, and has the kernel kill it (SIGKILL, by
strace) at its first, second, third, ... call of each kind by which it changes something: what it writes to the
TPM and into files, renames, makes and removes, until it gets through. After each kill no half card is visible
and the TPM has no index that no folder names; in the end nothing is left. Says how many such calls there were.
TPMVSC_KILL_STRIDE=N: only at each Nth."""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys

CARDS = pathlib.Path(os.environ["TPMVSC_STATE"]) / "cards"
TPM = re.search("path=([^,]*)", os.environ["TPMVSC_TCTI"])[1]
SECRETS = ["--pin", "default", "--puk", "default", "--admin-key", "default"]
# Between two of these nothing changes that outlives the process.
CHANGES = ("write", "renameat2,renameat,rename", "mkdir", "unlinkat,unlink", "rmdir")
GET_NV_HANDLES = bytes.fromhex("8001 00000016 0000017A 00000001 01000000 00000100")
MOST = 400
STRIDE = int(os.environ.get("TPMVSC_KILL_STRIDE", "1"))


def fail(sentence):
    sys.exit(f"interrupted.py: {sentence}")


def receive(connection, size):
    message = b""
    while len(message) < size:
        piece = connection.recv(size - len(message))
        if not piece:
            fail("the TPM has hung up")
        message += piece
    return message


def in_the_tpm():
    """Handles of the NV indices that there are."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(TPM)
        connection.sendall(GET_NV_HANDLES)
        header = receive(connection, 10)
        body = receive(connection, int.from_bytes(header[2:6], "big") - 10)
    if header[6:10] != bytes(4):
        fail("the TPM does not list its indices")
    return {int.from_bytes(body[i:i + 4], "big") for i in range(9, len(body), 4)}


def named_by(folder):
    try:
        text = (folder / "indices").read_text()
    except FileNotFoundError:
        return set()
    return {int(handle) for handle in re.findall(r"^\d+_handle = (\d+)$", text, re.M)}


def folders():
    return sorted(CARDS.iterdir()) if CARDS.exists() else []


def visible():
    return [folder for folder in folders() if not folder.name.startswith(".")]


def visible_serials():
    """Of the cards that "tpmvsc list" shows; none of them has a problem but an empty reader."""
    listed = subprocess.run(["tpmvsc", "list", "--json"], capture_output=True, text=True, timeout=60)
    return [card["serial"] for card in json.loads(listed.stdout)["cards"]]


def run(*arguments):
    done = subprocess.run(["tpmvsc", *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        fail(f"tpmvsc {arguments[0]} ended with {done.returncode}: {done.stderr}")


def traced():
    """Who is traced cannot be looked at for leaks: LeakSanitizer would have to trace it, too."""
    options = os.environ.get("ASAN_OPTIONS", "")
    return os.environ | {"ASAN_OPTIONS": f"{options}:detect_leaks=0"}


def killed_at(call, turn, arguments):
    """Runs tpmvsc; True when it was killed, False when it was done before."""
    strace = ["strace", "-o", "/dev/null", "-e", f"trace={call}"]
    kill = ["-e", f"inject={call}:signal=KILL:when={turn}"]
    done = subprocess.run([*strace, *kill, "tpmvsc", *arguments], capture_output=True, text=True, timeout=60,
                          env=traced())
    if done.returncode not in (0, -9):
        fail(f"tpmvsc {arguments[0]} after a kill at {call} {turn - 1} ended with {done.returncode}: {done.stderr}")
    return done.returncode != 0


def replaced():
    """Folders of cards whose place another visible one has taken."""
    return {found[1] for folder in visible()
            if (found := re.search(r"^replaces = (\w+)$", (folder / "identity").read_text(), re.M))}


def check(before, when):
    there, named = in_the_tpm(), set().union(*map(named_by, folders()))
    if orphans := there - before - named:
        fail(f"{when}: no folder names {sorted(map(hex, orphans))}")
    gone = replaced()
    for card in (card for card in visible() if card.name not in gone):
        needed = named_by(card)
        if len(needed) < 3 or needed - there:
            fail(f"{when}: the card {card.name} is visible and not whole")


def kill_everywhere(before, arguments, prepare, look):
    """Gives the number of the last kill by kind of call."""
    kills = {}
    for calls in CHANGES:
        kind, kills[kind] = calls.split(",")[0], 0
        for turn in range(1, MOST, STRIDE):
            prepare()
            killed = killed_at(calls, turn, arguments)
            when = f"{arguments[0]} killed at {kind} {turn}"
            check(before, when)
            look(killed, when)
            if not killed:
                break
            kills[kind] = turn
        else:
            fail(f"{arguments[0]} is never done")
    return kills


def create(before):
    """Each run begins with what the one before has left."""
    def look(killed, when):
        cards = visible()
        if len(cards) > 1 or (not killed and len(cards) != 1):
            fail(f"{when}: there are {len(cards)} cards")
        if cards:
            run("destroy", "x", "--force")
        elif not killed:
            fail(f"{when}: no card")
    kills = kill_everywhere(before, ["create", "--name", "x", *SECRETS], lambda: None, look)
    return kills, {"write": 70, "renameat2": 12, "mkdir": 1}


def destroy(before):
    def prepare():
        if not visible():
            run("create", "--name", "x", *SECRETS)

    def look(killed, when):
        if not killed and visible():
            fail(f"{when}: the card is there")
    kills = kill_everywhere(before, ["destroy", "x", "--force"], prepare, look)
    return kills, {"write": 12, "renameat2": 1, "unlinkat": 5, "rmdir": 1}


def reissue(before):
    """Either the old card is there or the new one, and that one whole."""
    run("create", "--name", "x", *SECRETS)
    last = visible_serials()

    def look(killed, when):
        nonlocal last
        now = visible_serials()
        if len(now) != 1:
            fail(f"{when}: there are {len(now)} cards")
        if not killed and now == last:
            fail(f"{when}: the card is the old one")
        last = now
    kills = kill_everywhere(before, ["reissue", "x", "--force", *SECRETS], lambda: None, look)
    run("destroy", "x", "--force")
    return kills, {"write": 80, "renameat2": 13, "mkdir": 1, "unlinkat": 5, "rmdir": 1}


def main():
    before = in_the_tpm()
    kills, fewest = {"create": create, "destroy": destroy, "reissue": reissue}[sys.argv[1]](before)
    print("   killed at", ", ".join(f"{kind}: {count}" for kind, count in kills.items()))
    for kind, count in fewest.items():
        if kills[kind] <= count - STRIDE:
            fail(f"only {kills[kind]} kills at {kind}: that cannot be all")
    run("create", "--name", "last", *SECRETS)
    run("destroy", "last", "--force")
    if folders() or in_the_tpm() != before:
        fail(f"left behind: {folders()}, {sorted(map(hex, in_the_tpm() - before))}")


if __name__ == "__main__":
    main()
