# SPDX-License-Identifier: Apache-2.0
"""What a computer that has nothing for our packages yet would fetch from Debian for them: the packages themselves in a
folder that is a source for apt, since the guest has no network. They are fetched once for each disk, and kept beside it."""

import os
import re
import shutil
import subprocess
import tempfile

from . import image

# Of what the disk has: all that our packages depend on, and is there for no other reason.
WANTED = re.compile("pcscd|libccid|opensc|libpcsclite|tpm-udev|tpm2-tools|libtpm2-pkcs11|libmbedcrypto|libqrencode|libtss2-|swtpm")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def wanted(release):
    return [name for name in image.packages(release) if WANTED.match(name)]


def archive(release):
    disk = image.image(release)
    folder = disk + "-archive"
    if not os.path.isdir(folder):
        unfinished = tempfile.mkdtemp(prefix="unfinished.", dir=image.cache_folder())
        try:
            make(release, os.path.join(disk, "disk"), unfinished)
            os.rename(os.path.join(unfinished, "archive"), folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def make(release, disk, folder):
    """apt of this machine, with the guest's idea of what is installed, says what goes when the wanted ones go."""
    for path in ("/var/lib/dpkg/status", "/var/lib/apt/extended_states"):
        subprocess.run(["debugfs", "-R", f"dump {path} {folder}/{os.path.basename(path)}", disk], check=True,
                       stderr=subprocess.DEVNULL)
    with open(os.path.join(folder, "sources.list"), "w") as file:
        file.write(f"deb [arch=amd64 signed-by={KEYRING}] {image.mirror()} {release} main\n")
    for name in ("lists/partial", "cache/archives/partial", "archive"):
        os.makedirs(os.path.join(folder, name))
    apt(folder, "update")
    gone = re.findall(r"^Purg (\S+)", apt(folder, "--simulate", "purge", "--autoremove", *wanted(release)), re.M)
    apt(folder, "download", *gone)
    index = subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=os.path.join(folder, "archive"), check=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    with open(os.path.join(folder, "archive", "Packages"), "wb") as file:
        file.write(index)


def apt(folder, *words):
    settings = {"Dir::State": folder, "Dir::State::status": f"{folder}/status", "Dir::Cache": f"{folder}/cache",
                "Dir::Etc::sourcelist": f"{folder}/sources.list", "Dir::Etc::sourceparts": "-", "APT::Sandbox::User": "root"}
    options = [f"--option={name}={value}" for name, value in settings.items()]
    return subprocess.run(["apt-get", "--quiet", *options, *words], cwd=os.path.join(folder, "archive"), check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
