#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""documents.py SCHEMA: runs every command that has --json, in the rig, and validates what it prints: by the
schema as a program would, and by the same schema closed, so that nothing is printed that it does not
name. With --print it shows the documents instead."""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

ADMIN = ["--admin-key", "file:" + os.environ.get("TPMVSC_ADMIN_KEY_FILE", "")]
PIN = ["--pin", "file:" + os.environ.get("TPMVSC_PIN_FILE", "")]
CARD = ["--card", "Card 1"]
STAY = ["--new-pin", "file:" + os.environ.get("TPMVSC_PIN_FILE", "")]


class Problem(Exception):
    """Something is not as the schema says, or could not be run."""


def run(*words, program="tpmvsc", status=0):
    done = subprocess.run([program, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode != status:
        raise Problem(f"{program} {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


class Documents:
    """What each command has printed, by its name in the schema."""

    def __init__(self):
        self.seen = {}

    def take(self, name, *words, status=0):
        program, verb = ("tpmvsc-admin", name.removeprefix("admin: ")) if name.startswith("admin: ") \
            else ("tpmvsc", name)
        text = run(*verb.split(), *words, "--json", program=program, status=status)
        document = json.loads(text)
        self.seen.setdefault(name, []).append(document)
        return document


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def sign(request, certificate):
    openssl("x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "20",
            "-copy_extensions", "copyall", "-out", certificate)


def files():
    for name in ("ca", "escrow"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "own.key")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "own-rsa.key")
    with open("master", "w", encoding="ascii") as file:
        file.write("5a" * 32 + "\n")


def keys_and_certificates(take):
    take("key info", *CARD)
    take("key generate", "9a", "--algorithm", "p256", *ADMIN, *CARD)
    take("key generate", "9d", "--algorithm", "p256", *ADMIN, *CARD, "--public-key-out", "-")
    take("key generate", "9d", "--algorithm", "p256", *ADMIN, *CARD, "--public-key-out", "9d.pub", "--force")
    take("key import", "9c", "own.key", *ADMIN, *CARD)
    take("key move", "9c", "82", *ADMIN, *CARD)
    take("key delete", "82", "--force", *ADMIN, *CARD)
    take("key attest", "9a", *CARD)
    take("key attest", "9a", "--out", "attestation.pem", *CARD)
    attestation(take)
    take("key info", "9a", *CARD)
    take("cert request", "9a", "--subject", "CN=Jane", *PIN, *CARD, "--out", "jane.csr")
    take("cert request", "9a", "--subject", "CN=Jane", "--format", "der", *PIN, *CARD)
    sign("jane.csr", "jane.pem")
    take("cert import", "9a", "jane.pem", *ADMIN, *CARD)
    take("cert countersign", "9a", "jane.csr", *PIN, *CARD)
    take("cert countersign", "9a", "jane.csr", "--on-behalf-of", r"CORP\jane", "--out", "jane.p7b", *PIN, *CARD)
    take("cert self-sign", "9d", "--subject", "CN=Mail", *PIN, *ADMIN, *CARD)
    take("cert export", "9a", *CARD)
    take("cert export", "9a", "--out", "9a.pem", *CARD)
    take("cert renew", "9a", *PIN, *CARD)
    take("key info", "9a", *CARD)
    take("key info", *CARD)
    take("inventory")
    take("cert renew", "9d", "--new-key", *PIN, *ADMIN, *CARD)
    take("cert delete", "9a", "--force", *ADMIN, *CARD)
    take("object read", "chuid", *CARD)
    take("object read", "chuid", "--out", "chuid", *CARD)
    take("object write", "5fff12", "chuid", *ADMIN, *CARD)


def containers(take):
    """The same on a GIDS card."""
    card = ["--card", "gids", "--pin", "file:gids-pin"]
    take("key generate", *card)
    take("key generate", "--algorithm", "p256", "--label", "other", *card)
    take("key import", "own-rsa.key", "--label", "imported", *card)
    take("cert self-sign", "0", "--subject", "CN=Jane", *card)
    take("cert export", "0", "--card", "gids")
    take("cert request", "0", "--subject", "CN=Jane", *card)
    take("cert renew", "0", "--new-key", *card, "--out", "renewal.csr")
    sign("renewal.csr", "renewed.pem")
    take("cert import", "renewed.pem", *card)
    take("cert countersign", "0", "renewal.csr", *card)
    take("key info", "--card", "gids")
    take("key info", "0", "--card", "gids")
    take("cert delete", "3", "--force", *card)
    take("key delete", "0", "--force", *card)


def attestation(take):
    take("key attest", "9a", "--bundle", "-", *CARD)
    take("key attest", "9a", "--bundle", "bundle", *CARD)
    for admin in ("", "admin: "):
        take(admin + "attest challenge", "bundle", "--out", admin + "challenge", "--secret-out", admin + "secret")
        take("attest answer", admin + "challenge", *CARD)
        take("attest answer", admin + "challenge", "--out", admin + "answer", *CARD)
        take(admin + "attest verify", "bundle", "--answer", admin + "answer", "--secret", admin + "secret", status=1)
        take(admin + "attest verify", "bundle", "--require", "pin,tries")


def secrets(take):
    take("pin change", *PIN, *STAY, *CARD)
    take("pin set-policy", "--pin-min-length", "6", *ADMIN, *CARD)
    take("puk change", "--puk", "default", "--new-puk", "random", *CARD)
    # The second card is for what is lost on the way.
    take("pin change", "--pin", "file:pin", "--new-pin", "random", "--card", "second")
    take("unblock", "--puk", "file:puk", "--new-pin", "file:pin", "--card", "second")
    take("pin unblock", "--puk", "file:puk", "--new-pin", "file:pin", "--card", "second")
    take("admin-key change", "--admin-key", "file:admin", "--new-admin-key", "random", "--algorithm", "aes256",
         "--card", "second")


def help_desk(take):
    take("admin: authority new", "--out", "desk.pem", "--passphrase", "none")
    take("admin: authority show", "desk.pub.pem")
    made = take("create", "--name", "managed", "--pin", "random", "--authority", "desk.pub.pem", "--escrow-to",
                "escrow.pem")
    take("info", "managed")
    take("admin: admin-key open", f"managed-{made['serial']}.cms", "--key", "escrow.key")
    take("admin: admin-key derive", "--master", "file:master", "--card", made["id"])
    challenge = take("unblock", "--challenge", "--card", "managed")["challenge"]
    answer = take("admin: respond", challenge, "--key", "desk.pem", "--yes")["answer"]
    with open("answer", "w", encoding="ascii") as file:
        file.write(answer + "\n")
    take("unblock", "--response", "file:answer", "--new-pin", "random", "--card", "managed")


def the_tpm(take):
    take("tpm status")
    take("tpm provision")
    take("lockout status")
    take("lockout set", "--max-tries", "31", "--recovery-time", "600", "--force")
    take("lockout reset")
    take("doctor")


def perform(documents):
    take = documents.take
    files()
    made = take("create", "--name", "second", "--pin", "random", "--puk", "random", "--admin-key", "random")
    for name, value in (("pin", made["secrets"]["pin"]), ("puk", made["secrets"]["puk"]),
                        ("admin", made["secrets"]["admin_key"])):
        with open(name, "w", encoding="ascii") as file:
            file.write(value + "\n")
    take("list")
    take("info", "Card 1")
    keys_and_certificates(take)
    secrets(take)
    help_desk(take)
    made = take("create", "--name", "gids", "--profile", "gids", "--generate", "--pin", "random", "--puk", "none",
         "--admin-key", "default", "--pin-min-length", "4", "--pin-history", "2")
    with open("gids-pin", "w", encoding="ascii") as file:
        file.write(made["secrets"]["pin"] + "\n")
    take("info", "gids")
    containers(take)
    take("info", "Card 1")
    take("inventory", "--expires-within", "400")
    the_tpm(take)
    take("destroy", "Card 1", "--checklist")
    take("reissue", "Card 1", "--force", *PIN, "--puk", "random", "--admin-key", "random")
    for card in ("gids", "managed", "second"):
        take("destroy", card, "--force")
    take("list")


def commands_with_json(program, words=()):
    """The commands whose --help has --json, as a person finds them."""
    text = run(*words, "--help", program=program)
    below = re.search(r"^Subcommands:\n((?: .*\n)+)", text, re.M)
    if not below:
        name = ("admin: " if program == "tpmvsc-admin" else "") + " ".join(words)
        return {name} if "  --json" in text else set()
    verbs = re.findall(r"^  (\S+)", below[1], re.M)
    return set().union(*(commands_with_json(program, (*words, verb)) for verb in verbs))


def closed(schema):
    """The schema with no members but those it names."""
    schema = copy.deepcopy(schema)

    def close(part):
        if isinstance(part, dict):
            if "properties" in part and "additionalProperties" not in part:
                part["additionalProperties"] = False
            for value in part.values():
                close(value)
        elif isinstance(part, list):
            for value in part:
                close(value)

    close(schema)
    return schema


def validate(schema, name, document):
    if name not in schema["$defs"]:
        raise Problem(f"the schema does not have \"{name}\": {json.dumps(document)}")
    for one in (schema, closed(schema)):
        one = {**one, "$ref": f"#/$defs/{name}".replace(" ", "%20")}
        errors = list(jsonschema.Draft202012Validator(one).iter_errors(document))
        if errors:
            where = "/".join(map(str, errors[0].absolute_path))
            raise Problem(f"{name}: at \"{where}\": {errors[0].message}")


def main():
    show, path = sys.argv[1] == "--print", os.path.abspath(sys.argv[-1])
    documents = Documents()
    try:
        with tempfile.TemporaryDirectory(prefix="tpmvsc-json.") as folder:
            os.chdir(folder)
            perform(documents)
            os.chdir("/")
        if show:
            print(json.dumps(documents.seen, indent=1))
            return
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        for name, seen in documents.seen.items():
            for document in seen:
                validate(schema, name, document)
        known = commands_with_json("tpmvsc") | commands_with_json("tpmvsc-admin")
        if known != set(documents.seen):
            raise Problem(f"not run or not there: {sorted(known ^ set(documents.seen))}")
        count = sum(map(len, documents.seen.values()))
        print(f"{count} documents of {len(documents.seen)} commands")
    except Problem as problem:
        sys.exit(f"FAIL: {problem}")


if __name__ == "__main__":
    main()
