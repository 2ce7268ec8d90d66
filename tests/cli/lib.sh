# SPDX-License-Identifier: Apache-2.0
# What the tests of the tpmvsc command share. Sourced by scripts that run inside tests/rig.
# shellcheck shell=bash
# shellcheck source=tests/clients/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../clients/lib.sh"

export TERM=dumb # without colours, even on a terminal

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# exits STATUS COMMAND...: standard output in $result, standard error in $output, and this status.
exits() {
    local expected=$1 status=0
    shift
    "$@" >"$work/result" 2>"$work/output" </dev/null || status=$?
    keep_output "$expected" "$status" "$*"
}

# exits_with_input STATUS TEXT COMMAND...: likewise, TEXT on standard input.
exits_with_input() {
    local expected=$1 text=$2 status=0
    shift 2
    "$@" >"$work/result" 2>"$work/output" < <(printf '%s' "$text") || status=$?
    keep_output "$expected" "$status" "$*"
}

keep_output() {
    result=$(cat "$work/result")
    output=$(cat "$work/output")
    [[ $1 -eq $2 ]] || fail "status $2 instead of $1 from: $3"
}

# types STATUS [PROMPT ANSWER]... -- COMMAND...: on a terminal; what it showed is in $output.
types() {
    local expected=$1 status=0
    shift
    python3 "$here/typist.py" "$@" >"$work/output" 2>&1 || status=$?
    output=$(tr -d '\r' <"$work/output")
    [[ $status -eq $expected ]] || fail "status $status instead of $expected from: $*"
}

# one_sentence: standard error is one line that begins with the program's name.
one_sentence() {
    equal "the number of lines" 1 "$(wc -l <<<"$output")"
    grep -q '^tpmvsc: ' <<<"$output" || fail "not a sentence of the program: $output"
}

# as_anybody COMMAND...: as a user with no rights.
as_anybody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# can_be_anybody: whether that is possible. The rig of an ordinary user has only one user in it.
can_be_anybody() {
    as_anybody true 2>/dev/null || {
        echo "   (not as anybody: that takes root)"
        return 1
    }
}

# json EXPRESSION: a Python expression on the JSON `it` of the last result.
json() { python3 -c "import json,sys; it=json.loads(sys.argv[1]); print($1)" "$result"; }

# create NAME ARGUMENTS...: a card with the rig's own PIN, PUK and admin key unless said otherwise.
create() {
    local name=$1
    shift
    tpmvsc create --name "$name" --pin "file:$TPMVSC_PIN_FILE" --puk "file:$TPMVSC_PUK_FILE" \
        --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" "$@"
}
