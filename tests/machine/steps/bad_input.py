# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on computers."""

import os
import re
import shutil

from machinelib import machine

from . import card

GENERATE = "tpmvsc key generate {slot} --algorithm p256 --admin-key file:/srv/secrets/admin --force --card laptop"

FILL = """systemctl stop pcscd.service 2>/dev/null; rm -rf /srv/filler; mkdir /srv/filler && cd /srv/filler || exit 1; n=0
for size in 1G 64M 4M 256K 4K; do while fallocate -l $size $n; do n=$((n + 1)); done; done 2>/dev/null
dd if=/dev/zero of=rest bs=512 status=none 2>/dev/null; df --output=avail / | tail -n 1"""


# As pcscd prints a command, behind the time since its last line; the driver's own lines have its name.
APDU = re.compile(r"(?:\x1b\[[0-9;]*m)*[0-9]+ (?:\x1b\[[0-9;]*m)*(?:\[[0-9]+\] )?(?:\x1b\[[0-9;]*m)*APDU: (?!.*tpmvsc)")


def debug_log(m):
    """pcscd in debug mode with --apdu: what stands in the journal of a PIN is pcscd's own."""
    m.root("""mkdir -p /run/systemd/system/pcscd.service.d
program=$(systemctl cat pcscd.service | sed -n 's/^ExecStart=\\([^ ]*\\).*/\\1/p' | head -n 1)
printf '[Service]\\nExecStart=\\nExecStart=%s --foreground --debug --apdu\\n' $program \\
    >/run/systemd/system/pcscd.service.d/99-debug.conf
systemctl daemon-reload && systemctl restart pcscd.service""")
    since = m.quiet("sleep 1; date +%s").strip()
    card.sign(m)
    card.wrong_pin(m)
    m.user("local", "alice", GENERATE.format(slot="9e"))
    card.sign(m)
    journal = m.quiet(f"journalctl -q -o cat --since @{since}").splitlines()
    for name, secret in (("PIN", m.pin), ("wrong PIN", "999999")):
        spaced, tight = secret.encode().hex(" "), secret.encode().hex()
        lines = [line for line in journal if spaced in line.lower() or tight in line.lower() or secret in line]
        own = [line for line in lines if APDU.match(line)]
        m.check(own, f"pcscd itself prints the {name} ({len(own)} lines)")
        m.check(len(own) == len(lines), f"nothing else does ({len(lines) - len(own)} lines)")
    key = machine.ADMIN_KEY
    m.check(not any(part in line.lower().replace(" ", "") for line in journal for part in (key[:16], key[16:32], key[32:])),
            "no part of the admin key is there")
    m.root("rm /run/systemd/system/pcscd.service.d/99-debug.conf; systemctl daemon-reload; systemctl restart pcscd.service")
    since = m.quiet("sleep 1; date +%s").strip()
    card.sign(m)
    card.wrong_pin(m)
    card.sign(m)
    said = m.quiet(f"journalctl -q -o cat --since @{since}").lower()
    m.check(said.strip(), "the journal has something of that time")
    for name, secret in (("PIN", m.pin), ("wrong PIN", "999999")):
        m.check(not any(form in said for form in (secret, secret.encode().hex(), secret.encode().hex(" "))),
                f"without these options the {name} is nowhere")


def owner_password(m):
    """The TPM's owner has a password."""
    m.root("tpm2_changeauth -c owner sesame; printf sesame >/srv/secrets/owner")
    m.root(card.CREATE.format(name="second"), status=3, has="owner")
    m.root(card.CREATE.format(name="second") + " --owner-auth file:/srv/secrets/owner")
    card.sign(m)
    m.root("tpmvsc destroy second --force", status=3, has="owner")
    m.root("tpmvsc destroy second --force --owner-auth file:/srv/secrets/owner")
    m.root("tpm2_changeauth -c owner -p sesame ''")


def no_permission(m):
    """No right to the TPM's device, and no group tss."""
    m.user("local", "alice", "tpmvsc tpm status", status=3)
    if m.asks_polkit:  # Debian 13's pcscd is root without root's rights
        m.root("chown nobody:root /dev/tpmrm0; chmod 600 /dev/tpmrm0; systemctl restart pcscd.service; sleep 3; "
               "opensc-tool --list-readers", lacks="Yes ")
        m.root("tpmvsc doctor", status=1, has="pcscd (as root) may not use /dev/tpmrm0")
        m.root("journalctl -q -b -o cat -u pcscd.service | tail -n 5", has="/dev/tpmrm0")
        m.root("udevadm trigger --action=change /dev/tpmrm0; udevadm settle; ls -l /dev/tpmrm0", has="tss tss")
        m.root("systemctl restart pcscd.service")
        card.sign(m)
    try:
        m.root("groupmod -n gone tss; systemctl restart pcscd.service", status=None)
        m.wait_until("systemctl -q is-failed pcscd.service", "pcscd does not start without the group")
        m.root("systemctl show -p ExecMainStatus pcscd.service", has="=216")
        m.root("tpmvsc doctor", status=1, has="there is no group tss")
    finally:
        m.quiet("groupmod -n tss gone; systemctl reset-failed; systemctl restart pcscd.socket")
    card.sign(m)


def full_disk(m):
    """The disk is full."""
    try:
        m.check(m.root(FILL, status=None).split()[-1] == "0", "nothing is free")
        m.root(card.CREATE.format(name="second"), status=1, has="Free some space")
        m.user("local", "alice", GENERATE.format(slot="9e"), status=1)
        m.user("local", "alice", "tpmvsc info laptop", has="3/3")
    finally:
        m.quiet("rm -rf /srv/filler")
    m.root("tpmvsc list", has="laptop", lacks="second")
    card.sign(m)
    m.user("local", "alice", GENERATE.format(slot="9e"))
    m.root("tpmvsc doctor", has="0 errors")


def newer_state(m):
    """An older package finds what a newer one has written."""
    folder = m.quiet("echo /var/lib/tpmvsc/cards/*").strip()
    for name, change in (("identity", "sed -i 's/^version = 1$/version = 2/' identity"),
                         ("pins", "printf '\\2' | dd of=pins bs=1 seek=7 conv=notrunc status=none")):
        m.say(f"The card's file \"{name}\" has version 2.")
        m.quiet(f"systemctl stop pcscd.service; cd {folder} && cp -a {name} /srv/file && {change} && ! cmp -s {name} /srv/file")
        before = m.quiet(f"cd {folder} && sha256sum *")
        m.user("local", "alice", "sign /srv/secrets/pin", status=1)
        m.root("tpmvsc doctor | grep -A1 '^error'", has="which this tpmvsc does not know")
        m.root("journalctl -q -b -o cat -u pcscd.service | tail -n 1", has="which this tpmvsc does not know")
        m.check(m.quiet(f"cd {folder} && sha256sum *") == before, "nothing of the card was changed")
        m.quiet(f"systemctl stop pcscd.service; mv /srv/file {folder}/{name}")
        card.sign(m)
    m.check(m.tries() == 3, "and no try was lost")


def no_tpm(m):
    """A computer without a TPM, with cards on its disk; the software TPM in its place."""
    m.guest.power_off()
    m.start(with_tpm=False)
    m.root("ls /dev/tpm*", status=2)
    m.root("systemctl is-active pcscd.socket", has="active")
    m.root("opensc-tool --list-readers", has="TPM Virtual Smart Card 00 00", lacks="Yes ")
    m.root(card.CREATE.format(name="second"), status=4)
    m.root("tpmvsc doctor", status=4)
    m.root("tpmvsc list", has="laptop")
    m.root("journalctl -q -b -o cat -u pcscd.service", status=None)
    m.root("systemctl -q enable --now tpmvsc-swtpm.service && systemctl restart pcscd.service")
    m.root(card.CREATE.format(name="soft"), has="files")
    m.root("ps -o user:20,args -C swtpm | sed 's/  *$//'", has="tpmvsc-swtpm  ", lacks="root ")
    m.root("tpmvsc info soft", has="3/3")
    m.root("systemd-analyze security --no-pager tpmvsc-swtpm.service | grep -v '^✓' | tail -n 40", status=None)
    m.root("tpmvsc destroy soft --force; systemctl stop tpmvsc-swtpm.service")


def other_machine(m):
    """The disk in another computer, with another TPM."""
    m.guest.power_off()
    os.rename(m.tpm.state, m.tpm.state + ".first")
    os.mkdir(m.tpm.state)
    m.start()
    m.user("local", "alice", "sign /srv/secrets/pin", status=1)
    m.root("tpmvsc doctor", status=1, has="was made in another TPM")
    m.root("journalctl -q -b -o cat -u pcscd.service | tail -n 1", has="was made in another TPM")
    storage_key(m)
    m.guest.power_off()
    shutil.rmtree(m.tpm.state)
    os.rename(m.tpm.state + ".first", m.tpm.state)
    m.start()
    m.say("and back in the first one")
    card.sign(m)


def storage_key(m):
    """The storage key's place is taken by other kinds of keys."""
    m.say("0x81000001 holds an RSA storage key, such as Windows makes.")
    m.root("tpm2_createprimary -Q -C o -G rsa2048:aes128cfb -c /srv/key && tpm2_evictcontrol -Q -C o -c /srv/key 0x81000001")
    m.root(card.CREATE.format(name="second"))
    m.root("tpm2_getcap handles-persistent && tpmvsc destroy second --force")
    m.say("0x81000001 holds a key that signs, and is no parent for others.")
    m.root("tpm2_evictcontrol -Q -C o -c 0x81000001; tpm2_createprimary -Q -C o -G ecc:ecdsa -c /srv/key "
           "-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' && "
           "tpm2_evictcontrol -Q -C o -c /srv/key 0x81000001")
    m.root("tpmvsc tpm status", status=None)
    m.root(card.CREATE.format(name="second"), status=None)
    m.root("tpm2_getcap handles-persistent; tpmvsc destroy second --force; rm /srv/key", status=None)
