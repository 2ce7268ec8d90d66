#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""thief.py CARD_THIEF: root takes the card's keys from its files and uses them with tpm2-tools, while a
program is logged in to the card. The TPM wants the PIN all the same."""

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
sys.dont_write_bytecode = True
from riglib import piv  # noqa: E402
from riglib.inside import ADMIN_KEY, PIN, Host, expect, fail  # noqa: E402

TCTI = os.environ["TPMVSC_TCTI"]
DIGEST = bytes(range(32))
# Response codes of TPM 2.0 part 2 section 6.6, as they are for this: no authorisation value may be used;
# the policy is not satisfied; the value is wrong.
NO_VALUE, NO_POLICY, WRONG_VALUE = "(0x12F)", "(0x99D)", "(0x9A2)"


class Thief:
    """tpm2-tools on the stolen files. Without a resource manager each tool leaves its handles to the next."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def run(self, tool, *arguments):
        """Gives what the tool complains about; nothing when it succeeded."""
        done = subprocess.run([tool, "-T", TCTI, *arguments], capture_output=True, text=True,
                              cwd=self.folder, timeout=60)
        subprocess.run(["tpm2_flushcontext", "-T", TCTI, "-t"], capture_output=True, cwd=self.folder)
        return (done.stderr.strip() or "failed") if done.returncode != 0 else ""

    def must(self, tool, *arguments):
        complaint = self.run(tool, *arguments)
        if complaint:
            fail(f"{tool} {' '.join(arguments)}: {complaint}")

    def load(self, slot, private=None):
        self.must("tpm2_load", "-C", self.read("parent"), "-u", f"{slot}.public",
                  "-r", private or f"{slot}.private", "-c", f"{slot}.context")

    def sign(self, slot, *authorisation):
        return self.run("tpm2_sign", "-c", f"{slot}.context", "-g", "sha256", "-s", "ecdsa", "-d",
                        "digest", "-f", "plain", "-o", "signature", *authorisation)

    def decrypt(self, slot, *authorisation):
        return self.run("tpm2_rsadecrypt", "-c", f"{slot}.context", "-s", "null", "-o", "plain",
                        *authorisation, "cipher")

    def in_policy(self, use, *steps):
        """Runs the policy commands, then the use; gives the first complaint."""
        self.must("tpm2_startauthsession", "--policy-session", "-S", "session")
        try:
            for tool, *arguments in steps:
                complaint = self.run(tool, "-S", "session", *arguments)
                if complaint:
                    return complaint
            return use("-p", "session:session")
        finally:
            self.run("tpm2_flushcontext", "session")

    def proof_of(self, pin):
        """PolicySecret on the PIN's index with the value that stands for this PIN."""
        value = hashlib.sha256(bytes.fromhex(self.read("salt")) + pin.encode()).hexdigest()
        return ("tpm2_policysecret", "-c", self.read("pin"), "hex:" + value)


def refused(what, refusal, complaint):
    if not complaint:
        fail(what + " worked")
    if refusal not in complaint:
        fail(f"{what}: not {refusal} but {complaint}")


def attack(thief):
    for what, code, use in (
            ("sign", "TPM2_CC_Sign", lambda *a: thief.sign("9a", *a)),
            ("decrypt", "TPM2_CC_RSA_Decrypt", lambda *a: thief.decrypt("9d", *a))):
        refused(f"{what} with nothing", NO_VALUE, use())
        refused(f"{what} with a password", NO_VALUE, use("-p", PIN))
        for policy, *steps in (("empty policy",),
                               ("policy of a password", ("tpm2_policypassword",)),
                               ("policy of this command", ("tpm2_policycommandcode", code)),
                               ("policy of the owner", ("tpm2_policysecret", "-c", "owner"))):
            refused(f"{what} in a {policy}", NO_POLICY, thief.in_policy(use, *steps))
    # A value of his own on the key does not stand in the key's policy.
    thief.must("tpm2_changeauth", "-C", thief.read("parent"), "-c", "9a.context", "-r", "new.private",
               "thief")
    thief.load("9a", "new.private")
    refused("sign with a new value", NO_VALUE, thief.sign("9a", "-p", "thief"))
    refused("sign with a new value in a policy", NO_POLICY, thief.in_policy(
        lambda *_: thief.sign("9a", "-p", "session:session+thief"), ("tpm2_policypassword",)))
    refused("duplicate", NO_POLICY, thief.in_policy(
        lambda *a: thief.run("tpm2_duplicate", "-C", "null", "-c", "9a.context", "-G", "null", "-r",
                             "duplicate", "-s", "seed", *a),
        ("tpm2_policycommandcode", "TPM2_CC_Duplicate")))


def main():
    with Host() as host, tempfile.TemporaryDirectory() as folder:
        card, thief = host.card, Thief(folder)
        card.administer(ADMIN_KEY)
        point = card.generate(0x9A, piv.P256)
        open_point = card.generate(0x9E, piv.P256)
        modulus = int.from_bytes(card.generate(0x9D, piv.RSA2048), "big")
        plain = (2 ** 2000 + 12345).to_bytes(256, "big")
        for name, content in (("digest", DIGEST), ("cipher", pow(
                int.from_bytes(plain, "big"), 65537, modulus).to_bytes(256, "big"))):
            with open(thief.path(name), "wb") as file:
                file.write(content)
        card.verify(PIN)
        if not card.signs(0x9A, point):
            fail("the card does not sign")

        # The driver has let go of the TPM meanwhile; the login stays.
        subprocess.run([sys.argv[1], folder], check=True, timeout=60)
        for slot in ("9a", "9d", "9e"):
            thief.load(slot)
        attack(thief)

        # One guess, which counts.
        thief.load("9a")
        refused("a guess", WRONG_VALUE,
                thief.in_policy(lambda *a: thief.sign("9a", *a), thief.proof_of("000000")))

        # The control: what needs no PIN works, and so does the right PIN.
        expect("the key without PIN", "", thief.sign("9e"))
        with open(thief.path("signature"), "rb") as file:
            if not piv.is_signature(open_point, DIGEST, file.read()):
                fail("the key without PIN signs wrongly")
        expect("the right PIN", "",
               thief.in_policy(lambda *a: thief.sign("9a", *a), thief.proof_of(PIN)))
        expect("the right PIN", "",
               thief.in_policy(lambda *a: thief.decrypt("9d", *a), thief.proof_of(PIN)))
        with open(thief.path("plain"), "rb") as file:
            expect("the plain text", plain, file.read())

        # All the while the program is logged in.
        if not card.signs(0x9A, point):
            fail("the login has ended")


if __name__ == "__main__":
    main()
