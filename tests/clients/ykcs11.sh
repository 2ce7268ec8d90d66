#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Programs that look for a YubiKey's reader name: ykman without --reader, yubico-piv-tool without -r, and
# Yubico's PKCS#11 module (libykcs11 2.2.0, which has no other way). Runs in a rig with the reader alias
# of doc/clients.md, and one slot.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

serial=$(card_fact 'card["serial"]')
module=$(pkcs11_module libykcs11.so)
yk11() { pkcs11-tool --module "$module" "$@"; }
yk11_in() { yk11 --login --pin "$TPMVSC_PIN" "$@"; }

step "ykman finds the card by itself and by its serial number"
run ykman list --serials
equal "the serial numbers" "$serial" "$output"
run ykman info
says "Serial number: $serial"
run ykman --device "$serial" piv info
matches "PIV version: +5\.4\.3"
refused ykman --device 1 piv info

step "and works with it"
run ykman piv keys generate --management-key "$TPMVSC_ADMIN_KEY" --algorithm ECCP256 83 "$work/83.pub"
run ykman piv certificates generate --management-key "$TPMVSC_ADMIN_KEY" --pin "$TPMVSC_PIN" \
    --subject "CN=made without saying where" 83 "$work/83.pub"
run ykman piv certificates export 83 "$work/83.pem"
run openssl verify -check_ss_sig -CAfile "$work/83.pem" "$work/83.pem"
equal "the key" "$(cat "$work/83.pub")" "$(openssl x509 -in "$work/83.pem" -noout -pubkey)"
run ykman piv access change-pin --pin "$TPMVSC_PIN" --new-pin 739164
run ykman piv access change-pin --pin 739164 --new-pin "$TPMVSC_PIN"

step "so does yubico-piv-tool"
run yubico-piv-tool -a status
says "Version:	5.4.3"
says "Serial Number:	$serial"

step "the module's token"
run yk11 --list-slots
says "token label        : YubiKey PIV #$serial"
run yk11 --list-mechanisms
says "RSA-PKCS-PSS"

step "keys and certificates"
provision 9a RSA2048 auth
provision 9c ECCP256 sign
provision 9d ECCP384 crypt
run yk11_in --list-objects --type privkey
says "Private key for PIV Authentication"
says "Private key for Digital Signature"
run yk11 --list-objects --type cert
says "X.509 Certificate for Key Management"
run yk11 --read-object --type cert --id 01 --output-file "$work/read.der"
run cmp "$work/read.der" <(openssl x509 -in "$work/auth.pem" -outform DER)

head -c 1000 /dev/urandom >"$work/data"
openssl dgst -sha256 -binary -out "$work/digest" "$work/data"

step "RSA signatures, PKCS#1 and PSS"
run yk11_in --sign --mechanism SHA256-RSA-PKCS --id 01 --input-file "$work/data" \
    --output-file "$work/signature"
run openssl dgst -sha256 -verify "$work/auth.pub" -signature "$work/signature" "$work/data"
run yk11_in --sign --mechanism SHA256-RSA-PKCS-PSS --id 01 --input-file "$work/data" \
    --output-file "$work/signature"
run openssl dgst -sha256 -verify "$work/auth.pub" -sigopt rsa_padding_mode:pss \
    -signature "$work/signature" "$work/data"

step "ECDSA with a key that wants the PIN each time"
run yk11_in --sign --mechanism ECDSA --signature-format openssl --id 02 \
    --input-file "$work/digest" --output-file "$work/signature"
run openssl pkeyutl -verify -pubin -inkey "$work/sign.pub" -in "$work/digest" \
    -sigfile "$work/signature"

step "decryption"
provision 82 RSA2048 old
printf 'for the card only' >"$work/secret"
run openssl pkeyutl -encrypt -pubin -inkey "$work/old.pub" -in "$work/secret" -out "$work/sealed"
run yk11_in --decrypt --mechanism RSA-PKCS --id 05 --input-file "$work/sealed" \
    --output-file "$work/opened"
run cmp "$work/secret" "$work/opened"

step "ECDH"
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$work/peer.key"
run openssl pkey -in "$work/peer.key" -pubout -outform DER -out "$work/peer.pub"
run yk11_in --derive --mechanism ECDH1-DERIVE --id 03 --input-file "$work/peer.pub" \
    --output-file "$work/by-card"
run openssl pkeyutl -derive -inkey "$work/peer.key" -peerkey "$work/crypt.pub" -out "$work/by-openssl"
run cmp "$work/by-card" "$work/by-openssl"

step "the module makes a key and takes one from outside, as the security officer"
so() { yk11 --login --login-type so --so-pin "$TPMVSC_ADMIN_KEY" "$@"; }
run so --keypairgen --key-type EC:prime256v1 --id 04
run yubico-piv-tool -a read-certificate -s 9e
says "BEGIN CERTIFICATE"

step "the PIN is changed by the module"
run yk11 --change-pin --pin "$TPMVSC_PIN" --new-pin 739164
refused yk11_in --list-objects --type privkey
equal "the PIN's tries" 2 "$(pin_tries)"
