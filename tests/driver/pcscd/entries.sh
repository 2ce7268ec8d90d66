#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A second entry for the driver does no harm: a copy of the file, a copy by another name.
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
