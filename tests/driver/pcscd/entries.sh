#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A second entry for the driver does no harm: a copy of the file, a copy by another name, a wrong one.
. "$(dirname "$0")/lib.sh"

entries=/etc/reader.conf.d
cp $entries/tpmvsc $entries/tpmvsc~
rig restart-pcscd >/dev/null
expect_readers "2 1"
select_piv 0 || fail "the card does not answer beside a copy of its entry"
sed 's/TPM Virtual Smart Card/TPM Virtual Smart Card copy/' $entries/tpmvsc >$entries/tpmvsc~
rig restart-pcscd >/dev/null
expect_readers "3 1"
[ "$(log_lines 'are served by another reader')" = 1 ] || fail "nothing in the log"

# pcscd removes all readers of a name when it cannot open one of them. Which entry comes first is chance.
rm $entries/tpmvsc~
for name in a b c d; do
    sed 's/tpmvsc:default/tpmvsc:other/' $entries/tpmvsc >$entries/$name
done
rig restart-pcscd >/dev/null
select_piv 0 || fail "the card does not answer beside a wrong entry"
