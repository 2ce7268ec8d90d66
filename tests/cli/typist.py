#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""typist.py [PROMPT ANSWER]... -- COMMAND...: runs COMMAND on a terminal of its own and types each
ANSWER, a line, when its PROMPT shows up. An answer with the prefix "run:" is a command that is run there
instead, while the prompt waits; an empty PROMPT is the one before. Prints what the terminal showed and
ends with the command's status; with 90 when a prompt did not come, with 91 when a secret answer (prefix
"secret:") was shown, with 92 when a command that was run there failed."""

import os
import pty
import select
import subprocess
import sys
import time

LIMIT_SECONDS = 60


def read_until(terminal, shown, text, deadline):
    """Reads until `text` has shown up behind what was seen before; all there is when it is None."""
    start = len(shown)
    while text is None or text not in shown[start:].decode(errors="replace"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            return False
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the command has closed its end
            piece = b""
        if not piece:
            return text is None
        shown += piece
    return True


def main():
    split = sys.argv.index("--")
    dialogue, command = sys.argv[1:split], sys.argv[split + 1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown, status = bytearray(), 0
    deadline = time.monotonic() + LIMIT_SECONDS
    for prompt, answer in zip(dialogue[::2], dialogue[1::2]):
        if not read_until(terminal, shown, prompt, deadline):
            status = 90
            break
        if answer.startswith("run:"):
            beside = subprocess.run(answer[4:], shell=True, stdin=subprocess.DEVNULL)
            status = status or (92 if beside.returncode != 0 else 0)
            continue
        os.write(terminal, answer.removeprefix("secret:").encode() + b"\n")
    read_until(terminal, shown, None, deadline)
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = shown.decode(errors="replace")
    print(text)
    for answer in dialogue[1::2]:
        if answer.startswith("secret:") and len(answer) > 7 and answer[7:] in text:
            return 91
    return status or (code if code >= 0 else 128 - code)


if __name__ == "__main__":
    sys.exit(main())
