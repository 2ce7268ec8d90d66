#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TLS client certificates and encrypted mail with a GIDS card: OpenSSL and curl by the PKCS#11 engine
# and OpenSC.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"

provision_gids 2048 alice
alice=$id
provision_gids 2048 bob

# uri ID: the key, or with the same id the certificate.
uri() { echo "pkcs11:id=%$1;pin-value=$TPMVSC_PIN"; }

# s_client ID CERTIFICATE ARGUMENTS...
s_client() {
    local id=$1 certificate=$2
    shift 2
    printf 'GET / HTTP/1.0\r\n\r\n' | with_engine openssl s_client -connect "127.0.0.1:$port" \
        -CAfile "$work/ca.pem" -verify_return_error -servername localhost -engine pkcs11 \
        -keyform engine -key "$(uri "$id");type=private" -cert "$certificate" -ign_eof "$@"
}

step "a server for TLS 1.2 that asks for PKCS#1 signatures: OpenSC's GIDS driver has no PSS"
server_options=(-tls1_2 -client_sigalgs RSA+SHA256:RSA+SHA384)
start_server

step "nobody gets in without a certificate"
refused sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 60 openssl s_client -connect 127.0.0.1:$port \
    -CAfile $work/ca.pem -ign_eof"

for key in "$alice:alice" "$id:bob"; do
    step "s_client, key of \"${key#*:}\""
    run s_client "${key%:*}" "$work/${key#*:}.pem"
    says "New, TLSv1.2"
    matches "Subject: CN ?= ?${key#*:}$"
    says "HTTP/1.0 200"
done

step "a key that is not the certificate's does not get in"
refused s_client "$alice" "$work/bob.pem"

step "curl"
run with_engine curl --silent --show-error --fail --cacert "$work/ca.pem" --engine pkcs11 \
    --key-type ENG --key "$(uri "$id");type=private" --cert-type ENG --cert "$(uri "$id");type=cert" \
    "https://localhost:$port/"
says "TLSv1.2"
matches "Subject: CN ?= ?bob$"

step "a wrong PIN does not get in, and costs one try"
refused s_client "$alice" "$work/alice.pem" -key "pkcs11:id=%$alice;type=private;pin-value=999999"
equal "the PIN's tries" 2 "$(pin_tries)"

# decrypts ID CERTIFICATE: what was mailed, by the engine.
decrypts() {
    with_engine openssl cms -decrypt -in "$work/mail" -recip "$2" -engine pkcs11 -keyform engine \
        -inkey "$(uri "$1");type=private" -out "$work/read"
}

step "mail that is encrypted to the card's certificate"
head -c 3000 /dev/urandom | base64 >"$work/letter"
run openssl cms -encrypt -aes-256-cbc -binary -in "$work/letter" -out "$work/mail" "$work/alice.pem"
run decrypts "$alice" "$work/alice.pem"
run cmp "$work/letter" "$work/read"

step "is not for the other key"
rm "$work/read"
decrypts "$id" "$work/bob.pem" >"$work/output" 2>&1 || true
refused cmp "$work/letter" "$work/read"

step "mail that is signed by the card"
run with_engine openssl cms -sign -in "$work/letter" -binary -signer "$work/alice.pem" -engine pkcs11 \
    -keyform engine -inkey "$(uri "$alice");type=private" -out "$work/signed"
run openssl cms -verify -in "$work/signed" -binary -CAfile "$work/ca.pem" -purpose any -out "$work/read"
run cmp "$work/letter" "$work/read"
