# SPDX-License-Identifier: Apache-2.0
"""What a step of the scenario works with: the guest, its chip, and words for what it expects."""

import base64
import json
import os
import shlex
import shutil
import subprocess

from . import archive, guest, image, tpm, transcript

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PIN, PUK, ADMIN_KEY = "135792", "24680246", "a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8c1c2c3c4c5c6c7c8"
SECRETS = f"""mkdir -p /srv/secrets
printf %s {PIN} >/srv/secrets/pin
printf %s 999999 >/srv/secrets/wrong
printf %s {PUK} >/srv/secrets/puk
printf %s {ADMIN_KEY} >/srv/secrets/admin"""
READER = "TPM Virtual Smart Card 00 00"


class Machine:
    def __init__(self, release, folder, debs, with_archive):
        self.release, self.folder, self.pin = release, folder, PIN
        self.transcript = transcript.Transcript()
        # Debian 13's pcscd asks polkit, Debian 12's is built without it.
        self.asks_polkit = release != "bookworm"
        os.makedirs(folder, exist_ok=True)
        self.running = os.path.join(folder, "running")
        self.tpm = tpm.Tpm(folder)
        self.guest = guest.Guest(image.image(release), folder, self.tpm,
                                 self.drive(debs, with_archive))

    def drive(self, debs, with_archive):
        """A second disk for the guest, with the packages, and what they depend on where a step installs that as well."""
        content, drive = os.path.join(self.folder, "content"), os.path.join(self.folder, "drive")
        if os.path.exists(self.running):
            return drive
        shutil.rmtree(content, ignore_errors=True)
        os.makedirs(os.path.join(content, "debs"))
        for name in sorted(os.listdir(debs)):
            if name.endswith(".deb") and "-dbgsym_" not in name:
                shutil.copy(os.path.join(debs, name), os.path.join(content, "debs"))
        if with_archive:
            shutil.copytree(archive.archive(self.release), os.path.join(content, "archive"))
        if os.path.exists(drive):
            os.unlink(drive)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", content, drive, "128M"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(content)
        return drive

    # --- Power -----------------------------------------------------------------------------------------------

    def begin(self):
        """Switches the computer on, or goes on with one that was left running."""
        if os.path.exists(self.running):
            with open(self.running) as file:
                self.guest.attach(*map(int, file.read().split()))
            os.unlink(self.running)
            self.prepare()
        else:
            self.start()

    def finish(self, keep):
        if keep:
            with open(self.running, "w") as file:
                file.write(f"{self.guest.process.pid} {self.tpm.process.pid}")
        else:
            self.guest.power_off()

    def start(self, with_tpm=True):
        self.say("the computer is switched on" if with_tpm else "the computer is switched on, without a TPM")
        self.guest.start(with_tpm)
        self.prepare()

    def prepare(self):
        script = "mountpoint -q /mnt || mount -o ro /dev/vdb /mnt || exit 1\n" + SECRETS
        for name in sorted(os.listdir(os.path.join(HERE, "programs"))):
            with open(os.path.join(HERE, "programs", name), "rb") as file:
                script += f"\nbase64 -d >/usr/local/bin/{name} <<'END'\n{base64.encodebytes(file.read()).decode()}END"
            script += f"\nchmod 755 /usr/local/bin/{name}"
        done = self.guest.run(script)
        if done.status != 0:
            raise guest.GuestError(done.output)

    def reboot(self):
        self.say("the computer is rebooted")
        self.guest.reboot()
        self.prepare()

    def power_cut(self):
        self.say("power is cut: computer and TPM stop at once")
        self.guest.power_cut()

    # --- Words -----------------------------------------------------------------------------------------------

    def step(self, title):
        self.transcript.step(title)
        self.since = self.quiet("date +%s").strip()

    def say(self, text):
        self.transcript.say(text)

    def check(self, truth, what):
        self.transcript.check(truth, what)

    def root(self, script, status=0, has=None, lacks=None, timeout=600, who="root"):
        """Runs a script as root; status and output have to be as said."""
        result = self.guest.run(script, timeout)
        return self.judge(who, script, result, status, has, lacks)

    def user(self, kind, name, script, status=0, has=None, lacks=None, timeout=600):
        """The same for a user: local, ssh or service says where from."""
        result = self.guest.run(f"as {kind} {name} {shlex.quote(script)}", timeout)
        return self.judge(f"{name} ({kind})", script, result, status, has, lacks)

    def judge(self, who, script, result, status, has, lacks):
        self.transcript.command(who, script, result)
        if result.status != status:
            self.check(False, f"status {status} expected, {result.status} came")
        if has is not None:
            self.check(has in result.output, f"it says \"{has}\"")
        if lacks is not None:
            self.check(lacks not in result.output, f"it does not say \"{lacks}\"")
        return result.output

    def why(self):
        """What the system itself has to say about a step that failed."""
        result = self.guest.run("journalctl -q -b -n 12 -o cat -u pcscd.service; journalctl -q -b -n 6 -o cat -p warning")
        self.transcript.command("root", "journalctl", result)

    def recover(self):
        """So that the next step finds a pcscd to talk to, nobody at the screen, and no card but its own."""
        self.guest.run("pkill -KILL -u alice; systemctl reset-failed; systemctl stop pcscd.service pcscd.socket; "
                       "systemctl start pcscd.socket; tpmvsc destroy second --force")

    def quiet(self, script, timeout=600):
        """A script that is not in the transcript; it has to end well."""
        result = self.guest.run(script, timeout)
        if result.status != 0:
            self.transcript.command("root", script, result)
            self.check(False, "it ends well")
        return result.output

    # --- What the steps ask often ------------------------------------------------------------------------------

    def info(self):
        return json.loads(self.quiet("tpmvsc info laptop --json"))

    def tries(self):
        return self.info()["pin"]["tries_left"]

    def chip(self):
        """What is in the chip itself, past the kernel's resource manager: sets of handles by kind."""
        text = self.quiet("""device=$(ls -d /dev/tpm[0-9]* | head -n 1) && [ -n "$device" ] || exit 1
            for kind in nv-index persistent transient loaded-session saved-session; do
            handles=$(TPM2TOOLS_TCTI=device:$device tpm2_getcap handles-$kind) || exit 1
            echo $kind $(echo "$handles" | tr -d -- '-')
            done""")
        return {words[0]: set(words[1:]) for words in map(str.split, text.splitlines())}

    def wait_until(self, condition, what, seconds=120):
        """Waits in the guest for a condition of the shell."""
        script = f"for _ in $(seq {seconds * 2}); do {{ {condition}; }} >/dev/null 2>&1 && exit 0; sleep 0.5; done; exit 1"
        self.check(self.guest.run(script, seconds * 4 + 60).status == 0, what)

    def pcscd_ends(self):
        self.wait_until("! systemctl -q is-active pcscd.service", "pcscd ends by itself when nobody uses it", 180)
        self.root("systemctl show -p Result --value pcscd.service; systemctl is-active pcscd.socket", has="success\nactive")

    def no_crash(self):
        """In nothing that the step did, before it switched the computer off as well, has pcscd crashed."""
        crashed = self.quiet(f"journal=$(journalctl -q -o cat --since @{self.since} -u pcscd.service) || exit 1\n"
                             "grep -E 'code=(dumped|killed), status=[0-9]+/(SEGV|ABRT|BUS|SYS|FPE|ILL)' <<<\"$journal\" || true")
        self.check(crashed == "", f"pcscd has not crashed {crashed}".rstrip())
