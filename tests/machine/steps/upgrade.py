# SPDX-License-Identifier: Apache-2.0
"""The life of the packages with a card in place."""

from . import card
from .install import NAMES

NEWER = """mkdir -p /srv/newer
for deb in /mnt/debs/*.deb; do
    old=$(dpkg-deb -f $deb Version)
    dpkg-deb -R $deb /srv/package
    for settings in /srv/package/etc/reader.conf.d/tpmvsc /srv/package/etc/tpmvsc/tpmvsc.conf; do
        [ ! -e $settings ] || echo '# newer' >>$settings
    done
    sed -i "s/^Version: .*/Version: $old+1/; s/(= $old)/(= $old+1)/g" /srv/package/DEBIAN/control
    dpkg-deb --root-owner-group -Zgzip -b /srv/package /srv/newer >/dev/null
    rm -r /srv/package
done
ls /srv/newer"""
# Those that pcscd reads.
ENTRIES = "grep -l libtpmvsc-ifd /etc/reader.conf.d/*"
LEFT = """find / -xdev \\( -iname '*tpmvsc*' -o -path '/var/lib/tpmvsc*' \\) -not -path '/mnt/*' -not -path '/srv/*' \\
    -not -path '/var/log/*' -not -path '/var/cache/apt/*' -print"""


def upgrade(m):
    """Upgrade, reinstall and remove the packages with a card in place."""
    card.wrong_pin(m)
    m.root("echo 'spare_slots = 2' >>/etc/tpmvsc/tpmvsc.conf; echo '# the administrator was here' >>/etc/reader.conf.d/tpmvsc")
    m.root(NEWER)
    m.root("apt-quietly install /srv/newer/*.deb")
    versions(m, newer=True)
    m.root("opensc-tool --list-readers", has="TPM Virtual Smart Card 00 02")
    m.check(m.tries() == 2, "the card has kept its two tries, and the administrator's setting was kept")
    one_entry(m)
    card.sign(m)
    m.root("apt-quietly install --reinstall /srv/newer/*.deb")
    card.sign(m)
    m.root(f"apt-quietly remove $({NAMES})")
    m.root("opensc-tool --list-readers", lacks="TPM Virtual")
    m.root("systemctl start pcscd.service && sleep 2 && systemctl is-active pcscd.service pcscd.socket", has="active\nactive")
    m.root(ENTRIES, status=1)
    m.root("ls /var/lib/tpmvsc/cards | sed 's/[0-9a-f]\\{32\\}/ID/'", has="ID")
    m.root("apt-quietly install /srv/newer/*.deb")
    one_entry(m)
    card.sign(m)
    m.say("A removal was broken off when the entry was put away already, and the package is installed again.")
    m.root("/var/lib/dpkg/info/libifd-tpmvsc.prerm remove")
    m.root(ENTRIES, status=1)
    m.root("apt-quietly install --reinstall /srv/newer/*.deb")
    one_entry(m)
    card.sign(m)


def one_entry(m):
    m.root(f"{ENTRIES} && grep administrator /etc/reader.conf.d/tpmvsc", has="administrator")
    m.check(m.quiet(ENTRIES).split() == ["/etc/reader.conf.d/tpmvsc"], "pcscd has one entry, the administrator's")


def versions(m, newer):
    found = m.quiet(f"dpkg-query -W -f='${{Status}} ${{Version}}\\n' $({NAMES})").splitlines()
    m.check(all(one.startswith("install ok installed ") and one.endswith("+1") == newer for one in found),
            f"all {len(found)} packages have the {'newer' if newer else 'first'} version")


# How pcscd, while it runs, can be kept from starting again; how it is let go; and what a package's attempt makes be said.
REFUSALS = (
    ("pcscd's units are masked.", "systemctl -q mask pcscd.service pcscd.socket",
     "systemctl -q unmask pcscd.service pcscd.socket", None),
    ("pcscd ends with a failure whenever it is started.",
     "mkdir -p /run/systemd/system/pcscd.service.d\n"
     "printf '[Service]\\nExecStartPre=/bin/false\\n' >/run/systemd/system/pcscd.service.d/99-fails.conf\n"
     "systemctl daemon-reload",
     "rm -f /run/systemd/system/pcscd.service.d/99-fails.conf; systemctl daemon-reload; "
     "systemctl reset-failed pcscd.service pcscd.socket 2>/dev/null", "Job for pcscd.service failed"),
    ("The administrator's policy-rc.d refuses every start.",
     "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d",
     "rm -f /usr/sbin/policy-rc.d", "policy-rc.d returned 101, not running 'try-restart pcscd.service'"),
)


def refused(m):
    """No package fails where pcscd cannot be restarted."""
    m.quiet(NEWER)
    for what, refuse, allow, said in REFUSALS:
        m.say(what)
        for command in (f"remove $({NAMES})", "install /mnt/debs/*.deb", "install /srv/newer/*.deb"):
            m.quiet("systemctl start pcscd.service")
            m.root(refuse)
            try:
                m.root(f"apt-quietly {command} 2>&1", has=said)
                m.check(m.quiet("dpkg --audit") == "", "dpkg --audit has nothing to say")
                if "install" in command:
                    versions(m, newer="newer" in command)
            finally:
                m.quiet(f"{allow}; systemctl stop pcscd.service pcscd.socket; systemctl start pcscd.socket")
        card.sign(m)


def purge(m):
    """Destroy the card, purge the packages: nothing is left, on the disk and in the TPM."""
    before = m.chip()
    m.root("tpmvsc destroy laptop --force")
    chip = m.chip()
    m.check(not card.ours(chip), f"no index of a card is in the TPM any more ({len(card.ours(before))} before)")
    m.say(f"The TPM keeps its storage key, which belongs to all its users: {', '.join(sorted(chip['persistent']))}")
    m.root(f"apt-quietly purge $({NAMES})")
    m.root(LEFT)
    m.check(m.quiet(LEFT).strip() == "", "nothing of the packages is on the disk")
    m.root("systemctl is-active pcscd.socket", has="active")
    m.root("opensc-tool --list-readers", lacks="TPM Virtual")
    m.root("systemctl list-units --failed --plain --no-legend | grep -E 'tpmvsc|pcscd'", status=1)


def purge_with_card(m):
    """Purge the packages with a card in place: the keys die, and it is said loudly."""
    m.root("apt-quietly install /mnt/debs/*.deb")
    card.card(m)
    m.root(f"apt-quietly purge $({NAMES})", has="libifd-tpmvsc: THE CARDS OF THIS COMPUTER ARE DELETED")
    m.check(m.quiet(LEFT).strip() == "", "nothing of the packages is on the disk")
    m.say("What a purge leaves in the TPM are the card's indices, which nobody can use any more: "
          + (", ".join(sorted(card.ours(m.chip()))) or "none"))
