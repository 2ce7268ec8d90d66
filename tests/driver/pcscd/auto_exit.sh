#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pcscd --auto-exit ends a minute after its last client, as socket activation has it, and starts again.
# When its alarm goes off while somebody signs it ends as well, and no signature is wrong.
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

start_again() {
    rig start-pcscd >/dev/null
    rig wait-cards 1
    select_piv 0 || fail "the card does not answer any more"
}

"$(dirname "$0")/signer.py" make
for round in 1 2 3; do
    start_signers "$work"
    rig stop-pcscd SIGALRM >/dev/null
    expect_right_signatures "$work" "alarm $round"
    start_again
done

select_piv 0 || fail "the card does not answer"
waited=0
while [ "$(rig pcscd-pid)" != 0 ]; do
    [ "$waited" -lt 90 ] || fail "pcscd does not end"
    # pcscd 1.9.9 now and then misses its own alarm until the next client comes.
    [ "$waited" != 75 ] || opensc-tool --list-readers >/dev/null 2>&1 || true
    sleep 1
    waited=$((waited + 1))
done
start_again
