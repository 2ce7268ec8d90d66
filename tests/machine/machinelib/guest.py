# SPDX-License-Identifier: Apache-2.0
"""The guest: qemu with a TPM, and the agent that runs scripts in it."""

import collections
import itertools
import json
import os
import signal
import socket
import subprocess
import time

BOOT_SECONDS = 900  # emulated on a busy machine; nothing depends on it
OFF_SECONDS = 300  # a kernel that finds itself running after it has switched off is switched off by hand
Result = collections.namedtuple("Result", "status output")


class GuestError(Exception):
    """The guest does not do what a computer does."""


class Other:
    """A process that another run has started, with the words of subprocess.Popen."""

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                return 0 if file.read().rpartition(")")[2].split()[0] == "Z" else None
        except OSError:
            return 0

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self, seconds=60):
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            time.sleep(0.1)


class Guest:
    def __init__(self, image, folder, tpm, drive):
        self.image, self.folder, self.tpm, self.drive = image, folder, tpm, drive
        self.process, self.agent, self.buffer = None, None, b""
        self.numbers = itertools.count(int(time.time() * 1000))
        self.disk = os.path.join(folder, "disk.qcow2")
        if not os.path.exists(self.disk):
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b",
                            os.path.join(image, "disk"), self.disk], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    # --- Power ------------------------------------------------------------------------------------------

    def start(self, with_tpm=True):
        for name in ("agent", "monitor"):
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        chip = []
        if with_tpm:
            self.tpm.start()
            chip = ["-chardev", f"socket,id=chip,path={self.tpm.socket}",
                    "-tpmdev", "emulator,id=tpm,chardev=chip", "-device", "tpm-tis,tpmdev=tpm"]
        self.process = subprocess.Popen(
            ["nice", "-n", "2", "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max", "-m", "1024", "-smp", "1",
             "-display", "none", "-vga", "std", "-nic", "none", "-serial", f"file:{self.path('console')}",
             "-kernel", os.path.join(self.image, "vmlinuz"), "-initrd", os.path.join(self.image, "initrd.img"),
             "-append", "root=/dev/vda rw console=tty0 console=ttyS0 loglevel=4 systemd.show_status=no",
             "-drive", f"file={self.disk},if=virtio,format=qcow2",
             "-drive", f"file={self.drive},if=virtio,format=raw,readonly=on",
             "-device", "virtio-serial", "-chardev", f"socket,id=agent,path={self.path('agent')},server=on,wait=off",
             "-device", "virtserialport,chardev=agent,name=tpmvsc.agent",
             "-qmp", f"unix:{self.path('monitor')},server=on,wait=off", *chip],
            stdin=subprocess.DEVNULL, start_new_session=True)
        self.connect()
        self.wait_ready()

    def attach(self, pid, tpm_pid):
        """Goes on with a guest that another run has left running."""
        self.process, self.tpm.process = Other(pid), Other(tpm_pid)
        self.connect()

    def connect(self):
        deadline = time.monotonic() + 60
        self.buffer = b""
        while True:
            try:
                self.agent = socket.socket(socket.AF_UNIX)
                self.agent.connect(self.path("agent"))
                return
            except OSError:
                if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                    raise GuestError("qemu does not come up") from None
                time.sleep(0.2)

    def power_cut(self):
        """Nobody is told: the computer, and the chip with it, lose power."""
        self.process.kill()
        self.process.wait()
        self.tpm.end(signal.SIGKILL)

    def power_off(self):
        if self.process is None or self.process.poll() is not None:
            return
        try:
            self.send("systemctl poweroff", 60)
            self.process.wait(OFF_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.tpm.end()

    def reboot(self):
        self.send("systemctl reboot", 60)
        self.wait_ready()

    def monitor(self, command):
        """One command for qemu itself; gives its answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path("monitor"))
            with connection.makefile("rw") as stream:
                stream.readline()
                for one in ("qmp_capabilities", command):
                    stream.write(json.dumps({"execute": one}) + "\n")
                    stream.flush()
                    while True:
                        answer = json.loads(stream.readline())
                        if "return" in answer or "error" in answer:
                            break
        return answer

    # --- The agent --------------------------------------------------------------------------------------

    def line(self, seconds):
        deadline = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            self.agent.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                piece = self.agent.recv(65536)
            except TimeoutError:
                raise GuestError("the guest does not answer; see its console") from None
            if not piece:
                raise GuestError("qemu has ended")
            self.buffer += piece
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def wait_ready(self):
        while "ready" not in self.line(BOOT_SECONDS):
            pass

    def send(self, script, timeout):
        number = next(self.numbers)
        request = json.dumps({"id": number, "script": script, "timeout": timeout})
        self.agent.settimeout(60)
        self.agent.sendall(request.encode() + b"\n")
        return number

    def run(self, script, timeout=300):
        number = self.send(script, timeout)
        while True:
            answer = self.line(timeout + 60)
            if answer.get("id") == number:
                return Result(answer["status"], answer["output"])
