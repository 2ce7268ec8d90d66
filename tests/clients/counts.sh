#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How many APDUs and TPM commands the usual programs need (doc/clients.md has the table). Runs in a rig
# whose pcscd logs APDUs.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

step "a TPM that logs its commands"
provision 9a RSA2048 rsa
provision 9c ECCP256 ec
head -c 32 /dev/urandom >"$work/digest"
"$TPMVSC_RIG_CTL" stop-pcscd >/dev/null
"$TPMVSC_RIG_CTL" stop-tpm >/dev/null
socket=${TPMVSC_TCTI#swtpm:path=}
rm -f "$socket" "$socket.ctrl"
swtpm socket --tpm2 --tpmstate "dir=$TPMVSC_RIG_DIR/tpm" --server "type=unixio,path=$socket" \
    --ctrl "type=unixio,path=$socket.ctrl" --flags not-need-init,startup-clear \
    --log "file=$work/tpm.log,level=20" >/dev/null 2>&1 &
background+=($!)
for _ in $(seq 100); do
    [[ ! -S $socket ]] || break
    sleep 0.05
done
"$TPMVSC_RIG_CTL" start-pcscd >/dev/null
"$TPMVSC_RIG_CTL" wait-cards 1 >/dev/null

apdus() { grep -c "APDU: " "$TPMVSC_RIG_LOG/pcscd" || true; }
commands() { grep -c "SWTPM_IO_Read" "$work/tpm.log" || true; }

# costs NAME APDUS COMMANDS PROGRAM...: it may cost no more. Three attempts: on a busy machine two seconds
# pass between commands, and the driver has closed its connection to the TPM.
costs() {
    local name=$1 most_apdus=$2 most_commands=$3 used spent apdus_before commands_before
    shift 3
    for _ in 1 2 3; do
        apdus_before=$(apdus) commands_before=$(commands)
        run "$@"
        sleep 0.2 # for the logs
        used=$(($(apdus) - apdus_before)) spent=$(($(commands) - commands_before))
        echo "   $name: $used APDUs, $spent TPM commands"
        [[ $used -gt 0 ]] || fail "no APDUs are seen: the log is not what it was"
        [[ $used -gt $most_apdus || $spent -gt $most_commands ]] || return 0
    done
    fail "$name took more than $most_apdus APDUs or $most_commands TPM commands"
}

login_and_sign() {
    p11 --login --sign --mechanism "$1" --id "$2" --input-file "$work/digest" \
        --output-file "$work/signature"
}

step "the first reads after the driver was loaded open the card's key in the TPM"
costs "opensc-tool --name, first" 20 4 opensc-tool --name
costs "pkcs11-tool -L, first" 37 4 pkcs11-tool -L

step "then what is public costs the TPM nothing"
costs "pkcs11-tool -L" 37 0 pkcs11-tool -L
costs "ykman piv info" 40 0 ykman --reader "$TPMVSC_READER" piv info
costs "yubico-piv-tool -a status" 40 0 ykpiv -a status

step "a login and a signature"
costs "login and RSA signature, first" 45 9 login_and_sign SHA256-RSA-PKCS 01
[[ $(commands) -gt 0 ]] || fail "no TPM commands are seen: the log is not what it was"
costs "login and RSA signature" 45 4 login_and_sign SHA256-RSA-PKCS 01
costs "login and ECDSA signature by 9C" 45 9 login_and_sign ECDSA 02
