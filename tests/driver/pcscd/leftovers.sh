#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pcscd is ended in the middle of its work, again and again: what it leaves in a TPM without a resource
# manager does not fill that up.
. "$(dirname "$0")/lib.sh"

use_card() {
    pkcs11-tool --slot-index 0 --login --pin "$TPMVSC_PIN" --list-objects >/dev/null 2>&1
}

for round in 1 2 3 4 5 6 7 8; do
    use_card || fail "the card cannot be used (round $round)"
    rig "$([ $((round % 2)) = 0 ] && echo kill || echo stop)-pcscd" >/dev/null
    rig start-pcscd >/dev/null
    rig wait-cards 1
done
use_card || fail "the card cannot be used in the end"
rig create Another
rig wait-cards 2
