#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's PKCS#11 module and elliptic curve keys: ECDSA and ECDH on P-256 and P-384.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

head -c 1000 /dev/urandom >"$work/data"

# signs ID PUBLIC DIGEST: raw ECDSA over a digest made here.
signs() {
    local id=$1 public=$2 digest=$3
    step "ECDSA over $digest with key $id"
    run openssl dgst "-$digest" -binary -out "$work/digest" "$work/data"
    run p11 --login --sign --mechanism ECDSA --signature-format openssl --id "$id" \
        --input-file "$work/digest" --output-file "$work/signature"
    run openssl pkeyutl -verify -pubin -inkey "$public" -in "$work/digest" \
        -sigfile "$work/signature"
    says "Verified Successfully"
}

# derives ID PUBLIC CURVE: the card and OpenSSL come to the same secret.
derives() {
    local id=$1 public=$2 curve=$3
    step "ECDH with key $id on $curve"
    run openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -out "$work/peer.key"
    run openssl pkey -in "$work/peer.key" -pubout -outform DER -out "$work/peer.pub"
    run p11 --login --derive --mechanism ECDH1-DERIVE --id "$id" --input-file "$work/peer.pub" \
        --output-file "$work/by-card"
    run openssl pkeyutl -derive -inkey "$work/peer.key" -peerkey "$public" -out "$work/by-openssl"
    run cmp "$work/by-card" "$work/by-openssl"
}

step "P-256 in 9A and 9E, P-384 in 9C and 9D"
provision 9a ECCP256 auth
provision 9c ECCP384 sign
provision 9d ECCP384 crypt
provision 9e ECCP256 open

step "they show up"
run p11 --login --list-objects --type privkey
equal "the number of private keys" 4 "$(grep -c "Private Key Object; EC" <<<"$output")"

signs 01 "$work/auth.pub" sha256
signs 01 "$work/auth.pub" sha1
signs 02 "$work/sign.pub" sha384
signs 02 "$work/sign.pub" sha256

step "many signatures in a row: some have short numbers in them"
run openssl dgst -sha256 -binary -out "$work/digest" "$work/data"
for _ in $(seq 20); do
    run p11 --login --sign --mechanism ECDSA --signature-format openssl --id 01 \
        --input-file "$work/digest" --output-file "$work/signature"
    run openssl pkeyutl -verify -pubin -inkey "$work/auth.pub" -in "$work/digest" \
        -sigfile "$work/signature"
done

derives 03 "$work/crypt.pub" P-384
derives 01 "$work/auth.pub" P-256

step "the key in 9E works without a PIN, the one in 9A does not"
run ykpiv -a test-signature -s 9e -i "$work/open.pem"
says "Successful ECDSA verification"
refused ykpiv -a test-signature -s 9a -i "$work/auth.pem"
run ykpiv -a verify-pin -a test-signature -s 9a -i "$work/auth.pem" "-P$TPMVSC_PIN"
says "Successful ECDSA verification"
