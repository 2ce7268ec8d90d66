#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/disk.md, with a disk that is a file. It is not opened for use, as not every kernel has a device mapper.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"
# systemd asks for passwords by way of a folder in /run, which a computer has that was started by it.
own_run
mkdir -p /run/systemd/ask-password

# systemd keeps the passphrase for some minutes where all of root's programs have it, and would not ask the next time.
cat >"$work/bin/forget-passphrase" <<'END'
#!/usr/bin/python3
import ctypes
keys = ctypes.CDLL("libkeyutils.so.1")
key = keys.keyctl_search(-4, b"user", b"cryptenroll", 0)
key == -1 or keys.keyctl_invalidate(key)
END
chmod +x "$work/bin/forget-passphrase"

# Plain words on the terminal.
export SYSTEMD_COLORS=0 SYSTEMD_EMOJI=0

step "the recipe"
recipe disk

