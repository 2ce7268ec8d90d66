#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# beside_one_card.sh CARDS BENCH-OPTIONS...: runs inside a rig with one card; starts the one with many.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cards=$1
shift

# The inner rig hides this one's /run/pcscd; through this shell, which lives on, it stays in reach.
export TPMVSC_BENCH_OTHER_SOCKET=/proc/$$/root/run/pcscd/pcscd.comm
export TPMVSC_BENCH_OTHER_CTL=$TPMVSC_RIG_CTL

status=0
"$here/../rig" --cards "$cards" -- bash "$here/with_keys.sh" "$@" || status=$?
exit "$status"
