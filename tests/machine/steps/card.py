# SPDX-License-Identifier: Apache-2.0
"""A card for people: made by root, used by who has no right to the TPM, kept over every kind of end."""

CREATE = ("tpmvsc create --name {name} --pin file:/srv/secrets/pin --puk file:/srv/secrets/puk "
          "--admin-key file:/srv/secrets/admin")
# A command to the card: its ATR is told to everybody who reaches pcscd, that of another's card too.
USE = "opensc-tool --reader 'TPM Virtual Smart Card 00 0{slot}' --send-apdu 00A4040005A000000308"
USED, REFUSED = "SW1=0x90", "a polkit rule has to allow it"
VERIFIED = "Signature Verified Successfully"


def sign(m, kind="local", name="alice"):
    m.user(kind, name, "sign /srv/secrets/pin", has=VERIFIED)


def wrong_pin(m):
    m.user("local", "alice", "sign /srv/secrets/wrong", status=1, has="CKR_PIN_INCORRECT")


def card(m):
    """Make a card as root, and put a key on it."""
    empty = m.chip()
    m.check(not empty["nv-index"] & ours(empty), "the TPM has no index of a card")
    make(m)


def make(m):
    m.root(CREATE.format(name="laptop"))
    m.root("opensc-tool --list-readers", has="Yes             TPM Virtual Smart Card 00 00")
    m.root("find /var/lib/tpmvsc -printf '%M %u %p\\n' | sed 's/[0-9a-f]\\{32\\}/ID/' | sort -k3")
    m.user("local", "alice", "tpmvsc key generate 9a --algorithm p256 --admin-key file:/srv/secrets/admin --force")
    m.user("local", "alice", "tpmvsc cert self-sign 9a --subject CN=alice --pin file:/srv/secrets/pin "
           "--admin-key file:/srv/secrets/admin")
    m.user("local", "alice", "tpmvsc info laptop", has="3/3")


def ours(chip):
    """The indices where cards have theirs."""
    return {handle for handle in chip["nv-index"] if 0x01800000 <= int(handle, 16) < 0x01C00000}


def users(m):
    """Ordinary users: who may use the card, and who may not touch the TPM."""
    for name in ("alice", "bob"):
        m.check("tss" not in m.quiet(f"id -nG {name}").split(), f"{name} is not in group tss")
    m.user("local", "alice", "head -c 1 /dev/tpmrm0", status=1, has="Permission denied")
    m.user("local", "alice", "ls /var/lib/tpmvsc", status=2, has="Permission denied")
    sign(m)
    if m.asks_polkit:
        polkit(m)
    else:
        no_polkit(m)


def no_polkit(m):
    m.say("This pcscd is built without polkit: whoever reaches its socket may use every card.")
    sign(m, "ssh", "alice")
    sign(m, "service", "backup")
    m.root(CREATE.format(name="shared") + " --owner alice", status=5,
           has="the pcscd of this computer does not ask polkit")


def polkit(m):
    """By the defaults, by the rule of the example, and for a card of one user."""
    m.root("pkaction --verbose --action-id org.debian.pcsc-lite.access_card | grep implicit", has="active:   yes")
    m.user("ssh", "alice", "tpmvsc list", status=3, has=REFUSED)
    m.user("service", "backup", "tpmvsc list", status=3, has=REFUSED)
    m.user("ssh", "alice", "tpmvsc info laptop", status=3, has=REFUSED)
    m.user("ssh", "alice", "tpmvsc destroy laptop --checklist", status=3, has=REFUSED)
    m.user("ssh", "alice", "tpmvscmgr destroy /quiet /instance 'ROOT\\SMARTCARDREADER\\0000'", status=3, has=REFUSED)
    behind_another_screen(m)
    m.say("A card of bob's: for him from everywhere, for alice not even at the computer.")
    m.root(CREATE.format(name="shared") + " --owner bob")
    m.root("systemctl restart pcscd.service")  # which was started with one reader
    m.user("ssh", "bob", USE.format(slot=1), has=USED)
    m.user("local", "alice", USE.format(slot=1), status=1, lacks=USED)
    m.user("local", "alice", USE.format(slot=0), has=USED)
    m.user("ssh", "bob", USE.format(slot=0), status=1, lacks=USED)
    m.root("tpmvsc destroy shared --force; ls -l /etc/polkit-1/rules.d", lacks="tpmvsc")
    m.say("The example's rule: a group for both cards, a service for one.")
    m.root(CREATE.format(name="vault"))
    m.root("example=$(find /usr/share/doc -name polkit.rules | grep tpmvsc)\n"
           "sed '/^[/][*]$/d; /^[*][/]$/d' $example >/etc/polkit-1/rules.d/30-tpmvsc.rules")
    m.wait_until("as ssh carol tpmvsc list", "carol comes in by ssh and may use the cards", 30)
    m.user("ssh", "carol", USE.format(slot=0), has=USED)
    m.user("ssh", "carol", USE.format(slot=1), has=USED)
    m.user("service", "backup", USE.format(slot=1), has=USED)
    m.user("service", "backup", USE.format(slot=0), status=1, lacks=USED)
    m.user("ssh", "alice", "tpmvsc list", status=3, has=REFUSED)
    new_member(m)
    m.root("rm /etc/polkit-1/rules.d/30-tpmvsc.rules; tpmvsc destroy vault --force")


def behind_another_screen(m):
    m.say("alice is logged in at one screen, and somebody has switched to another.")
    begin_session(m, "local")
    m.quiet("python3 -c 'import fcntl; f = open(\"/dev/tty0\", \"wb\"); fcntl.ioctl(f, 0x5606, 1); fcntl.ioctl(f, 0x5607, 1)'")
    m.wait_until("loginctl show-user alice -p State --value | grep -qx online", "her session is not the active one")
    end_session(m, REFUSED)


def new_member(m):
    m.say("alice is logged in by ssh when she becomes a member of the group.")
    begin_session(m, "ssh")
    m.root("gpasswd -a alice smartcard")
    end_session(m, "TPM Virtual Smart Card 00 00")
    m.root("gpasswd -d alice smartcard")


def begin_session(m, kind):
    """alice logs in, and waits."""
    m.quiet("rm -rf /run/alice; mkdir -m 777 /run/alice\n"
            f"as {kind} alice 'touch /run/alice/here; until [ -e /run/alice/go ]; do sleep 0.2; done; tpmvsc list' "
            ">/run/alice.said 2>&1 &")
    m.wait_until("[ -e /run/alice/here ]", "alice is there")


def end_session(m, has):
    """Now she tries."""
    m.quiet("touch /run/alice/go")
    m.wait_until("[ -s /run/alice.said ] && ! pgrep -u alice", "she has tried")
    m.root("cat /run/alice.said; rm -r /run/alice /run/alice.said", has=has)


def survives(m):
    """The card and its count of wrong PINs outlive pcscd, a reboot, and a power cut."""
    sign(m)
    m.pcscd_ends()
    sign(m)
    wrong_pin(m)
    m.check(m.tries() == 2, "two tries are left")
    m.pcscd_ends()
    m.check(m.tries() == 2, "two tries are left after pcscd has ended and begun anew")
    m.reboot()
    m.root("systemctl is-system-running --wait", has="running")
    m.check(m.tries() == 2, "two tries are left after the reboot")
    sign(m)
    m.check(m.tries() == 3, "the right PIN gives all tries back")
    wrong_pin(m)
    m.power_cut()
    m.start()
    m.check(m.tries() == 2, "two tries are left after the power cut")
    wrong_pin(m)
    m.check(m.tries() == 1, "and a further wrong PIN is counted from there")
    sign(m)
    m.check(m.tries() == 3, "the right PIN gives all tries back")
