# SPDX-License-Identifier: Apache-2.0
"""The packages come into a running system."""

from machinelib import archive

from . import card

RUNNING = "systemctl list-units --type=service --state=running --plain --no-legend | awk '{ print $1 }' | sort"
# Of all packages in the folder: what they are called.
NAMES = "for deb in /mnt/debs/*.deb; do dpkg-deb -f $deb Package; done"


def packages(m):
    return m.quiet(NAMES).split()


def install(m):
    """Install the packages in a running system."""
    before = set(m.quiet(RUNNING).split())
    m.root("systemctl is-active pcscd.socket && dpkg-query -W pcscd opensc systemd udev polkitd tpm2-tools; uname -r",
           has="active")
    m.root("apt-quietly install /mnt/debs/*.deb")
    states = m.quiet(f"dpkg-query -W -f='${{Status}}\\n' {' '.join(packages(m))}").splitlines()
    m.check(len(states) >= 5 and set(states) == {"install ok installed"}, f"all {len(states)} are installed")
    m.root("systemctl show -p NeedDaemonReload -p SupplementaryGroups pcscd.service", has="SupplementaryGroups=tss\nNeedDaemonReload=no")
    nothing_with_rights(m, before)
    m.root("systemctl is-active pcscd.socket", has="active")
    m.root("opensc-tool --list-readers", has="TPM Virtual Smart Card 00 00")
    m.root("""pid=$(systemctl show -p MainPID --value pcscd.service)
grep -E '^(Uid|CapEff|CapBnd|Groups):' /proc/$pid/status
grep -o '/[^ ]*libtpmvsc-ifd.so' /proc/$pid/maps | sort -u""", has="libtpmvsc-ifd.so")
    m.root("id -nG alice; ls -l /dev/tpmrm0 && getent group tss && stat -c '%A %U %G' /var/lib/tpmvsc", has="drwx------")
    m.root("tpmvsc doctor", has="0 errors")
    m.root("systemd-analyze verify --man=no pcscd.service tpmvsc-late-tpm.service 2>&1 | grep -i tpmvsc", status=1)
    if m.release != "bookworm":  # udevadm verify came with systemd 254
        m.root("udevadm verify --no-summary $(dpkg -L $(dpkg -S 61-tpmvsc.rules | cut -d: -f1) | grep rules.d/)")


def nothing_with_rights(m, before):
    """Nothing of the packages runs by itself, and nothing has rights beyond its caller's."""
    ours = set(m.quiet(RUNNING).split()) - before - {"pcscd.service"}
    m.check(not ours, f"no service runs that did not before ({', '.join(sorted(ours)) or 'none'})")
    loose = m.quiet(f"""dpkg -L $({NAMES}) | grep . | sort -u >/run/files
xargs -d '\\n' -a /run/files sh -c 'find "$@" -maxdepth 0 ! -type l \\( -perm /6002 -o ! -user root \\) -print' sh
xargs -d '\\n' -a /run/files getcap || true""")
    m.check(loose.strip() == "", f"no file is setuid, setgid, writable for others or not root's {loose.strip()}")
    m.check(m.quiet("getent group tss").strip().endswith(":"), "nobody is in the group tss")


SOURCE = """mv /etc/apt/sources.list /srv/sources.list
printf 'deb [trusted=yes] file:/mnt/archive ./\\n' >/etc/apt/sources.list; apt-get -qq update"""
# What a purge leaves is not there on a computer that has never had it. What a card's step has left in the TPM goes first.
NEVER_THERE = """for handle in $(tpm2_getcap handles-persistent | tr -d -- '-'); do tpm2_evictcontrol -Q -C o -c $handle; done
apt-quietly purge --autoremove {names} && {{ userdel tss; groupdel -f tss 2>/dev/null; find /etc/systemd -name 'pcscd*' -delete; true; }}"""
NOT_THERE = ("! getent group tss && ! command -v pcscd opensc-tool tpm2_getcap swtpm && "
             "ls /usr/lib/*/libtss2* /usr/lib/*/libpcsclite*")


def first_install(m):
    """The first installation: one apt install on a computer without pcscd and all else that is needed."""
    m.root(NEVER_THERE.format(names=" ".join(archive.wanted(m.release))))
    m.reboot()
    m.root(NOT_THERE, status=2, lacks="/libtss2-")
    m.root("ls -l /dev/tpmrm0", has="root root")
    m.root(SOURCE)
    m.root("cd /mnt/debs && apt-quietly install ./*.deb")
    m.root("dpkg-query -W pcscd tpm-udev opensc swtpm; dpkg --audit", has="opensc")
    m.root("ls -l /dev/tpmrm0", has="tss tss")
    m.root("tpmvsc doctor", has="0 errors")
    card.make(m)
    card.sign(m)
    m.root("uptime --pretty", has="up")
