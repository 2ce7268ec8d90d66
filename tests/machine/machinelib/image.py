# SPDX-License-Identifier: Apache-2.0
"""The guest's disk: a Debian of which only what the steps need is there, made once for each release and kept in a cache.
What our packages depend on is on it already, and the programs that the steps use; the step of the first installation
takes that away before it begins."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = {"agent.py": "usr/local/sbin/machine-agent",
         "machine-agent.service": "etc/systemd/system/machine-agent.service", "setup.sh": "root/setup.sh"}
DISK = "6G"
PACKAGES = """
    linux-image-amd64 initramfs-tools systemd systemd-sysv udev dbus polkitd libpam-systemd kmod iproute2 procps
    openssh-server openssh-client python3 e2fsprogs util-linux mount less
    pcscd libccid opensc opensc-pkcs11 openssl tpm-udev tpm2-tools libtpm2-pkcs11-1 libtpm2-pkcs11-tools
    libpcsclite1 libmbedcrypto{mbedtls} libqrencode4 libp11-kit0 libsystemd0 zlib1g libstdc++6
    libtss2-sys1{t64} libtss2-mu{mu} libtss2-rc0{t64} libtss2-tctildr0{t64} libtss2-tcti-device0{t64}
    libtss2-tcti-swtpm0{t64} swtpm"""
NAMES = {"bookworm": {"mbedtls": "7", "t64": "", "mu": "0"},
         "trixie": {"mbedtls": "16", "t64": "t64", "mu": "-4.0.1-0t64"}}


def cache_folder():
    given = os.environ.get("TPMVSC_MACHINE_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.abspath(given or os.path.join(home, "tpmvsc-machine"))


def mirror():
    """Where this machine takes its own Debian from."""
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Label: Debian",
         "Component: main"], capture_output=True, text=True, check=True).stdout.split()
    if not lines:
        sys.exit("this machine's apt has no sources of Debian's main: the guest's disk is made from those")
    return lines[0]


def packages(release):
    return PACKAGES.format(**NAMES[release]).split()


def fingerprint(release):
    """Of all that goes into the disk, so that a change makes a new one."""
    digest = hashlib.sha256(" ".join(packages(release) + [DISK]).encode())
    for name in [*FILES]:
        with open(os.path.join(HERE, "guest", name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


def make(release, folder):
    root = os.path.join(folder, "root")
    copies = [f"--customize-hook=copy-in {HERE}/guest/{name} /root" for name in FILES]
    places = [f'--customize-hook=mv "$1/root/{name}" "$1/{place}"' for name, place in FILES.items()
              if f"root/{name}" != place]
    subprocess.run(
        ["nice", "mmdebstrap", "--quiet", "--variant=apt", "--format=directory",
         "--include=" + ",".join(packages(release)), *copies, *places,
         '--customize-hook=chroot "$1" sh /root/setup.sh', release, root, mirror()],
        check=True, stdin=subprocess.DEVNULL)
    for name in ("vmlinuz", "initrd.img"):
        shutil.copyfile(os.path.realpath(os.path.join(root, name)), os.path.join(folder, name))
    # No journal and nothing to be initialised later: the disk is the same each time it is begun with.
    subprocess.run(["nice", "mke2fs", "-q", "-t", "ext4", "-L", "machine", "-E", "lazy_itable_init=0",
                    "-d", root, os.path.join(folder, "disk"), DISK], check=True)
    shutil.rmtree(root)


def image(release):
    """The folder with disk, vmlinuz and initrd.img."""
    if os.getuid() != 0:
        raise PermissionError("the first run for a release makes a disk, which wants root")
    folder = os.path.join(cache_folder(), f"{release}-{fingerprint(release)}")
    if not os.path.isdir(folder):
        os.makedirs(cache_folder(), exist_ok=True)
        unfinished = tempfile.mkdtemp(prefix="unfinished.", dir=cache_folder())
        try:
            make(release, unfinished)
            os.chmod(unfinished, 0o755)
            os.rename(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder
