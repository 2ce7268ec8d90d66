# SPDX-License-Identifier: Apache-2.0
# What the tests of GIDS cards share, beside lib.sh.
# shellcheck shell=bash source-path=SCRIPTDIR
# shellcheck source=tests/clients/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# OpenSC's tools on the test's card. Its PIN is object 80, its PUK object 81.
pkcs15() { pkcs15-tool --reader "${reader:-$TPMVSC_READER}" "$@"; }
pkcs15_init() {
    pkcs15-init --reader "${reader:-$TPMVSC_READER}" --verify-pin --auth-id 80 --pin "$TPMVSC_PIN" "$@"
}
verifies() { pkcs15 --verify-pin --auth-id 80 --pin "$1"; }

# gids COMMAND...: gids-tool ends with 0 whatever happens, so what it complains about is its status.
gids() {
    local complaints
    complaints=$(gids-tool --reader "${reader:-$TPMVSC_READER}" "$@" 2>&1 >"$work/gids.out" |
        grep -v '^Using reader' || true)
    cat "$work/gids.out"
    [[ -z $complaints ]] || echo "$complaints"
    ! grep -qiE 'failed|unable|invalid' <<<"$complaints"
}

# answers STATUS APDU...: opensc-tool sends these commands, and the last of them is answered so.
answers() {
    local status=$1 apdu arguments=()
    shift
    for apdu in "$@"; do
        arguments+=(--send-apdu "$apdu")
    done
    run opensc-tool --reader "${reader:-$TPMVSC_READER}" "${arguments[@]}"
    equal "the answer to $apdu" "$status" \
        "$(sed -n 's/^Received (SW1=0x\(..\), SW2=0x\(..\)).*/\1\2/p' <<<"$output" | tail -1)"
}

# hex TEXT: its bytes in hexadecimal.
hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }

# card_identifier: what the card says it is, in hexadecimal.
card_identifier() {
    opensc-tool --reader "${reader:-$TPMVSC_READER}" --serial 2>/dev/null | grep -v '^Using' |
        cut -c1-47 | tr -d ' \n' | tr A-F a-f
}

# key_id LABEL: under which id OpenSC has the key.
key_id() {
    pkcs15 --list-keys 2>/dev/null |
        awk -v label="Private RSA Key [$1]" '$0 == label { found = 1 }
            found && $1 == "ID" { print $3; exit }'
}

# store_certificate_for ID NAME: a certificate for the key; leaves $work/NAME.pub and
# $work/NAME.pem.
store_certificate_for() {
    run pkcs15 --read-public-key "$1"
    sed -n '/-BEGIN/,/-END/p' <<<"$output" >"$work/$2.pub"
    issue_certificate "$work/$2.pub" "$2" "$work/$2.pem"
    run pkcs15_init --store-certificate "$work/$2.pem" --id "$1"
}

# provision_gids BITS NAME: key and certificate; the key's id is then $id.
provision_gids() {
    run pkcs15_init --generate-key "rsa/$1" --key-usage sign,decrypt --label "$2"
    id=$(key_id "$2")
    [[ -n $id ]] || fail "the new key \"$2\" is not listed"
    store_certificate_for "$id" "$2"
}

# verify_with CERTIFICATE SIGNATURE FILE: by OpenSSL, SHA-256 and PKCS#1.
verify_with() {
    run openssl dgst -sha256 -verify <(openssl x509 -in "$1" -noout -pubkey) -signature "$2" "$3"
    says "Verified OK"
}
