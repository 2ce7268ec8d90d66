#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pcscd ends at once by each signal, idle and in full use. The rig notices a crash or a hang.
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for number in SIGTERM SIGINT; do
    rig stop-pcscd "$number" >/dev/null
    rig start-pcscd >/dev/null
    rig wait-cards 1
done

"$(dirname "$0")/signer.py" make
for number in SIGTERM SIGINT SIGTERM SIGINT SIGKILL; do
    start_signers "$work"
    # And one that waits for events; but at an interrupt pcscd 1.9.9 frees its list of those who wait, and
    # then falls over it itself.
    [ "$number" = SIGINT ] || timeout 20 pcsc_scan -n >/dev/null 2>&1 &
    rig stop-pcscd "$number" >/dev/null
    expect_right_signatures "$work" "$number"
    rig start-pcscd >/dev/null
    rig wait-cards 1
    select_piv 0 || fail "the card does not answer after $number"
done
