#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pcscd --auto-exit ends a minute after its last client, as socket activation has it, and starts again.
. "$(dirname "$0")/lib.sh"

select_piv 0 || fail "the card does not answer"
waited=0
while [ "$(rig pcscd-pid)" != 0 ]; do
    [ "$waited" -lt 90 ] || fail "pcscd does not end"
    # pcscd 1.9.9 now and then misses its own alarm until the next client comes.
    [ "$waited" != 75 ] || opensc-tool --list-readers >/dev/null 2>&1 || true
    sleep 1
    waited=$((waited + 1))
done
rig start-pcscd >/dev/null
rig wait-cards 1
select_piv 0 || fail "the card does not answer any more"
