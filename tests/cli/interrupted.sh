#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Commands that are killed in the middle: the next one finds either the old state or the new one, and clears
# away the rest.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

strace -o /dev/null true || {
    echo "strace cannot trace here"
    exit 77
}
# One card for good, so that there is always a storage root key.
exits 0 create stays
exits 0 tpmvsc destroy stays --force
"$TPMVSC_RIG_CTL" stop-pcscd >/dev/null # nobody else uses the TPM, so that each run takes the same steps

step "$1, killed at each step"
python3 "$here/interrupted.py" "$1"
