#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pcscd ends at once by each signal, idle and in full use. The rig notices a crash or a hang.
. "$(dirname "$0")/lib.sh"

for number in SIGTERM SIGINT; do
    rig stop-pcscd "$number" >/dev/null
    rig start-pcscd >/dev/null
    rig wait-cards 1
done

for number in SIGTERM SIGINT SIGKILL; do
    # Clients that sign with the card, and one that waits for events.
    for _ in 1 2; do
        while :; do
            opensc-tool --reader 0 --send-apdu 00CB3FFF055C035FC10200 >/dev/null 2>&1 || break
        done &
    done
    timeout 20 pcsc_scan -n >/dev/null 2>&1 &
    sleep 1
    rig stop-pcscd "$number" >/dev/null
    rig start-pcscd >/dev/null
    rig wait-cards 1
    select_piv 0 || fail "the card does not answer after $number"
done
