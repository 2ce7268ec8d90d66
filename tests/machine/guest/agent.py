#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the guest of the machine test as a service: takes scripts from the virtio port, one JSON document
a line, and answers with status and output."""

import json
import os
import signal
import subprocess
import time

PORT = "/dev/virtio-ports/tpmvsc.agent"
SCRIPT = "/run/machine-script"


def run(request):
    with open(SCRIPT, "w") as file:
        file.write(request["script"])
    process = subprocess.Popen(["bash", SCRIPT], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                               cwd="/root", env=dict(os.environ, HOME="/root", LC_ALL="C.UTF-8"))
    try:
        output, _ = process.communicate(timeout=request["timeout"])
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, status = process.communicate()[0] + b"\n(killed: it took too long)", 124
    return {"id": request["id"], "status": status, "output": output.decode(errors="replace")}


def main():
    with open(PORT, "r+b", buffering=0) as port:  # it can be opened once only
        def say(document):
            left = memoryview(json.dumps(document).encode() + b"\n")
            while left:
                left = left[port.write(left):]

        with open("/proc/sys/kernel/random/boot_id") as file:
            say({"ready": file.read().strip()})
        line = b""
        while True:
            piece = port.read(65536)
            if not piece:  # nobody at the other end yet
                time.sleep(0.2)
                continue
            line += piece
            while b"\n" in line:
                request, _, line = line.partition(b"\n")
                say(run(json.loads(request)))


if __name__ == "__main__":
    main()
