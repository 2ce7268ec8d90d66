#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gids.py RECIPE.md: a recipe as it is followed with a GIDS card, by the table in doc/recipes/README.md. What stands behind
<!-- PIV only --> is left out, up to the next heading, and the block after <!-- GIDS only --> is done."""

import platform
import re
import sys
from urllib.parse import quote

MAKES = "The TPM makes an RSA-2048 key, which can take a minute …"
# What OpenSC calls a GIDS card: 0.23, of Debian 12, has the PIN's name behind it.
CARD = "GIDS card (UserPIN)" if platform.freedesktop_os_release().get("VERSION_ID") == "12" else "GIDS card"
# The key's place, by its name in a PIV card, and what a PIV card calls it: as the table says.
PLACE = r"(?:9[ad]|9[AD] \([a-z-]+\))"
WORDS = [
    (r"(tpmvsc key generate) 9[ad] --algorithm (?:p256|rsa2048)", r"\1 --label sign-in"),
    (r"(tpmvsc (?:key|cert) [a-z-]+) 9[ad]\b", r"\1 {new}"),
    (r"\bid=%0[13]", "id=%0{new}"),
    (r"\bid=%05", "id=%00"),
    (r"\bid=0[13]\b|(?<=CKA_ID, \()1(?=,\))", "{new}"),
    (r"handle = 01", "handle = 0{new}"),
    (r"(?:P-256|RSA-2048) key in slot " + PLACE, "RSA-2048 key in container {new} (key {number})"),
    (r"new key in slot " + PLACE, "new key in container {new} (key {number})"),
    (r"in slot 82 \(retired-1\)", "in container 0 (key 81)"),
    (r"slot " + PLACE, "container {new} (key {number})"),
    (r"Certificate for PIV Authentication|PIV AUTH pubkey", "sign-in"),
    (r"ecdsa-sha2-nistp256", "ssh-rsa"),
    (r"ECDSA key", "RSA key"),
    (r"(?<=Enter PIN for ')[^']*|(?<=PKCS#11 token PIN for )[^:]*|(?<=for security token ')[^']*|(?<=token ')Disk"
     r"|(?<=^PIN for )(?:Jane Doe|Joe Roe)"
     r"|(?<=Welcome )[^!]*|(?<=Enter )Jane Doe(?= token)|(?<=insert )Jane Doe(?= token)"
     r"|(?<=nick \")Jane Doe(?=:)|^Jane Doe(?=:sign-in)", CARD),
    (r"^Jane Doe +(?=PIN[ :])", CARD + " … "),
    (r"Please enter (PIN .*) \(try #2\)", r"PIN has been entered incorrectly previously, please enter correct \1"),
    (r"(?<=^# )(?=openvpn --config)", "OPENSSL_CONF=/etc/openvpn/client/card.cnf "),
    (r"(?<=--pkcs11-token-uri=)auto", f'"pkcs11:token={quote(CARD)}"'),
    (r"token=Disk Disk", f"token={quote(CARD)} {CARD}"),
]


def put(line, renewed):
    """The line in the words of a GIDS card, which has its new key in the next container when it was renewed."""
    for pattern, words in WORDS:
        words = words.replace("{new}", "1" if renewed else "0").replace("{number}", "82" if renewed else "81")
        line = re.sub(pattern, words, line)
    return line


class Owner:
    """Who types PINs, and knows what tpmvsc says when it asks for one."""

    def __init__(self):
        self.tries = 3

    def prompt(self):
        return "PIN:" if self.tries == 3 else f"PIN ({self.tries} of 3 tries left):"

    def sees(self, line):
        tries = re.match("<!-- run: (?:.*; )?tries ([0-9])", line)
        if tries:
            self.tries = int(tries[1])
        elif "‹493817›" in line or line == "<!-- run: unblock-pin -->":
            self.tries = 3


def put_output(command, lines, owner):
    """What a command shows: tpmvsc asks for the PIN once where it asks a PIV card's owner for the admin key, or both."""
    if not command.startswith("tpmvsc "):
        return lines
    if command == "tpmvsc key info":
        return ["SLOT  KEY  ALGORITHM  PIN   ORIGIN     USE       DEFAULT  NAME     CERTIFICATE", "…"]
    asks = any(line.startswith("PIN") for line in lines)
    lines = [f"{owner.prompt()} ‹493817›" if line.startswith("Admin key: ") else line for line in lines
             if not (asks and line.startswith("Admin key: "))]
    if command.startswith("tpmvsc key generate") and MAKES not in lines:
        lines.insert(1, MAKES)
    return lines


def translate(text):
    result, block, command, shown, skipping, renewed = [], False, "", [], False, False
    owner = Owner()

    def end_command():
        result.extend(put_output(command, shown, owner))
        for line in shown:
            owner.sees(line)
        shown.clear()

    for line in text.splitlines():
        if not block and line.startswith("## "):
            skipping = False
        if line == "<!-- PIV only -->":
            skipping = True
        if skipping:
            continue
        is_command = block and line.startswith(("$ ", "# "))
        if is_command or line.startswith("```"):
            end_command()
            command = line[2:] if is_command else ""
        if line.startswith("```text") and result[-1] == "<!-- GIDS only -->":
            line = "```console"
        line = put(line, renewed)
        renewed = renewed or "--new-key" in command
        if line.startswith("```"):
            block = not block
        if block and not is_command and not line.startswith(("> ", "```")):
            shown.append(line)
        else:
            result.append(line)
            owner.sees(line)
    return "\n".join(result) + "\n"


with open(sys.argv[1], encoding="utf-8") as recipe:
    sys.stdout.write(translate(recipe.read()))
