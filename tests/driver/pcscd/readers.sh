#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# readers.sh CARDS: each card has its reader, one more is empty, and the cards answer.
. "$(dirname "$0")/lib.sh"

expect_readers "$(($1 + 1)) $1"
slot=0
while [ "$slot" -lt "$1" ]; do
    select_piv "$slot" || fail "the card in slot $slot does not answer"
    slot=$((slot + 1))
done
[ "$(log_lines tpmvsc)" = 0 ] || fail "the driver has something to complain about"
