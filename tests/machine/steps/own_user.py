# SPDX-License-Identifier: Apache-2.0
"""pcscd under a user of its own, as pcsc-lite has it from version 2.4 on. No Debian has that version yet: this release's
pcscd gets a unit that says the same."""

from . import card

# What the unit of 2.4 says beyond that of Debian 13's 2.3, and beyond Debian 12's, which confines nothing.
UNIT = """id -u pcscd >/dev/null 2>&1 || useradd --system --no-create-home --home-dir / --shell /usr/sbin/nologin pcscd
mkdir -p /run/systemd/system/pcscd.service.d /run/systemd/system/pcscd.socket.d
cat >/run/systemd/system/pcscd.service.d/99-own-user.conf <<'END'
[Service]
User=pcscd
RuntimeDirectory=pcscd
RuntimeDirectoryPreserve=yes
CapabilityBoundingSet=
NoNewPrivileges=yes
UMask=0077
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectProc=invisible
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallFilter=@system-service
SystemCallFilter=~@resources @privileged
SystemCallArchitectures=native
END
printf '[Socket]\\nSocketUser=pcscd\\nSocketGroup=pcscd\\n' >/run/systemd/system/pcscd.socket.d/99-own-user.conf"""
# Whom polkit answers: pcsc-lite's actions name that user from 2.4 on as well.
ACTIONS = "/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy"
TRUSTED = f"""cp {ACTIONS} /srv/actions
sed -i 's|<defaults>|<annotate key="org.freedesktop.policykit.owner">unix-user:pcscd</annotate>&|' {ACTIONS}
systemctl restart polkit.service"""
NOT_TRUSTED = f"cp /srv/actions {ACTIONS}; systemctl restart polkit.service"
RESTART = "systemctl daemon-reload; systemctl stop pcscd.service pcscd.socket; systemctl start pcscd.socket"
BACK = "rm -r /run/systemd/system/pcscd.service.d/99-own-user.conf /run/systemd/system/pcscd.socket.d"
OWNERS = "stat -c '%U %a' /var/lib/tpmvsc /var/lib/tpmvsc/cards /var/lib/tpmvsc/cards/*/identity"


def own_user(m):
    """pcscd as a user of its own, by an imitation of the unit of pcsc-lite 2.4: the card is there as before."""
    m.root(UNIT)
    if m.asks_polkit:
        m.root(TRUSTED)
    m.root(RESTART)
    card.sign(m)
    m.root("grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp|Groups):' "
           "/proc/$(systemctl show -p MainPID --value pcscd.service)/status", has="NoNewPrivs:\t1")
    m.root("ps -o user= -C pcscd", has="pcscd", lacks="root")
    m.root(OWNERS, has="pcscd 700", lacks="root")
    m.say("The command, as root, makes what belongs to that user.")
    m.root(card.CREATE.format(name="second"))
    m.root(OWNERS, has="pcscd 600", lacks="root")
    m.root("tpmvsc info second", has="3/3")
    m.root("tpmvsc doctor", has="0 errors")
    m.user("local", "alice", "tpmvsc key generate 9e --algorithm p256 --admin-key file:/srv/secrets/admin --force --card laptop")
    m.pcscd_ends()
    card.wrong_pin(m)
    m.check(m.tries() == 2, "a wrong PIN costs one try")
    card.sign(m)
    m.root("tpmvsc destroy second --force")
    m.say("And back to root, as when an older package comes.")
    m.root(f"{BACK}; {RESTART}")
    if m.asks_polkit:
        m.root(NOT_TRUSTED)
    card.sign(m)
    m.root(OWNERS, has="root 700", lacks="pcscd")
