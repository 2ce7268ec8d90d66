# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests on a real pcscd share. Sourced, inside tests/rig.
set -eu

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# rig WORDS...: asks the rig for something; a request that fails ends the test.
rig() {
    "$TPMVSC_RIG_CTL" "$@"
}

# readers: how many readers there are, and in how many of them there is a card.
readers() {
    timeout 20 opensc-tool --list-readers 2>/dev/null |
        awk '/TPM Virtual Smart Card/ { all++; if ($2 == "Yes") cards++ } END { print all+0, cards+0 }'
}

expect_readers() {
    [ "$(readers)" = "$1" ] || fail "readers and cards are $(readers), not $1"
}

# send SLOT APDU...: prints the answers to these commands, with none besides them.
send() {
    slot=$1
    shift
    timeout 20 "$(dirname "$0")/../../riglib/pcsc.py" "TPM Virtual Smart Card 00 0$slot" "$@"
}

# select_piv SLOT: whether the card answers a SELECT, for which it does not need its TPM.
select_piv() {
    send "$1" 00A404000BA000000308000010000100 2>/dev/null | grep -q "9000$"
}

# log_lines TEXT: how many lines of pcscd's log contain it.
log_lines() {
    grep -c -- "$1" "$TPMVSC_RIG_LOG/pcscd" || true
}

# start_signers FOLDER: two clients that sign until pcscd is gone, with the keys of "signer.py make"; waits
# until both are at it. What they say is in the folder.
start_signers() {
    for kind in rsa ec; do
        : >"$1/$kind"
        timeout 60 "$(dirname "$0")/signer.py" $kind >"$1/$kind" 2>&1 &
        echo $! >"$1/$kind.pid"
    done
    signers_wait=0
    until grep -q signing "$1/rsa" && grep -q signing "$1/ec"; do
        [ "$signers_wait" -lt 300 ] || fail "nobody signs: $(cat "$1/rsa" "$1/ec")"
        sleep 0.1
        signers_wait=$((signers_wait + 1))
    done
}

# expect_right_signatures FOLDER WORDS...: waits for them; all that they were answered must have been right.
expect_right_signatures() {
    for kind in rsa ec; do
        wait "$(cat "$1/$kind.pid")" || fail "$*: $(cat "$1/$kind")"
        echo "$2: $(tail -n 1 "$1/$kind")"
    done
}
