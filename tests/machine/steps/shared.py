# SPDX-License-Identifier: Apache-2.0
"""The TPM belongs to others as well."""

import shlex

from . import program
from .counts import OPENSC, READER, TPM2_PKCS11, other_module, sign_many

ALONE, TOGETHER = 40, 180
THOUSANDS = 5000  # of the TPM's commands: more than a day's
IDLE = 5  # more than the driver's tpm_idle
# Of a fair share, which everybody has to get. Seen on Debian 13: 0.8 for the others, and 0.4 for who logs in anew, since it also
# waits for the card, which the program that signs has most of the time. A machine that is busy with other work at one of the
# two times halves that; who is starved gets nothing.
LEAST = 0.15
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
    work = workers(m)
    m.say("What each does with the TPM to itself, and then all of them at the same time: one program that signs with the "
          "card and stays logged in, one that logs in anew for each signature, tpm2-pkcs11, a secret that is unsealed by a "
          "PCR policy, tpm2-tools, and one of these that is killed in the middle.")
    alone = {}
    for name in work:
        if name != "killed":  # it is nobody's work
            alone |= at_work(m, {name: work[name]}, ALONE)
    mark = m.tpm.mark()
    together = at_work(m, work, TOGETHER)
    commands = sum(m.tpm.commands(mark).values())
    m.check(commands > THOUSANDS, f"{commands} commands reached the chip in the {TOGETHER} seconds together")
    m.check(together["killed"] > 0, f"{together['killed']} were killed in the middle")
    shares(m, alone, together)
    nothing_stays(m, before)
    m.root("tpm2_evictcontrol -Q -C o -c 0x81010099; rm -r /srv/shared")


def workers(m):
    endless = "while [ ! -e /run/enough ]; do sleep 1; done | "
    return {
        "card": f"as local alice \"{endless}{sign_many(OPENSC, READER, m.pin, '-')}\"",
        "logins": f"as service bob '{LOGINS.format(module=OPENSC, pin=m.pin)}'" if not m.asks_polkit
                  else LOGINS.format(module=OPENSC, pin=m.pin),
        "tpm2-pkcs11": f"{{ {endless}{sign_many(TPM2_PKCS11, 'ecc256', '1234', '-').replace(' sign-many', ' exec env sign-many')}; }}",
        "unseal": UNSEAL, "tools": TOOLS, "killed": KILLED,
    }


def at_work(m, work, seconds):
    """How often each did its work in so many seconds of the emulated computer."""
    # The kernel shares the processor out to sessions: each has one of its own, as pcscd and alice's login have.
    script = "rm -f /run/enough /run/work.*\n" + "".join(
        f"setsid bash -c {shlex.quote(one)} >/run/work.{name} 2>&1 & pids=\"$pids $!\"\n" for name, one in work.items())
    script += f"sleep {seconds}; touch /run/enough; failed=0; for pid in $pids; do wait $pid || failed=1; done\n"
    m.quiet(script + "cat /run/work.*; exit $failed", timeout=seconds + 300)
    counted = {}
    for name in work:
        done = m.quiet(f"cat /run/work.{name}").split()
        m.check(done and done[0].isdigit() and int(done[0]) > 0, f"{name}: {' '.join(done)} in {seconds} seconds")
        counted[name] = int(done[0])
    return counted


def shares(m, alone, together):
    fair = 1 / len(together)
    m.transcript.write(f"{'in a minute':14}{'alone':>8}{'together':>10}{'ratio':>8}, with a fair share of {fair:.2f}")
    ratios = {}
    for name, count in alone.items():
        rate, beside = count * 60 / ALONE, together[name] * 60 / TOGETHER
        ratios[name] = beside / rate
        m.transcript.write(f"{name:14}{rate:8.1f}{beside:10.1f}{ratios[name]:8.2f}")
    for name, ratio in ratios.items():
        m.check(ratio >= fair * LEAST, f"{name} has at least {LEAST} of its fair share")


def nothing_stays(m, before):
    """In the chip: neither after the idle time, with pcscd and a program that is logged in alive, nor after their end."""
    program.begin(m)
    pid = m.quiet("systemctl show -p MainPID --value pcscd.service").strip()
    m.quiet("rm -f /run/enough; (while [ ! -e /run/enough ]; do echo sign; sleep 0.2; done "
            f">{program.FOLDER}/lines) >/dev/null 2>&1 &")
    m.wait_until(f"[ $(wc -l <{program.FOLDER}/said) -gt 3 ]", "the program signs again and again")
    m.check(m.chip()["saved-session"], "meanwhile its session is in the chip")
    m.quiet(f"touch /run/enough; sleep {IDLE}")
    empty(m, "after the idle time")
    m.root("systemctl show -p MainPID --value pcscd.service; pgrep -u alice -f sign-many >/dev/null", has=pid)
    # The kernel takes objects out of the chip after each command; only who closes the device frees them.
    m.root(f"ls /proc/{pid}/fd >/dev/null && find /proc/{pid}/fd -lname '/dev/tpm*' -printf '%l\\n'", lacks="/dev/tpm")
    m.check(program.tell(m, "sign") == "signed", "it is logged in all the time")
    program.end(m)
    m.wait_until("! systemctl -q is-active pcscd.service", "pcscd ends by itself", 180)
    after = m.chip()
    empty(m, "after pcscd's end")
    m.check(after["nv-index"] == before["nv-index"] and after["persistent"] == before["persistent"],
            "indices and persistent keys are the same as before")


def empty(m, when):
    chip = m.chip()
    for kind in ("transient", "loaded-session", "saved-session"):
        m.check(not chip[kind], f"no {kind} is in the chip {when}")
