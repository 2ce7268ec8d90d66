#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys and certificates on a GIDS card by pkcs15-init, their use by pkcs15-crypt, and PIN and PUK by
# pkcs15-tool. Runs in a rig whose PUK does not begin with the PIN.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"

new_pin=8642097531
wrong=999999

# use_key ID CERTIFICATE: it signs and decrypts.
use_key() {
    run pkcs15-crypt --reader "$TPMVSC_READER" --sign --key "$1" --pin "$TPMVSC_PIN" --sha-256 \
        --pkcs1 --raw --input "$work/digest" --output "$work/signature"
    verify_with "$2" "$work/signature" "$work/data"
    run openssl pkeyutl -encrypt -certin -inkey "$2" -in "$work/secret" -out "$work/sealed"
    run pkcs15-crypt --reader "$TPMVSC_READER" --decipher --key "$1" --pin "$TPMVSC_PIN" --pkcs1 \
        --raw --input "$work/sealed" --output "$work/opened"
    run cmp "$work/secret" "$work/opened"
}

# bits ID: what pkcs15-tool says of the key's length.
bits() {
    run pkcs15 --read-public-key "$1"
    sed -n '/-BEGIN/,/-END/p' <<<"$output" | openssl pkey -pubin -noout -text |
        sed -n 's/.*Public-Key: (\([0-9]*\) bit).*/\1/p'
}

# numbers PRIVATE-KEY: the fields of RSAPrivateKey, one a line.
numbers() { openssl rsa -in "$1" -traditional 2>/dev/null | openssl asn1parse | sed -n 's/.*INTEGER *:/0x/p'; }

# mix ONE OTHER FILE: the modulus of one key with the primes of another.
mix() {
    {
        printf 'asn1=SEQUENCE:key\n[key]\n'
        { numbers "$1" | head -4; numbers "$2" | tail -5; } | awk '{ print "n" NR "=INTEGER:" $0 }'
    } >"$work/mixed.conf"
    run openssl asn1parse -genconf "$work/mixed.conf" -noout -out "$3.der"
    run openssl asn1parse -inform DER -in "$3.der"
    { echo "-----BEGIN RSA PRIVATE KEY-----"; base64 "$3.der"; echo "-----END RSA PRIVATE KEY-----"; } >"$3"
}

# keys_on_card: what the card itself knows of its keys.
keys_on_card() { card_fact '" ".join(key["slot"] for key in card["keys"])'; }

head -c 1000 /dev/urandom >"$work/data"
openssl dgst -sha256 -binary -out "$work/digest" "$work/data"
printf 'for the eyes of the card only' >"$work/secret"

step "keys of every length that this TPM has, each with a certificate"
algorithms=$(tpmvsc doctor --json 2>/dev/null |
    python3 -c 'import json,sys; print(" ".join(json.load(sys.stdin)["tpm"]["algorithms"]))')
for length in 2048 1024 3072 4096; do
    if [[ " $algorithms " == *" RSA-$length "* ]]; then
        echo "   RSA-$length"
        provision_gids "$length" "rsa$length"
        equal "the key's length" "$length" "$(bits "$id")"
        use_key "$id" "$work/rsa$length.pem"
    else
        echo "   RSA-$length is refused"
        refused pkcs15_init --generate-key "rsa/$length" --label "rsa$length"
        says "Card does not support the requested operation"
        run pkcs15_init --delete-objects privkey --id "$(key_id "rsa$length")"
    fi
done
[[ " $algorithms " == *" RSA-2048 "* ]] || fail "this TPM has no RSA-2048"
use_key 00 "$work/rsa2048.pem"

step "the certificates are read as they were stored"
run pkcs15 --read-certificate 00
run cmp <(sed -n '/-BEGIN/,/-END/p' <<<"$output" | openssl x509 -outform DER) \
    <(openssl x509 -in "$work/rsa2048.pem" -outform DER)
run pkcs15 --list-certificates
says "X.509 Certificate [rsa2048]"

step "a key that comes with its certificate"
generated=$(keys_on_card)
make_ca
run openssl req -new -newkey rsa:2048 -nodes -keyout "$work/imported.key" -subj "/CN=imported" \
    -out "$work/imported.csr"
run openssl x509 -req -in "$work/imported.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 2 \
    -out "$work/imported.pem"
run openssl pkcs12 -export -in "$work/imported.pem" -inkey "$work/imported.key" -passout pass:word \
    -out "$work/imported.p12"
run pkcs15_init --store-private-key "$work/imported.p12" --format PKCS12 --passphrase word \
    --key-usage sign,decrypt --label imported
imported=$(key_id imported)
use_key "$imported" "$work/imported.pem"
run pkcs15 --read-certificate "$imported"
says "$(sed -n 2p "$work/imported.pem")"
equal "where it comes from" "imported" "$(card_fact 'card["keys"][-1]["origin"]')"

step "a key whose numbers do not fit together is refused"
before=$(keys_on_card)
run openssl genrsa -out "$work/other.key" 2048
mix "$work/imported.key" "$work/other.key" "$work/odd.key"
refused pkcs15_init --store-private-key "$work/odd.key" --label odd
says "Incorrect parameters in APDU"
equal "the keys on the card" "$before" "$(keys_on_card)"

step "without the PIN, or with a wrong one, nothing is made or removed"
refused pkcs15-init --reader "$TPMVSC_READER" --verify-pin --auth-id 80 --pin "$wrong" \
    --delete-objects privkey --id 00
refused pkcs15-init --reader "$TPMVSC_READER" --verify-pin --auth-id 80 --pin "$wrong" \
    --generate-key rsa/2048 --label intruder
equal "the PIN's tries" 1 "$(pin_tries)"
equal "the keys on the card" "$before" "$(keys_on_card)"
use_key 00 "$work/rsa2048.pem"
equal "the PIN's tries" 3 "$(pin_tries)"

step "certificate and key are deleted, others stay"
run pkcs15_init --delete-objects cert --id "$imported"
refused pkcs15 --read-certificate "$imported"
says "not found"
use_key "$imported" "$work/imported.pem"
run pkcs15_init --delete-objects privkey --id "$imported"
refused pkcs15-crypt --reader "$TPMVSC_READER" --sign --key "$imported" --pin "$TPMVSC_PIN" \
    --sha-256 --pkcs1 --raw --input "$work/digest" --output "$work/signature"
equal "the keys on the card" "$generated" "$(keys_on_card)"
use_key 00 "$work/rsa2048.pem"
run pkcs15 --read-certificate 00

step "the place is used again"
provision_gids 2048 again
use_key "$id" "$work/again.pem"

step "the PIN is changed by who knows it; the new one may be longer"
refused pkcs15 --change-pin --auth-id 80 --pin "$wrong" --new-pin "$new_pin"
equal "the PIN's tries" 2 "$(pin_tries)"
run pkcs15 --change-pin --auth-id 80 --pin "$TPMVSC_PIN" --new-pin "$new_pin"
refused verifies "$TPMVSC_PIN"
refused verifies "${new_pin:0:6}"
equal "the PIN's tries" 1 "$(pin_tries)"
run verifies "$new_pin"
equal "the PIN's tries" 3 "$(pin_tries)"

step "three wrong ones block it, and the right one is refused as well"
for left in 2 1 0; do
    refused verifies "$wrong"
    equal "the PIN's tries" "$left" "$(pin_tries)"
done
refused verifies "$new_pin"

step "a wrong PUK costs one of its tries, the right one unblocks"
refused pkcs15 --unblock-pin --auth-id 80 --puk "$wrong" --new-pin "$TPMVSC_PIN"
equal "the PUK's tries" 2 "$(puk_tries)"
refused verifies "$TPMVSC_PIN"
run pkcs15 --unblock-pin --auth-id 80 --puk "$TPMVSC_PUK" --new-pin "$TPMVSC_PIN"
equal "the PUK's tries" 3 "$(puk_tries)"
equal "the PIN's tries" 3 "$(pin_tries)"
run verifies "$TPMVSC_PIN"
use_key 00 "$work/rsa2048.pem"

step "where there is a PUK the admin key does not reset the PIN"
refused gids --unblock --admin-key "$TPMVSC_ADMIN_KEY" --pin "$new_pin"
run verifies "$TPMVSC_PIN"
