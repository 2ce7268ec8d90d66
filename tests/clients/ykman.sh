#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# yubikey-manager (ykman) 4 and 5 from start to finish. Runs in a rig whose reader has an honest name, so that
# the reader is always said, and with its spare slots: ykman must not stumble over an empty one.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

key=$TPMVSC_ADMIN_KEY
new_key=00112233445566778899AABBCCDDEEFF0011223344556677
yk() { ykman --reader "$TPMVSC_READER" "$@"; }
piv() { yk piv "$@"; }
slot_9a="Slot 9(a:|A )"

step "info"
run yk info
says "Serial number: $(card_fact 'card["serial"]')"
says "Firmware version: 5.4.3"
run piv info
matches "PIV version: +5\.4\.3"
matches "PIN tries remaining: +3/3"
says "WARNING: Using default PIN!"
says "Management key algorithm: TDES"
matches "CHUID:\s+3019d4e739da739ced39ce739d836858210842108421c84210c3eb3410$(card_fact 'card["id"]')"

# generated SLOT ALGORITHM: a key made on the card, its certificate and its attestation.
generated() {
    step "$2 in $1: generate, self-signed certificate, export, attest"
    run piv keys generate --management-key "$key" --algorithm "$2" "$1" "$work/$1.pub"
    run piv certificates generate --management-key "$key" --pin "$TPMVSC_PIN" --subject "CN=key $1" \
        "$1" "$work/$1.pub"
    run piv certificates export "$1" "$work/$1.pem"
    run openssl verify -check_ss_sig -CAfile "$work/$1.pem" "$work/$1.pem"
    run piv keys export "$1" "$work/again.pub"
    run cmp "$work/$1.pub" "$work/again.pub"
    run piv keys attest "$1" "$work/$1.att"
    run openssl verify -CAfile "$work/f9.pem" "$work/$1.att"
    equal "the attested key" "$(openssl pkey -pubin -in "$work/$1.pub")" \
        "$(openssl x509 -in "$work/$1.att" -noout -pubkey)"
}
run piv certificates export f9 "$work/f9.pem"
generated 9a RSA2048
generated 9c ECCP256
generated 9d ECCP384
generated 9e ECCP256
generated 82 RSA2048
generated 95 RSA1024

step "a certificate request"
run piv certificates request --pin "$TPMVSC_PIN" --subject "CN=asked" 9a "$work/9a.pub" "$work/9a.csr"
run openssl req -in "$work/9a.csr" -noout -verify -subject
matches "CN ?= ?asked"

# imported SLOT OPENSSL-ARGUMENTS...: a key from outside with its certificate.
imported() {
    local slot=$1
    shift
    step "import into $slot: $*"
    run openssl req -x509 -nodes -days 2 -subj "/CN=imported" -keyout "$work/in.key" \
        -out "$work/in.pem" "$@"
    run piv keys import --management-key "$key" --pin-policy ONCE "$slot" "$work/in.key"
    run piv certificates import --management-key "$key" --verify --pin "$TPMVSC_PIN" "$slot" \
        "$work/in.pem"
    run piv keys export "$slot" "$work/in.pub"
    equal "the key" "$(openssl pkey -in "$work/in.key" -pubout)" "$(cat "$work/in.pub")"
    refused piv keys attest "$slot" "$work/no.att"
}
imported 9d -newkey rsa:2048
imported 83 -newkey ec -pkeyopt ec_paramgen_curve:P-256
imported 84 -newkey ec -pkeyopt ec_paramgen_curve:P-384

step "what is refused: a touch policy, a wrong management key, a certificate of another key"
refused piv keys generate --management-key "$key" --touch-policy ALWAYS 9a "$work/no.pub"
refused piv keys generate --management-key "${key%08}18" 9a "$work/no.pub"
refused piv certificates import --management-key "$key" --verify --pin "$TPMVSC_PIN" 9a "$work/in.pem"

step "info names the certificates"
run piv info
matches "$slot_9a"
says "CN=key 9c"
says "CN=imported"

step "objects"
head -c 2500 /dev/urandom >"$work/object"
run piv objects import --management-key "$key" 0x5fff15 "$work/object"
run piv objects export 0x5fff15 "$work/read"
run cmp "$work/object" "$work/read"
run piv objects generate --management-key "$key" chuid
run piv objects generate --management-key "$key" ccc
run piv objects export chuid "$work/chuid"
equal "the new CHUID's size" 59 "$(wc -c <"$work/chuid")"

step "a certificate goes away"
run piv certificates delete --management-key "$key" 82
refused piv certificates export 82 "$work/no.pem"

step "PIN and PUK"
run piv access change-pin --pin "$TPMVSC_PIN" --new-pin 739164
refused piv access change-pin --pin "$TPMVSC_PIN" --new-pin 111111
says "2 tries left"
run piv access change-puk --puk "$TPMVSC_PUK" --new-puk 87654321
run piv access unblock-pin --puk 87654321 --new-pin "$TPMVSC_PIN"
run piv info
matches "PIN tries remaining: +3/3"

step "other limits"
run piv access set-retries --management-key "$key" --pin "$TPMVSC_PIN" --force 7 5
run piv info
matches "PIN tries remaining: +7/7"
equal "the PIN's tries" 7 "$(pin_tries)"
equal "the PUK's tries" 5 "$(puk_tries)"

step "the management key: another algorithm, and one that the PIN opens"
run piv access change-management-key --management-key "$key" --algorithm AES192 \
    --new-management-key "$new_key" --force
refused piv keys generate --management-key "$key" 9a "$work/no.pub"
run piv keys generate --management-key "$new_key" --algorithm ECCP256 9a "$work/9a.pub"
run piv info
says "Management key algorithm: AES192"
run piv access change-management-key --management-key "$new_key" --algorithm AES256 --generate \
    --protect --pin "$TPMVSC_PIN" --force
run piv keys generate --pin "$TPMVSC_PIN" --algorithm ECCP256 9a "$work/9a.pub"
run piv info
says "Management key is stored on the YubiKey, protected by PIN."

step "reset"
run piv reset --force
run piv info
matches "PIN tries remaining: +3/3"
says "Management key algorithm: TDES"
[[ ! $output =~ $slot_9a ]] || fail "there is a key in 9A"
refused piv keys export 9a "$work/no.pub"
run piv keys generate --management-key "$key" --algorithm ECCP256 9a "$work/9a.pub"
says_not "PIN required"
