# SPDX-License-Identifier: Apache-2.0
"""What the machine test prints: steps, commands and what came, and what was found wrong."""

import re
import sys
import textwrap

# Lines that say the same each time, or nothing of what is tried: apt's progress, what it does with packages that are not
# ours, what pkcs11-tool says before it begins, and the guest's want of a virtual socket. An error begins otherwise.
CHATTER = re.compile(r"""\s*(
    \(Reading\ database | Preparing\ to\ unpack | Selecting\ previously\ unselected\ package | Processing\ triggers\ for |
    debconf:\ delaying\ package\ configuration | [NW]:\ Download\ is\ performed\ unsandboxed\ as\ root |
    Unpacking\  | (Setting\ up | Removing | Purging\ configuration\ files\ for)\ (?!\S*tpmvsc) |
    Using\ slot\ \d+\ with\ a\ present\ token | Using\ (signature|derive|decrypt)\ algorithm |
    Failed\ to\ query\ local\ AF_VSOCK | \S+/systemd-ssh-generator\ failed
)""", re.X)
BEGINNING = """SPDX-License-Identifier: Apache-2.0

What tests/machine/run said of {release} with the packages of version {version}, without lines that say the same each time
(machinelib/transcript.py). Serial numbers and ids are of cards that are no more.
"""


class Failed(Exception):
    """What was expected did not happen."""


class Transcript:
    def __init__(self, out=sys.stdout):
        self.out, self.checks, self.failures, self.title = out, 0, [], ""

    def write(self, text=""):
        print(text, file=self.out, flush=True)

    def begin(self, release, version):
        self.write(BEGINNING.format(release=release, version=version))

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
            if not CHATTER.match(line):
                self.write(f"    {line}".rstrip())
        if result.status != 0:
            self.write(f"    (status {result.status})")

    def check(self, truth, what):
        """One thing that has to be so."""
        self.checks += 1
        if not truth:
            self.failed(what)
            raise Failed(what)
        self.write(f"  ok: {what}")

    def failed(self, what):
        self.write(f"  FAILED: {what}")
        self.failures.append(f"{self.title}: {what}")

    def result(self):
        self.write("\n=== Result\n")
        for failure in self.failures:
            self.write(f"FAILED: {failure}")
        self.write(f"{self.checks} checks, {len(self.failures)} failed")
        return 1 if self.failures else 0
