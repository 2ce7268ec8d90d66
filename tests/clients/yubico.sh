#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# yubico-piv-tool: everything that needs no command of YubiKeys only.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

key="-k$TPMVSC_ADMIN_KEY"
wrong_key=-k010203040506070801020304050607080102030405060718

step "status"
run ykpiv -a status
says "PIN tries left:	3"
says "CHUID:	3019d4e739da739ced39ce739d836858210842108421c84210c3eb3410$(card_fact 'card["id"]')"
says "CCC:	f015a000000116ff02"

step "the wrong admin key is refused"
refused ykpiv "$wrong_key" -a set-chuid

step "a new CHUID and CCC"
run ykpiv "$key" -a set-chuid
run ykpiv "$key" -a set-ccc
run ykpiv -a status
says_not "3410$(card_fact 'card["id"]')"

# works SLOT ALGORITHM: key, certificate, test by the tool itself; the last one needs no PIN in 9E.
works() {
    step "$2 in $1"
    provision "$1" "$2" "key-$1"
    run ykpiv -a verify-pin "-P$TPMVSC_PIN" -a test-signature -s "$1" -i "$work/key-$1.pem"
    says Successful
    if [[ $2 != ECC* ]]; then
        run ykpiv -a verify-pin "-P$TPMVSC_PIN" -a test-decipher -s "$1" -i "$work/key-$1.pem"
        says "Successfully performed RSA decryption"
    fi
    run ykpiv -a read-certificate -s "$1"
    equal "the certificate in $1" "$(openssl x509 -in "$work/key-$1.pem" -noout -fingerprint)" \
        "$(openssl x509 -noout -fingerprint <<<"$output")"
}
works 9a RSA2048
works 9c ECCP256
works 9d ECCP384
works 9e ECCP256
works 82 RSA2048
works 95 ECCP256

step "without the PIN keys refuse"
refused ykpiv -a test-signature -s 9a -i "$work/key-9a.pem"

step "key agreement in 9D"
run ykpiv -a verify-pin "-P$TPMVSC_PIN" -a test-decipher -s 9d -i "$work/key-9d.pem"
says "Successfully performed ECDH exchange"

step "an RSA-1024 key"
run ykpiv "$key" -a generate -s 83 -A RSA1024 -o "$work/small.pub"
run openssl pkey -pubin -in "$work/small.pub" -noout -text
says "1024 bit"

step "a new key replaces the old one: its certificate no longer fits"
generate_key 9a RSA2048 "$work/second.pub"
refused ykpiv -a verify-pin "-P$TPMVSC_PIN" -a test-signature -s 9a -i "$work/key-9a.pem"

step "a certificate goes away"
run ykpiv "$key" -a delete-certificate -s 9a
refused ykpiv -a read-certificate -s 9a

step "an object of 3,000 bytes"
head -c 3000 /dev/urandom >"$work/object"
refused ykpiv "$wrong_key" -a write-object --id 0x5fff12 -f binary -i "$work/object"
run ykpiv "$key" -a write-object --id 0x5fff12 -f binary -i "$work/object"
run ykpiv -a read-object --id 0x5fff12 -f binary -o "$work/read"
run cmp "$work/object" "$work/read"

step "PIN and PUK"
run ykpiv -a change-pin "-P$TPMVSC_PIN" -N739164
refused ykpiv -a verify-pin "-P$TPMVSC_PIN"
says "2 tries left"
run ykpiv -a verify-pin -P739164
run ykpiv -a unblock-pin "-P$TPMVSC_PUK" "-N$TPMVSC_PIN"
run ykpiv -a verify-pin "-P$TPMVSC_PIN"
run ykpiv -a change-puk "-P$TPMVSC_PUK" -N87654321
refused ykpiv -a change-puk "-P$TPMVSC_PUK" -N11111111
