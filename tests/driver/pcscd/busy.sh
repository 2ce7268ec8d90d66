#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# While one card waits for a slow TPM the others answer, and pcscd ends at once if it is asked to.
. "$(dirname "$0")/lib.sh"

select=00A404000BA000000308000010000100
verify=0020008008313233343536FFFF

tpm=$(rig tpm-pid)
kill -STOP "$tpm"
send 0 $select $verify >"$TPMVSC_RIG_DIR/verify" 2>&1 &
client=$!
sleep 1
kill -0 "$client" || fail "the command has not waited for the TPM"
for round in 1 2 3; do
    started=$(date +%s)
    select_piv 1 || fail "the second card does not answer (round $round)"
    [ $(($(date +%s) - started)) -le 10 ] || fail "the second card waits for the first"
done
kill -0 "$client" || fail "the command has not waited for the TPM long enough"
kill -CONT "$tpm"
wait "$client" || fail "the slow command has failed"
tail -n 1 "$TPMVSC_RIG_DIR/verify" | grep -q "^9000$" || fail "the slow command was answered wrongly"

kill -STOP "$tpm"
send 0 $select $verify >/dev/null 2>&1 &
sleep 1
rig stop-pcscd >/dev/null
kill -CONT "$tpm"
rig start-pcscd >/dev/null
rig wait-cards 2
