# SPDX-License-Identifier: Apache-2.0
"""How many commands reach the chip for a signature, the kernel's resource manager included."""

import collections

from machinelib import tpm

OPENSC = "opensc-pkcs11.so"
TPM2_PKCS11 = "libtpm2_pkcs11.so"
STORE = "/home/alice/store"
READER = "TPM"  # OpenSC calls its token after the certificate; the reader's name tells whose it is
MORE = 10


def sign_many(module, token, pin, count):
    # tpm2-pkcs11 needs what this card spares its users: a store, and the right to the TPM.
    env = f"TPM2_PKCS11_STORE={STORE} TSS2_LOG=all+ERROR " if module == TPM2_PKCS11 else ""
    return f"{env}sign-many {module} {token} {pin} {count}"


def other_module(m):
    """A token of tpm2-pkcs11 with a key of each kind. Its user has to be in the group tss."""
    m.root(f"""export TPM2_PKCS11_STORE={STORE} TSS2_LOG=all+ERROR
rm -rf {STORE}; mkdir -p {STORE} && tpm2_ptool init >/dev/null
for kind in ecc256 rsa2048; do
    tpm2_ptool addtoken --pid 1 --label $kind --sopin 1234 --userpin 1234 >/dev/null
    tpm2_ptool addkey --label $kind --userpin 1234 --algorithm $kind >/dev/null
done
tpm2_ptool listtokens --pid 1 | grep label""")


def per_signature(m, module, token, pin):
    """The commands for one more signature in a session that has made one already, by name."""
    seen = []
    for count in (1, 1 + MORE):
        m.quiet("sleep 4")  # what is idle is closed, and belongs to who used it
        mark = m.tpm.mark()
        m.quiet(sign_many(module, token, pin, count))
        m.quiet("sleep 4")
        seen.append(m.tpm.commands(mark))
        del seen[-1]["GetRandom"]  # the kernel's, now and then, for its own pool
    return seen[0], {name: (seen[1][name] - seen[0][name]) / MORE for name in seen[0] | seen[1]
                     if seen[1][name] != seen[0][name]}


def shown(commands):
    return ", ".join(f"{number:g} {name}" for name, number in sorted(commands.items(), key=lambda it: (-it[1], it[0])))


def split(commands):
    swapped = sum(number for name, number in commands.items() if name in tpm.SWAPPING)
    return sum(commands.values()) - swapped, swapped


def counts(m):
    """Commands that reach the chip for a signature, beside tpm2-pkcs11."""
    other_module(m)
    table = collections.OrderedDict()
    for kind, name in (("rsa2048", "rsa2048"), ("p256", "ecc256")):  # other steps go on with P-256
        m.quiet(f"tpmvsc key generate 9a --card laptop --algorithm {kind} --admin-key file:/srv/secrets/admin --force && "
                "tpmvsc cert self-sign 9a --card laptop --subject CN=alice --pin file:/srv/secrets/pin "
                "--admin-key file:/srv/secrets/admin")
        table[kind] = {"tpmvsc": per_signature(m, OPENSC, READER, m.pin),
                       "tpm2-pkcs11": per_signature(m, TPM2_PKCS11, name, "1234")}
    m.say("Commands that swtpm's log shows. The kernel's resource manager loads what a client has loaded before each "
          "command of that client, and saves it afterwards.")
    for kind, programs in table.items():
        for program, (first, more) in programs.items():
            own, swapped = split(more)
            m.transcript.write(f"{kind}, {program}: {own + swapped:g} for one more signature, {swapped:g} of them to swap: "
                               f"{shown(more)}")
            m.transcript.write(f"    {sum(first.values())} for a program that logs in and signs once: {shown(first)}")
        own, swapped = split(programs["tpmvsc"][1])
        m.check(own == 2, f"{kind}: a signature is two commands of our own")
        m.check(swapped <= 5 * own, f"{kind}: no more is swapped for them than one key and one session")
        m.check(sum(programs["tpmvsc"][0].values()) < sum(programs["tpm2-pkcs11"][0].values()),
                f"{kind}: a program that signs once takes less of the chip than with tpm2-pkcs11")
    m.check(m.chip()["loaded-session"] | m.chip()["saved-session"] | m.chip()["transient"] == set(),
            "nothing stays loaded in the chip")
