# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on computers."""

import os
import random
import re
import secrets
import shutil

from . import card

SIGNS = ("tpmvsc key generate 9a --algorithm p256 --admin-key file:/srv/secrets/admin --force --card second && "
         "tpmvsc cert self-sign 9a --subject CN=alice --pin file:/srv/secrets/pin --admin-key file:/srv/secrets/admin "
         "--card second")
GENERATE = "tpmvsc key generate {slot} --algorithm p256 --admin-key file:/srv/secrets/admin --force --card laptop"

FILL = """systemctl stop pcscd.service 2>/dev/null; rm -rf /srv/filler; mkdir /srv/filler && cd /srv/filler || exit 1; n=0
for size in 1G 64M 4M 256K 4K; do while fallocate -l $size $n; do n=$((n + 1)); done; done 2>/dev/null
dd if=/dev/zero of=rest bs=512 status=none 2>/dev/null; df --output=avail / | tail -n 1"""


# As pcscd prints a command, behind the time since its last line; the driver's own lines have its name.
APDU = re.compile(r"(?:\x1b\[[0-9;]*m)*[0-9]+ (?:\x1b\[[0-9;]*m)*(?:\[[0-9]+\] )?(?:\x1b\[[0-9;]*m)*APDU: (?!.*tpmvsc)")


DEBUG = """mkdir -p /run/systemd/system/pcscd.service.d
program=$(systemctl cat pcscd.service | sed -n 's/^ExecStart=\\([^ ]*\\).*/\\1/p' | head -n 1)
printf '[Service]\\nExecStart=\\nExecStart=%s --foreground --debug --apdu\\n' $program \\
    >/run/systemd/system/pcscd.service.d/99-debug.conf
systemctl daemon-reload && systemctl restart pcscd.service"""
NO_DEBUG = "rm /run/systemd/system/pcscd.service.d/99-debug.conf; systemctl daemon-reload; systemctl restart pcscd.service"
# What takes a secret to a card, or puts one on it; those that end with 3 give a wrong one.
PIV, GIDS = "", "--profile gids --generate "
WITH_SECRETS = (
    ("pin change --pin file:pin-1 --new-pin file:pin-2", 0),
    ("pin change --pin file:wrong-pin --new-pin file:pin-3", 3),
    ("puk change --puk file:puk-1 --new-puk file:puk-2", 0),
    ("unblock --puk file:wrong-puk --new-pin file:pin-3", 3),
    ("unblock --puk file:puk-2 --new-pin file:pin-3", 0),
    ("admin-key change --admin-key file:admin-1 --new-admin-key file:admin-2", 0),
)
# A GIDS card takes no other keys from outside than RSA.
KEYS = {PIV: ("9d ec.key", "82 rsa.key"), GIDS: ("rsa.key",)}
IMPORT = "key import {key} --force --pin file:pin-3 --admin-key file:admin-2"
# In openssl's text of a key, each in lines of hexadecimal. The modulus and the public point are no secrets.
NUMBERS = re.compile(r"^(priv|privateExponent|prime\d|exponent\d|coefficient):\s((?:\s+[0-9a-f:]+\s)+)", re.M)
TIGHT = re.compile(r"[\s:]")


def debug_log(m):
    """pcscd in debug mode with --apdu: what stands in the journal of PINs, PUKs, admin keys and private keys is pcscd's own."""
    for options, what in ((PIV, "PIV"), (GIDS, "GIDS")):
        m.say(f"A {what} card with fresh secrets, whose first ones are in the files ending in -1.")
        m.root(DEBUG)
        try:
            known, journal = with_secrets(m, options)
        finally:
            m.root(NO_DEBUG)
        for name, secret in known.items():
            told(m, journal, name, secret)
        known, journal = with_secrets(m, options)
        m.check(any("tpmvsc" in line for line in journal), "the driver has said something without these options")
        found = [name for name, secret in known.items() if having(journal, secret)]
        m.check(not found, f"without these options none of the {len(known)} secrets is anywhere {' '.join(found)}".rstrip())
    card.sign(m)


def told(m, journal, name, secret):
    lines = having(journal, secret)
    own = [line for line in lines if APDU.match(line)]
    m.check(len(own) == len(lines), f"{name}: nothing else than pcscd itself prints it ({len(lines) - len(own)} lines)")
    # An admin key is proved by a challenge, and a PIV card wants no private exponent. The others show that the search
    # finds what is there.
    if name not in ("admin-1", "admin-2", "privateExponent"):
        m.check(own, f"{name}: pcscd itself prints it ({len(own)} lines)")
    else:
        m.say(f"{name}: pcscd itself prints it in {len(own)} lines.")


def with_secrets(m, options):
    """Makes a card, gives it all kinds of secrets, and destroys it; the secrets, and the journal of that time."""
    known = fresh(m)
    if options == GIDS:
        del known["priv"]
    since = m.quiet("sleep 1; date +%s").strip()
    m.root(f"cd /srv/fresh && tpmvsc create --name second {options}--pin file:pin-1 --puk file:puk-1 --admin-key file:admin-1")
    for command, status in (*WITH_SECRETS, *((IMPORT.format(key=key), 0) for key in KEYS[options])):
        m.user("local", "alice", f"cd /srv/fresh; tpmvsc {command} --card second", status=status)
    m.root("tpmvsc destroy second --force")
    return known, m.quiet(f"journalctl -q -o cat --since @{since}", timeout=900).splitlines()


def fresh(m):
    """Secrets that nothing else in the journal looks like: files for the command, and their bytes."""
    known = {name: "".join(random.choices("0123456789", k=8)).encode()
             for name in ("pin-1", "pin-2", "pin-3", "wrong-pin", "puk-1", "puk-2", "wrong-puk")}
    known |= {name: secrets.token_bytes(24) for name in ("admin-1", "admin-2")}
    script = "rm -rf /srv/fresh; mkdir /srv/fresh && cd /srv/fresh || exit 1\n"
    for name, secret in known.items():
        script += f"printf %s {secret.hex() if name.startswith('admin') else secret.decode()} >{name}\n"
    text = m.quiet(script + """openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key &&
openssl genpkey -quiet -algorithm RSA -out rsa.key 2>/dev/null || openssl genpkey -algorithm RSA -out rsa.key 2>/dev/null
chmod 644 *; openssl pkey -in ec.key -noout -text; openssl pkey -in rsa.key -noout -text""")
    numbers = {name: bytes.fromhex(TIGHT.sub("", digits)) for name, digits in NUMBERS.findall(text)}
    m.check(len(numbers) == 7, f"the private keys have secret numbers: {', '.join(numbers)}")
    return known | numbers


def having(journal, secret):
    """The lines with eight bytes of it in a row: in hexadecimal, however that is written, or as they are typed."""
    forms = {secret[at:at + 8].hex() for at in range(len(secret) - 7)}
    if secret.isdigit():
        forms.add(secret.decode())
    tight = ((line, TIGHT.sub("", line.lower())) for line in journal)
    return [line for line, text in tight if any(form in text for form in forms)]


def owner_password(m):
    """The TPM's owner has a password."""
    m.root("tpm2_changeauth -c owner sesame; printf sesame >/srv/secrets/owner")
    m.root(card.CREATE.format(name="second"), status=3, has="--owner-auth")
    m.root(card.CREATE.format(name="second") + " --owner-auth file:/srv/secrets/owner")
    card.sign(m)
    m.root("tpmvsc destroy second --force", status=3, has="--owner-auth")
    m.root("tpmvsc destroy second --force --owner-auth file:/srv/secrets/owner")
    m.root("tpm2_changeauth -c owner -p sesame ''")


def no_permission(m):
    """No right to the TPM's device, and no group tss."""
    m.user("local", "alice", "tpmvsc tpm status", status=3)
    if m.asks_polkit:  # Debian 13's pcscd is root without root's rights
        m.root("chown nobody:root /dev/tpmrm0; chmod 600 /dev/tpmrm0; systemctl restart pcscd.service; sleep 3; "
               "opensc-tool --list-readers", lacks="Yes ")
        said = m.root("tpmvsc doctor", status=1, has="pcscd (as root) may not use /dev/tpmrm0")
        m.check("pcscd is in the group tss, which may not use /dev/tpmrm0" in said, "and that the group is not what is missing")
        m.root("journalctl -q -b -o cat -u pcscd.service | tail -n 5", has="/dev/tpmrm0")
        m.root("udevadm trigger --action=change /dev/tpmrm0; udevadm settle; ls -l /dev/tpmrm0", has="tss tss")
        m.root("systemctl restart pcscd.service")
        card.sign(m)
    try:
        m.root("groupmod -n gone tss; systemctl restart pcscd.service")
        m.wait_until("systemctl -q is-failed pcscd.service", "pcscd does not start without the group")
        m.root("systemctl show -p ExecMainStatus pcscd.service", has="=216")
        m.root("tpmvsc doctor", status=1, has="there is no group tss")
    finally:
        m.quiet("groupmod -n tss gone; systemctl reset-failed; systemctl restart pcscd.socket")
    card.sign(m)


ELSEWHERE = """mkdir -p /srv/theirs/cards && chmod 700 /srv/theirs/cards && chown alice /srv/theirs
echo 'state_dir = /srv/theirs/cards' >>/etc/tpmvsc/tpmvsc.conf
mkdir -p /etc/systemd/system/pcscd.service.d
printf '[Service]\\nReadWritePaths=/srv/theirs/cards\\n' >/etc/systemd/system/pcscd.service.d/override.conf
systemctl daemon-reload; systemctl restart pcscd.service"""
BACK = """sed -i '/^state_dir/d' /etc/tpmvsc/tpmvsc.conf; rm -r /etc/systemd/system/pcscd.service.d /srv/theirs
systemctl daemon-reload; systemctl reset-failed; systemctl restart pcscd.service"""


def other_folder(m):
    """Cards in another folder, which an administrator has put below a user's."""
    try:
        m.root(ELSEWHERE)
        m.root("opensc-tool --list-readers && systemctl is-active pcscd.service", has="TPM Virtual Smart Card 00 00")
        # Debian 13's pcscd may not act as alice, so it writes nothing there.
        m.root("tpmvsc doctor", status=1 if m.asks_polkit else 0,
               has="/srv/theirs, in which the cards lie, belongs to alice")
        m.say("It becomes root's.")
        m.root("chown root /srv/theirs && systemctl restart pcscd.service && tpmvsc doctor", lacks="/srv/theirs, in which")
        m.root(card.CREATE.format(name="second"))
        m.root("tpmvsc list", has="second", lacks="laptop")
        m.root(SIGNS)
        m.root("tpmvsc destroy second --force")
    finally:
        m.quiet(BACK)
    card.sign(m)


def full_disk(m):
    """The disk is full."""
    try:
        m.check(m.root(FILL).split()[-1] == "0", "nothing is free")
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
    m.root("journalctl -q -b -o cat -u pcscd.service")
    m.root("systemctl -q enable --now tpmvsc-swtpm.service && systemctl restart pcscd.service")
    m.root(card.CREATE.format(name="soft"), has="files")
    m.root("ps -o user:20,args -C swtpm | sed 's/  *$//'", has="tpmvsc-swtpm  ", lacks="root ")
    m.root("tpmvsc info soft", has="3/3")
    m.root("systemd-analyze security --no-pager tpmvsc-swtpm.service | grep -v '^✓' | tail -n 40",
           has="Overall exposure level for tpmvsc-swtpm.service: 0.")
    m.root("tpmvsc destroy soft --force && systemctl stop tpmvsc-swtpm.service")


def other_machine(m):
    """The disk in another computer, with another TPM."""
    m.guest.power_off()
    os.rename(m.tpm.state, m.tpm.state + ".first")
    os.mkdir(m.tpm.state)
    m.start()
    try:
        m.user("local", "alice", "sign /srv/secrets/pin", status=1)
        m.root("tpmvsc doctor", status=1, has="was made in another TPM")
        m.root("journalctl -q -b -o cat -u pcscd.service | tail -n 1", has="was made in another TPM")
        storage_key(m)
    finally:
        m.guest.power_off()
        shutil.rmtree(m.tpm.state)
        os.rename(m.tpm.state + ".first", m.tpm.state)
        m.start()
    m.say("and back in the first one")
    card.sign(m)


# By the TCG's template, as Windows makes it when it takes a TPM: subject to no lockout, and the unique field full of zeros.
WINDOWS_KEY = ("dd if=/dev/zero of=/srv/zeros bs=256 count=1 status=none\n"
               "tpm2_createprimary -Q -C o -G rsa2048:aes128cfb -u /srv/zeros -c /srv/key "
               "-a 'restricted|decrypt|fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda'")
# tpm2-tools' own attributes are without noda.
WITH_LOCKOUT = "tpm2_createprimary -Q -C o -G rsa2048:aes128cfb -c /srv/key"
SIGNER = ("tpm2_createprimary -Q -C o -G ecc:ecdsa -c /srv/key "
          "-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign'")
PLACES = ("0x81000001", "0x81000002")


def storage_key(m):
    """The storage key's place is taken by other kinds of keys."""
    m.say("0x81000001 holds the RSA storage root key of a computer that Windows was on: it is used.")
    put_key(m, WINDOWS_KEY)
    m.root("tpm2_readpublic -c 0x81000001 | sed -n '/attributes/,/^bits/p'", has="noda")
    beside(m, PLACES[:1], "holds a storage key that cards can use")
    m.say("0x81000001 holds an RSA storage key that the lockout counts for.")
    put_key(m, WITH_LOCKOUT)
    beside(m, PLACES, "it is subject to the TPM's dictionary-attack lockout")
    m.say("0x81000001 holds a key that signs, and is no parent for others.")
    put_key(m, SIGNER)
    beside(m, PLACES, "it is no storage key that is bound to this TPM")
    m.root("rm -f /srv/key /srv/zeros")


def put_key(m, script):
    """Into 0x81000001 of a TPM that has no other persistent key."""
    for handle in m.chip()["persistent"]:
        m.quiet(f"tpm2_evictcontrol -Q -C o -c {handle}")
    m.root(f"{script} && tpm2_evictcontrol -Q -C o -c /srv/key 0x81000001")


def beside(m, handles, said):
    """A card is made with these persistent keys and no other; a key of it signs its own certificate."""
    m.root("tpmvsc tpm status | grep '^Storage key'", has=said)
    m.root(card.CREATE.format(name="second"))
    m.root("tpm2_getcap handles-persistent", has=handles[-1])
    m.check({int(handle, 16) for handle in m.chip()["persistent"]} == {int(handle, 16) for handle in handles},
            f"persistent in the TPM: {', '.join(handles)}")
    m.root(SIGNS)
    m.root("tpmvsc destroy second --force")
