# SPDX-License-Identifier: Apache-2.0
"""What the machine test prints: steps, commands and what came, and what was found wrong."""

import sys
import textwrap


class Failed(Exception):
    """What was expected did not happen."""


class Transcript:
    def __init__(self, out=sys.stdout):
        self.out, self.checks, self.failures, self.title = out, 0, [], ""

    def write(self, text=""):
        print(text, file=self.out, flush=True)

    def step(self, title):
        self.title = title
        self.write(f"\n=== {title}\n")

    def say(self, text):
        self.write(textwrap.fill(text, 110, initial_indent="# ", subsequent_indent="# "))

    def command(self, who, script, result):
        first, *more = script.strip().splitlines()
        self.write(f"{who}$ {first}")
        for line in more:
            self.write(f"{' ' * len(who)}> {line}")
        for line in result.output.rstrip().splitlines():
            self.write(f"    {line}")
        if result.status != 0:
            self.write(f"    (status {result.status})")

    def check(self, truth, what):
        """One thing that has to be so."""
        self.checks += 1
        self.write(f"  {'ok' if truth else 'FAILED'}: {what}")
        if not truth:
            self.failures.append(f"{self.title}: {what}")
            raise Failed(what)

    def result(self):
        self.write("\n=== Result\n")
        for failure in self.failures:
            self.write(f"FAILED: {failure}")
        self.write(f"{self.checks} checks, {len(self.failures)} failed")
        return 1 if self.failures else 0
