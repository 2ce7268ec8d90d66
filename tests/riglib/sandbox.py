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


def own_code(pid):
    """The addresses at which a process runs its own program, and no library."""
    try:
        program = os.readlink(f"/proc/{pid}/exe")
        with open(f"/proc/{pid}/maps") as maps:
            for line in maps:
                span, rights, *_, path = line.split(maxsplit=5)
                if "x" in rights and path.strip() == program:
                    return range(*(int(end, 16) for end in span.split("-")))
    except OSError:
        pass  # it has ended
    return range(0)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def hide_pcscd(readers):
    """Puts an empty folder in place of /run/pcscd, and `readers` in place of pcscd's own entries. Nothing of
    the machine's own /run is mounted anywhere else, so nothing of it can be changed or removed."""
    if os.path.isdir("/run/pcscd"):
        mount("-t", "tmpfs", "tmpfs", "/run/pcscd")
    else:
        # A folder cannot be made in the machine's /run: it would stay there.
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        os.mkdir("/run/pcscd")
    if os.path.isdir("/etc/reader.conf.d"):
        mount("--bind", readers, "/etc/reader.conf.d")


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


def library_path(compiler, library):
    """Where `compiler` has the library; its bare name when it has none."""
    path = subprocess.run([compiler, "-print-file-name=" + library], capture_output=True, text=True,
                          check=True).stdout.strip()
    return os.path.realpath(path) if os.path.isabs(path) else path


def sanitizer_environment(driver, build, wish, env):
    """What pcscd needs to load a driver that was built with a sanitizer."""
    name = {"on": "asan", "off": None}.get(wish, None if wish == "off" else needed_sanitizer(driver))
    if name is None:
        return {}
    with open(os.path.join(build, "CMakeCache.txt")) as cache:
        compiler = re.search(r"^CMAKE_CXX_COMPILER:[A-Z]*=(.*)$", cache.read(), re.M).group(1)
    candidates = (f"lib{name}.so", f"libclang_rt.{name}-{os.uname().machine}.so")
    runtime = next(filter(os.path.isabs, (library_path(compiler, one) for one in candidates)), "")
    # pcscd is a C program: without the C++ library there from the start, the runtime does not find the
    # real __cxa_throw and gives up at the driver's first exception.
    preload = f"{runtime} {library_path(compiler, 'libstdc++.so.6')}"
    # pcscd itself frees little at its end, so its leaks would drown ours.
    leaks = os.environ.get("TPMVSC_RIG_LEAKS", "0")
    return {"LD_PRELOAD": preload,
            "ASAN_OPTIONS": env["ASAN_OPTIONS"] + f":detect_leaks={leaks}",
            "UBSAN_OPTIONS": env["UBSAN_OPTIONS"] + ":print_stacktrace=1"}
