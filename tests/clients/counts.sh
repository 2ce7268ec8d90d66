#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How many APDUs and TPM commands the usual programs need (doc/clients.md has the table). Runs in a rig
# whose pcscd logs APDUs.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/clients/counting.sh
. "$(dirname "$0")/counting.sh"

step "a TPM that logs its commands"
provision 9a RSA2048 rsa
provision 9c ECCP256 ec
head -c 32 /dev/urandom >"$work/digest"
log_tpm_commands

login_and_sign() {
    p11 --login --sign --mechanism "$1" --id "$2" --input-file "$work/digest" \
        --output-file "$work/signature"
}

step "the first reads after the driver was loaded open the card's key in the TPM"
costs "opensc-tool --name, first" 20 4 opensc-tool --name
costs "pkcs11-tool -L, first" 37 4 pkcs11-tool -L

step "then what is public costs the TPM nothing"
costs "pkcs11-tool -L" 37 0 pkcs11-tool -L
costs "ykman piv info" 70 0 ykman --reader "$TPMVSC_READER" piv info
costs "yubico-piv-tool -a status" 40 0 ykpiv -a status

step "a login and a signature"
costs "login and RSA signature, first" 45 9 login_and_sign SHA256-RSA-PKCS 01
[[ $(commands) -gt 0 ]] || fail "no TPM commands are seen: the log is not what it was"
costs "login and RSA signature" 45 4 login_and_sign SHA256-RSA-PKCS 01
costs "login and ECDSA signature by 9C" 45 9 login_and_sign ECDSA 02
