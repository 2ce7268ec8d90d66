#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Cards come and go while pcscd runs, and programs see it at once.
. "$(dirname "$0")/lib.sh"

expect_readers "1 0"
rig create Alice
rig wait-cards 1
expect_readers "1 1"
select_piv 0 || fail "the new card does not answer"

# The reader has no room for another one until pcscd starts anew: one line says so.
rig create Bob
sleep 0.5
expect_readers "1 1"
[ "$(log_lines '"Bob" appears when pcscd has been restarted')" = 1 ] || fail "nothing about Bob"
rig restart-pcscd >/dev/null
expect_readers "3 2"

# A card that goes takes its clients along, and leaves the others alone.
tpmvsc destroy Alice --force 2>/dev/null
rig wait-cards 1
select_piv 1 || fail "the other card has gone as well"
select_piv 0 && fail "a destroyed card answers"

# Its slot is free for the next one.
rig create Carol
rig wait-cards 2
expect_readers "3 2"
select_piv 0 || fail "the card in a used slot does not answer"
