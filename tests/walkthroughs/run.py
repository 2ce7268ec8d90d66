#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [--show] TEXT.md [NAME=WORD...]: does what a walk-through says, and compares what comes out with what it shows;
with --show it prints what comes out as well, for who writes one.

Blocks marked `console` are run in order, in one folder of their own, each command by bash:

    $ command              as a user; "# command" as root. "> " begins a further line of the command.
    output                 as it has to be, on standard output and standard error together
    Prompt: ‹answer›       somebody types the answer at this prompt, on a terminal of its own
    …                      in a line: anything; a line of it alone: any lines
    <name>                 one word that differs each time: the same one wherever the name comes again, also in
                           commands and answers; known from the start where the command line says so

A command has to end with 0, and with another status where the output shows a sentence of tpmvsc that is
no warning, or where <!-- fails --> stands before the block. The folder of an x86 computer's libraries is read as this computer's. What the reader need not see is in comments: <!-- run: command -->.

What stands behind <!-- Debian 12 --> or <!-- Debian 13 -->, to the end of the next block or the next heading, is for that
release only; 13 stands for later ones, too."""

import fcntl
import os
import platform
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

LIMIT_SECONDS = 60
TYPED = re.compile("‹([^›]*)›")
HIDDEN = re.compile(r"^<!-- run: (.*) -->$")
NAME = re.compile(r"<([a-z][a-z0-9-]*)>")
RELEASE = re.compile(r"^<!-- Debian (\d+) -->$")
RELEASES = (12, 13)


class Mismatch(Exception):
    """The text is not true."""


class Step:
    """A command, and the lines that the text shows below it; None where it shows nothing of it."""

    def __init__(self, number, command, lines, fails=False):
        self.number, self.command, self.lines, self.fails = number, command, lines, fails


def this_release():
    """The one of RELEASES whose programs are here."""
    number = platform.freedesktop_os_release().get("VERSION_ID", "")
    return next((str(one) for one in RELEASES if number.isdecimal() and int(number) <= one), str(RELEASES[-1]))


def of_release(lines, release):
    """The lines with their numbers, without those of another release."""
    wanted, in_block = True, False
    for number, line in enumerate(lines, 1):
        named = RELEASE.match(line)
        if line.startswith("## ") and not in_block:
            wanted = True
        if named and not in_block:
            wanted = named[1] == release
        elif wanted:
            yield number, line
        if line.startswith("```"):
            in_block = not in_block
            wanted = wanted or not in_block


def read_steps(path):
    steps, in_block, failing = [], False, False
    with open(path, encoding="utf-8") as file:
        for number, line in of_release(file.read().splitlines(), this_release()):
            hidden = HIDDEN.match(line)
            if hidden and not in_block:
                steps.append(Step(number, hidden[1], None))
            elif line == "<!-- fails -->" and not in_block:
                failing = True
            elif line.startswith("```"):
                failing = failing and not in_block
                in_block = not in_block and line == "```console"
            elif in_block and line.startswith(("$ ", "# ")):
                steps.append(Step(number, line[2:], [], failing))
            elif in_block and line.startswith("> ") and not steps[-1].lines:
                steps[-1].command += "\n" + line[2:]
            elif in_block:
                steps[-1].lines.append(line)
    return steps


def fill_in(text, known):
    """Puts in the words that are known by now."""
    return NAME.sub(lambda found: known.get(found[1], found[0]), text)


def pattern_of(line, known):
    """A line of the text as a regular expression; names of it that are new as its groups."""
    pattern, seen = "", set()
    for part in re.split("(…|<[a-z][a-z0-9-]*>|‹[^›]*›)", line):
        name = NAME.fullmatch(part)
        if part == "…":
            pattern += ".*"
        elif part.startswith("‹"):
            answer = re.escape(fill_in(part[1:-1], known))
            pattern = pattern.removesuffix(r"\ ") + f" *(?:{answer}|[*•]*)"  # seen, unless it is a secret
        elif name and name[1] in known:
            pattern += re.escape(known[name[1]])
        elif name:
            group = name[1].replace("-", "_")
            pattern += f"(?P={group})" if group in seen else rf"(?P<{group}>\S+)"
            seen.add(group)
        else: # columns are as wide as what is in them
            blanks = " {2,}" if pattern else r"(?<=\S) {2,}"
            pattern += " {2,}".join(re.escape(piece) for piece in re.split(blanks, part))
    return re.compile(pattern + r"\s*")


def agree(expected, found, known):
    """Whether the lines are those of the text. Learns new words."""
    if not expected:
        return not found
    if expected[0] == "…":
        return any(agree(expected[1:], found[skip:], known) for skip in range(len(found) + 1))
    match = pattern_of(expected[0], known).fullmatch(found[0]) if found else None
    if not match:
        return False
    learnt = {**known, **{name.replace("_", "-"): word for name, word in match.groupdict().items()}}
    if not agree(expected[1:], found[1:], learnt):
        return False
    known.update(learnt)
    return True


def run_plainly(command):
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def has_ended(child):
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def read_until(child, terminal, shown, text, deadline):
    """Reads until `text` has come after what was read before; to the end when it is None."""
    start = len(shown)
    while text is None or text not in shown[start:].decode(errors="replace"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            raise Mismatch(f"the prompt \"{text}\" did not come" if text else "the command did not end")
        ended = has_ended(child)
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # nobody has the other end: the command has ended, or opens it anew, as login does
            if not ended:
                time.sleep(0.02)
                continue
            piece = b""
        if not piece:
            if text is None:
                return
            raise Mismatch(f"the command ended before the prompt \"{text}\"")
        shown += piece


def wait_until_hidden(terminal):
    """Waits until the terminal no longer shows what is typed, as some programs throw away what was typed before that; for a
    second, because answers that are no secrets are shown."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline and termios.tcgetattr(terminal)[3] & termios.ECHO:
        time.sleep(0.01)


def after_backspaces(text):
    """What is left on the screen of a text that goes back over what it has written."""
    lines = []
    for line in text.split("\n"):
        screen, place = [], 0
        for sign in line:
            if sign == "\b":
                place = max(place - 1, 0)
            else:
                screen[place:place + 1] = sign
                place += 1
        lines.append("".join(screen))
    return "\n".join(lines)


def run_on_terminal(command, dialogue):
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "dumb"  # the documents show no colours
        os.execvp("bash", ["bash", "-c", command])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    shown, deadline = bytearray(), time.monotonic() + LIMIT_SECONDS
    try:
        for prompt, answer in dialogue:
            read_until(child, terminal, shown, prompt, deadline)
            wait_until_hidden(terminal)
            os.write(terminal, answer.encode() + b"\n")
        read_until(child, terminal, shown, None, deadline)
    except Mismatch as problem:
        raise Mismatch(f"{problem}; shown was:\n{shown.decode(errors='replace')}") from None
    finally:
        os.close(terminal)  # which ends a command that waits for more
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, after_backspaces(shown.decode(errors="replace").replace("\r", ""))


def fails(lines):
    """Whether the text shows a failure: a sentence of ours on standard error."""
    return any(re.match(r"tpmvsc(-admin)?: (?!warning: )", line) for line in lines)


def perform(step, known, show):
    command = fill_in(step.command, known)
    command = command.replace("x86_64-linux-gnu", f"{platform.machine()}-linux-gnu")
    lines = step.lines or []
    dialogue = [(line[:TYPED.search(line).start()].split("…")[-1].strip(), fill_in(TYPED.search(line)[1], known))
                for line in lines if TYPED.search(line)]
    code, output = run_on_terminal(command, dialogue) if dialogue else run_plainly(command)
    found = [line.rstrip() for line in output.rstrip("\n").split("\n")] if output.strip() else []
    if dialogue:  # there is one more empty line where somebody types before the echo is off
        lines, found = [line for line in lines if line], [line for line in found if line]
    if show:
        print(f"== {step.number}: {command}", *found, f"[{code}]", sep="\n")
        for line in [] if agree(lines, found, known) else lines:
            any(agree([line], [shown], known) for shown in found if line != "…")
        return
    if (code != 0) != (step.fails or fails(lines)):
        raise Mismatch(f"ended with {code}:\n{output}")
    if step.lines is not None and not agree(lines, found, known):
        shown = "\n".join(f"    {line}" for line in found)
        wanted = "\n".join(f"    {line}" for line in lines)
        raise Mismatch(f"the text shows\n{wanted}\nthe output was\n{shown}")


def main():
    show = sys.argv[1] == "--show"
    path, *words = sys.argv[2 if show else 1:]
    path, known = os.path.abspath(path), dict(word.split("=", 1) for word in words)
    steps = read_steps(path)
    if not steps:
        sys.exit(f"FAIL: {path} has nothing to run")
    with tempfile.TemporaryDirectory(prefix="tpmvsc-walkthrough.") as folder:
        os.chdir(folder)
        for step in steps:
            try:
                perform(step, known, show)
            except (Mismatch, subprocess.TimeoutExpired) as problem:
                sys.exit(f"FAIL: {os.path.basename(path)}:{step.number}: {step.command}\n{problem}")
        os.chdir("/")
    print(f"{os.path.basename(path)}: {len(steps)} commands")


if __name__ == "__main__":
    main()
