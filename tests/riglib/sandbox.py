# SPDX-License-Identifier: Apache-2.0
"""What keeps tests/rig apart from the rest of the machine."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import time

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def isolate():
    """Gives this process mounts of its own (as root of a user namespace, if it is not root), and makes
    it the parent of every orphan below it."""
    uid, gid = os.getuid(), os.getgid()
    check(LIBC.unshare(CLONE_NEWNS | (CLONE_NEWUSER if uid != 0 else 0)))
    if uid != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                           ("gid_map", f"0 {gid} 1")):
            with open("/proc/self/" + name, "w") as file:
                file.write(text)
    mount("--make-rprivate", "/")
    check(LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def die_with_parent():
    """For the child, between fork and exec."""
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def hide_pcscd(run, readers):
    """Puts an empty folder in place of /run/pcscd, and `readers` in place of pcscd's own entries."""
    if os.path.isdir("/run/pcscd"):
        mount("-t", "tmpfs", "tmpfs", "/run/pcscd")
    else:
        mount_copy_of_run(os.path.join(run, "run"))
    if os.path.isdir("/etc/reader.conf.d"):
        mount("--bind", readers, "/etc/reader.conf.d")


def mount_copy_of_run(stage):
    """Mounts over /run a folder with all that is there and with pcscd in it: /run itself must not
    change, the machine would keep what is made there."""
    os.mkdir(stage)
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", stage)
    for entry in os.scandir("/run"):
        copy = os.path.join(stage, entry.name)
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), copy)
            continue
        if entry.is_dir():
            os.mkdir(copy)
        else:
            open(copy, "w").close()
        mount("--rbind", entry.path, copy)
    os.mkdir(os.path.join(stage, "pcscd"))
    mount("--rbind", stage, "/run")


def accepts(path):
    """True when somebody listens at the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
            return True
        except OSError:
            return False


def children():
    """The processes whose parent is this one."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except (OSError, NotADirectoryError):
            continue
        if name.isdigit() and int(fields[1]) == os.getpid():
            found.append((int(name), fields[0]))
    return found


def end_strays(keep):
    """Ends what the command has left running. Each one's children become ours when it has gone."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        strays = [(pid, state) for pid, state in children() if pid not in keep]
        if not strays:
            return
        for pid, state in strays:
            if state != "Z":
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def needed_sanitizer(driver):
    with open(driver, "rb") as file:
        content = file.read()
    for symbol, name in ((b"__asan_init", "asan"), (b"__tsan_init", "tsan")):
        if symbol in content:
            return name
    return None


def sanitizer_environment(driver, build, wish, env):
    """What pcscd needs to load a driver that was built with a sanitizer."""
    name = {"on": "asan", "off": None}.get(wish, None if wish == "off" else needed_sanitizer(driver))
    if name is None:
        return {}
    with open(os.path.join(build, "CMakeCache.txt")) as cache:
        compiler = re.search(r"^CMAKE_CXX_COMPILER:[A-Z]*=(.*)$", cache.read(), re.M).group(1)
    for library in (f"lib{name}.so", f"libclang_rt.{name}-{os.uname().machine}.so"):
        path = subprocess.run([compiler, "-print-file-name=" + library], capture_output=True,
                              text=True, check=True).stdout.strip()
        if os.path.isabs(path):
            break
    # pcscd itself frees little at its end, so its leaks would drown ours.
    leaks = os.environ.get("TPMVSC_RIG_LEAKS", "0")
    return {"LD_PRELOAD": os.path.realpath(path),
            "ASAN_OPTIONS": env["ASAN_OPTIONS"] + f":detect_leaks={leaks}",
            "UBSAN_OPTIONS": env["UBSAN_OPTIONS"] + ":print_stacktrace=1"}
