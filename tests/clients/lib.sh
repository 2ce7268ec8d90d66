# SPDX-License-Identifier: Apache-2.0
# What the client tests share. Sourced by scripts that run inside tests/rig; see tests/README.md.
# shellcheck shell=bash
set -euo pipefail

# Two libraries of a script may both need this one; a second folder would be left behind.
! declare -p background >/dev/null 2>&1 || return 0

: "${TPMVSC_READER:?this script runs inside tests/rig}"

work=$(mktemp -d "${TMPDIR:-/tmp}/tpmvsc-client.XXXXXX")
background=()
end_of_test() {
    local status=$?
    for pid in "${background[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait
    if [[ $status -ne 0 && $status -ne 77 ]]; then # 77: it cannot be run here
        echo "FAILED in ${BASH_SOURCE[-1]##*/} (status $status)" >&2
        [[ ! -s $work/output ]] || sed 's/^/    last output: /' "$work/output" >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap end_of_test EXIT

# --- Saying what is tested, and comparing -----------------------------------------------------------

# step WORDS...: says what comes now.
step() { echo "-- $*"; }

# fail WORDS...: ends the test.
fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# run COMMAND...: runs it and keeps what it says in $output; it must succeed.
run() {
    local status=0
    "$@" >"$work/output" 2>&1 || status=$?
    output=$(tr -d '\0' <"$work/output")
    [[ $status -eq 0 ]] || fail "status $status from: $*"
}

# refused COMMAND...: runs it; it must not succeed.
refused() {
    if "$@" >"$work/output" 2>&1; then
        fail "should have been refused: $*"
    fi
    output=$(tr -d '\0' <"$work/output")
}

# says TEXT: the output of the last run has it.
says() {
    grep -qF -- "$1" <<<"$output" || fail "the output lacks \"$1\""
}

# matches PATTERN: likewise, an extended regular expression.
matches() {
    grep -qE -- "$1" <<<"$output" || fail "the output lacks /$1/"
}

# says_not TEXT: and has it not.
says_not() {
    ! grep -qF -- "$1" <<<"$output" || fail "the output has \"$1\""
}

# equal WHAT EXPECTED FOUND
equal() { [[ $2 == "$3" ]] || fail "$1 is $3, not $2"; }

# card_fact EXPRESSION: what "tpmvsc info --json" says, as a Python expression on `card`.
card_fact() {
    tpmvsc info --reader "${reader:-$TPMVSC_READER}" --json 2>/dev/null |
        python3 -c "import json,sys; card=json.load(sys.stdin); print($1)"
}
pin_tries() { card_fact 'card["pin"]["tries_left"]'; }
puk_tries() { card_fact 'card["puk"]["tries_left"]'; }

# --- Administration -----------------------------------------------------------------------------------

# OpenSC's piv-tool reads the admin key from a file of hexadecimal digits.
PIV_EXT_AUTH_KEY=$work/admin-key
export PIV_EXT_AUTH_KEY
sed 's/../&:/g; s/:$//' <<<"$TPMVSC_ADMIN_KEY" >"$PIV_EXT_AUTH_KEY"

# piv_admin ARGUMENTS...: piv-tool with the admin key proven by mutual authentication.
piv_admin() { piv-tool -A M:9B:03 "$@"; }

# ykpiv ARGUMENTS...: yubico-piv-tool on the test's card.
ykpiv() { yubico-piv-tool -r "${reader:-$TPMVSC_READER}" "$@"; }

# generate_key SLOT ALGORITHM FILE: makes a key (RSA2048, ECCP256, ...) and keeps its public half.
generate_key() { run ykpiv "-k$TPMVSC_ADMIN_KEY" -a generate -s "$1" -A "$2" -o "$3"; }

# A certification authority of our own.
make_ca() {
    [[ ! -e $work/ca.pem ]] || return 0
    run openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -keyout "$work/ca.key" -out "$work/ca.pem" -subj "/CN=Test authority"
}

# issue_certificate PUBLIC NAME FILE: a certificate for a key that cannot sign a request by itself.
issue_certificate() {
    make_ca
    run openssl x509 -new -force_pubkey "$1" -subj "/CN=$2" -days 2 -CA "$work/ca.pem" \
        -CAkey "$work/ca.key" -out "$3" -extfile <(printf '%s\n' \
            'keyUsage=digitalSignature,keyEncipherment,keyAgreement,dataEncipherment' \
            'extendedKeyUsage=clientAuth')
}

# store_certificate SLOT FILE
store_certificate() { run ykpiv "-k$TPMVSC_ADMIN_KEY" -a import-certificate -s "$1" -i "$2"; }

# provision SLOT ALGORITHM NAME: key and certificate; leaves $work/NAME.pub and $work/NAME.pem.
provision() {
    generate_key "$1" "$2" "$work/$3.pub"
    issue_certificate "$work/$3.pub" "$3" "$work/$3.pem"
    store_certificate "$1" "$work/$3.pem"
}

# --- PKCS#11 ------------------------------------------------------------------------------------------

# pkcs11_module NAME: its file, which is beside the folder of OpenSSL's engines.
pkcs11_module() {
    echo "$(dirname "$(openssl version -e | sed 's/^ENGINESDIR: "\(.*\)"$/\1/')")/$1"
}

# OpenSC numbers the keys of 9A, 9C, 9D, 9E and 82... as 01, 02, 03, 04 and 05...
p11() { pkcs11-tool --pin "env:TPMVSC_PIN" "$@"; }

# --- TLS ------------------------------------------------------------------------------------------------

# with_engine COMMAND...: runs it with the PKCS#11 engine, and OpenSC behind that.
with_engine() {
    local engine module
    engine=$(openssl version -e | sed 's/^ENGINESDIR: "\(.*\)"$/\1/')/pkcs11.so
    module=$(dirname "$(dirname "$engine")")/opensc-pkcs11.so
    cat >"$work/engine.cnf" <<END
openssl_conf = main
[main]
engines = engines
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
dynamic_path = $engine
MODULE_PATH = $module
init = 0
END
    OPENSSL_CONF=$work/engine.cnf timeout 60 "$@"
}

# start_server: a TLS server on this machine that lets in only who has a certificate of our
# authority, with $server_options as well; $port is where.
server_options=()
start_server() {
    make_ca
    if [[ ! -e $work/server.pem ]]; then
        run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/server.key"
        run openssl x509 -new -force_pubkey <(openssl pkey -in "$work/server.key" -pubout) \
            -subj "/CN=localhost" -days 2 -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -out "$work/server.pem" -extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1)
    fi
    : >"$work/server.log"
    openssl s_server -accept 127.0.0.1:0 -cert "$work/server.pem" \
        -key "$work/server.key" -CAfile "$work/ca.pem" -Verify 1 -verify_return_error -www \
        "${server_options[@]}" >"$work/server.log" 2>&1 &
    background+=($!)
    for _ in $(seq 100); do
        port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/server.log")
        [[ -z $port ]] || return 0
        sleep 0.05
    done
    fail "the TLS server did not start: $(cat "$work/server.log")"
}
