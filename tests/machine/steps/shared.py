# SPDX-License-Identifier: Apache-2.0
"""The TPM belongs to others as well."""

from .counts import OPENSC, READER, TPM2_PKCS11, other_module, sign_many

SECONDS = 400
PREPARE = """mkdir -p /srv/shared && cd /srv/shared; tpm2_evictcontrol -Q -C o -c 0x81010099 2>/dev/null
tpm2_createprimary -Q -C o -G ecc -c parent.ctx
tpm2_createpolicy -Q --policy-pcr -l sha256:7 -L policy
printf sesame | tpm2_create -Q -C parent.ctx -L policy -i - -u sealed.pub -r sealed.priv
tpm2_load -Q -C parent.ctx -u sealed.pub -r sealed.priv -c sealed.ctx
tpm2_evictcontrol -Q -C o -c sealed.ctx 0x81010099
tpm2_unseal -c 0x81010099 -p pcr:sha256:7"""
# Each goes on until the time is over, and then says how often it did its work.
UNSEAL = """n=0; while [ ! -e /run/enough ]; do
    [ "$(tpm2_unseal -c 0x81010099 -p pcr:sha256:7)" = sesame ] || exit 1; n=$((n + 1)); done; echo $n unsealed"""
TOOLS = """cd /srv/shared; n=0; while [ ! -e /run/enough ]; do
    tpm2_getrandom --hex 8 >/dev/null && tpm2_pcrread -Q sha256:7 && echo $n | tpm2_hash -Q -C o || exit 1
    n=$((n + 1)); done; echo $n rounds of tpm2-tools"""
LOGINS = """n=0; while [ ! -e /run/enough ]; do
    sign-many {module} TPM {pin} 1 >/dev/null || exit 1; n=$((n + 1)); done; echo $n logins with a signature each"""
KILLED = """n=0; while [ ! -e /run/enough ]; do
    timeout -s KILL 1.$((RANDOM % 10)) tpm2_createprimary -Q -C o -G ecc -c /dev/null 2>/dev/null
    [ $? -ne 137 ] || n=$((n + 1)); done 2>/dev/null; echo $n killed in the middle"""


def shared(m):
    """The card beside other users of the TPM."""
    m.root(PREPARE, has="sesame")
    other_module(m)
    before = m.chip()
    endless = "while [ ! -e /run/enough ]; do sleep 1; done | "
    work = {
        "card": f"as local alice \"{endless}{sign_many(OPENSC, READER, m.pin, '-')}\"",
        "logins": f"as service bob '{LOGINS.format(module=OPENSC, pin=m.pin)}'" if not m.asks_polkit
                  else LOGINS.format(module=OPENSC, pin=m.pin),
        "tpm2-pkcs11": f"{{ {endless}{sign_many(TPM2_PKCS11, 'ecc256', '1234', '-').replace(' sign-many', ' exec env sign-many')}; }}",
        "unseal": UNSEAL, "tools": TOOLS, "killed": KILLED,
    }
    mark = m.tpm.mark()
    script = "rm -f /run/enough /run/work.*\n" + "".join(
        f"bash -c {quoted(one)} >/run/work.{name} 2>&1 & pids=\"$pids $!\"\n" for name, one in work.items())
    script += f"sleep {SECONDS}; touch /run/enough; failed=0; for pid in $pids; do wait $pid || failed=1; done\n"
    m.quiet(script + "cat /run/work.*; exit $failed", timeout=SECONDS + 300)
    m.say("At the same time: one program that signs with the card and stays logged in, one that logs in anew for each "
          "signature, tpm2-pkcs11, a secret that is unsealed by a PCR policy, tpm2-tools, and one of these that is "
          f"killed in the middle. {SECONDS} seconds of the emulated computer:")
    output = m.root("head -n 20 /run/work.*")
    for name in work:
        done = m.quiet(f"cat /run/work.{name}").split()
        m.check(done and done[0].isdigit() and int(done[0]) > 0, f"{name} made progress: {' '.join(done)}")
    total = sum(m.tpm.commands(mark).values())
    m.say(f"{total} commands reached the chip.")
    m.wait_until("! systemctl -q is-active pcscd.service", "pcscd ends by itself", 180)
    after = m.chip()
    for kind in ("transient", "loaded-session", "saved-session"):
        m.check(not after[kind], f"no {kind} is left in the chip")
    m.check(after["nv-index"] == before["nv-index"] and after["persistent"] == before["persistent"],
            "indices and persistent keys are the same as before")
    m.root("tpm2_evictcontrol -Q -C o -c 0x81010099; rm -r /srv/shared")


def quoted(text):
    import shlex
    return shlex.quote(text)
