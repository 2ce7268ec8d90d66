#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What OpenSC's tools say of a card as it comes from "tpmvsc create", and of one with a certificate.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

atr=3b:db:18:ff:81:31:fe:45:80:f9:a0:00:00:03:08:00:00:10:00:f5
id=$(card_fact 'card["id"]')

step "readers, ATR and name"
run opensc-tool --list-readers
says "Yes             $TPMVSC_READER"
run opensc-tool --atr
says "$atr"
run opensc-tool --name
says "Personal Identity Verification Card"

step "the serial number is the card's id"
run opensc-tool --serial
equal "the serial number" "$id" "$(tail -1 <<<"$output" | cut -c1-47 | tr -d ' ' | tr A-F a-f)"
run pkcs15-tool --list-info
says "Serial number  : $id"

step "PIN and PUK"
run pkcs15-tool --list-pins
says "PIN [PIN]"
says "PIN [PIV PUK]"
run pkcs15-tool --verify-pin --auth-id 01 --pin "$TPMVSC_PIN"

step "random numbers"
run opensc-tool --send-apdu 00:87:00:9B:04:7C:02:81:00:00
says "SW1=0x90, SW2=0x00"
run pkcs11-tool --generate-random 64 --output-file "$work/random"
equal "the number of random bytes" 64 "$(wc -c <"$work/random")"
equal "their variety" yes "$([[ $(od -An -v -tx1 -w1 "$work/random" | sort -u | wc -l) -gt 32 ]] && echo yes)"

step "the token"
run pkcs11-tool --list-slots
says "token label        : PIV_II"
says "login required, rng, token initialized, PIN initialized"
run pkcs11-tool --list-mechanisms
says "RSA-PKCS-PSS"
says "ECDSA"

step "certificate and key in pkcs15-tool"
provision 9d RSA2048 crypt
run pkcs15-tool --list-certificates
says "Certificate for Key Management"
run pkcs15-tool --list-keys
says "KEY MAN key"
run pkcs15-tool --read-certificate 03
run openssl x509 -in <(sed -n '/-BEGIN/,/-END/p' <<<"$output") -noout -subject
matches "CN ?= ?crypt"
run pkcs15-tool --read-public-key 03
run openssl pkey -pubin -in <(sed -n '/-BEGIN/,/-END/p' <<<"$output") -outform DER -out "$work/read.der"
run cmp "$work/read.der" <(openssl pkey -pubin -in "$work/crypt.pub" -outform DER)

step "pkcs15-crypt signs and decrypts"
provision 9a RSA2048 auth
openssl dgst -sha256 -binary -out "$work/digest" "$work/auth.pem"
run pkcs15-crypt --sign --key 01 --pin "$TPMVSC_PIN" --sha-256 --pkcs1 --input "$work/digest" \
    --output "$work/signature" --raw
run openssl dgst -sha256 -verify "$work/auth.pub" -signature "$work/signature" "$work/auth.pem"
printf 'a secret' >"$work/secret"
run openssl pkeyutl -encrypt -pubin -inkey "$work/crypt.pub" -in "$work/secret" -out "$work/sealed"
run pkcs15-crypt --decipher --key 03 --pin "$TPMVSC_PIN" --pkcs1 --raw --input "$work/sealed" \
    --output "$work/opened"
run cmp "$work/secret" "$work/opened"
