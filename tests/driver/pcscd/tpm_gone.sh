#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without its TPM a card is out of the reader, one line says why, and it comes back by itself.
. "$(dirname "$0")/lib.sh"

rig stop-tpm >/dev/null
rig stop-pcscd >/dev/null
rig start-pcscd >/dev/null
expect_readers "3 0"
sleep 5
[ "$(log_lines tpmvsc)" = 1 ] || fail "not one line in the log"
[ "$(log_lines 'until the TPM can be reached')" = 1 ] || fail "the line does not say why"
rig start-tpm >/dev/null
rig wait-cards 2

# A TPM that goes while a card is in use is noticed by the next command that needs it.
pkcs11-tool --slot-index 0 --login --pin "$TPMVSC_PIN" --list-objects >/dev/null 2>&1 ||
    fail "the card cannot be used"
rig stop-tpm >/dev/null
expect_readers "3 2"
pkcs11-tool --slot-index 0 --login --pin "$TPMVSC_PIN" --list-objects >/dev/null 2>&1 &&
    fail "the card is used without its TPM"
rig wait-cards 0
[ "$(log_lines 'until the TPM can be reached')" = 2 ] || fail "not one more line"
rig start-tpm >/dev/null
rig wait-cards 2
pkcs11-tool --slot-index 0 --login --pin "$TPMVSC_PIN" --list-objects >/dev/null 2>&1 ||
    fail "the card cannot be used any more"
