#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signatures and TLS client certificates: openssl dgst,
# openssl s_client and curl, by the PKCS#11 engine and OpenSC, to a server that
# lets in nobody else.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

make_ca
provision 9a RSA2048 rsa
provision 9d ECCP256 p256
provision 9e ECCP384 p384

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

# signs NAME ARGUMENTS...: a signature by the engine, verified without it.
signs() {
    step "a signature by the engine: $1"
    shift
    run with_engine openssl dgst -sha256 -engine pkcs11 -keyform engine \
        -sign "$(uri 01);type=private" "$@" -out "$work/signature" "$work/ca.pem"
    run openssl dgst -sha256 -verify "$work/rsa.pub" "$@" -signature "$work/signature" "$work/ca.pem"
    says "Verified OK"
}
signs "PKCS#1"
signs "PSS" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1

step "a server for TLS 1.2 and 1.3"
start_server

step "nobody gets in without a certificate"
refused sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 60 openssl s_client -connect 127.0.0.1:$port \
    -CAfile $work/ca.pem -ign_eof -tls1_2"

for version in 1_2 1_3; do
    for key in 01:rsa 03:p256 04:p384; do
        step "s_client, TLS $version, key of \"${key#*:}\""
        run s_client "${key%:*}" "$work/${key#*:}.pem" "-tls$version"
        says "New, TLSv${version/_/.}"
        matches "Subject: CN ?= ?${key#*:}$"
        says "HTTP/1.0 200"
    done
done

for version in 1.2 1.3; do
    for key in 01:rsa 03:p256; do
        step "curl, TLS $version, key of \"${key#*:}\""
        run with_engine curl --silent --show-error --fail "--tlsv$version" --tls-max "$version" \
            --cacert "$work/ca.pem" --engine pkcs11 --key-type ENG \
            --key "$(uri "${key%:*}");type=private" --cert-type ENG \
            --cert "$(uri "${key%:*}");type=cert" "https://localhost:$port/"
        says "TLSv$version"
        matches "Subject: CN ?= ?${key#*:}$"
    done
done

step "a wrong PIN does not get in, and costs one try"
refused s_client 01 "$work/rsa.pem" -tls1_3 -key "pkcs11:id=%01;type=private;pin-value=999999"
equal "the PIN's tries" 2 "$(pin_tries)"
