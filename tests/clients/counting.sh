# SPDX-License-Identifier: Apache-2.0
# Counts APDUs and TPM commands: for scripts in a rig with --pcscd-args='--debug --apdu'. Sourced after
# lib.sh.
# shellcheck shell=bash
: "${work:?source lib.sh first}"

# log_tpm_commands: from here on the software TPM logs its commands.
log_tpm_commands() {
    local socket=${TPMVSC_TCTI#swtpm:path=}
    "$TPMVSC_RIG_CTL" stop-pcscd >/dev/null
    "$TPMVSC_RIG_CTL" stop-tpm >/dev/null
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
}

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
