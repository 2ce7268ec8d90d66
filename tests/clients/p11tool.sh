#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# GnuTLS: p11tool, certtool and gnutls-cli with keys on the card, by OpenSC's PKCS#11 module.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

module=$(pkcs11_module opensc-pkcs11.so)
export GNUTLS_PIN=$TPMVSC_PIN
p11tool() { command p11tool --provider "$module" "$@"; }

provision 9a RSA2048 rsa
provision 9d ECCP256 ec

step "the token and what is on it"
run p11tool --list-tokens
says "manufacturer=piv_II"
token=$(sed -n 's/^[[:space:]]*URL: \(pkcs11:.*piv_II.*\)$/\1/p' <<<"$output" | head -1)
run p11tool --list-all-certs "$token"
says "X.509 Certificate"
run p11tool --login --list-privkeys "$token"
equal "the number of private keys" 2 "$(grep -c "Type: Private key" <<<"$output")"

step "a certificate is exported"
run p11tool --export "$token;id=%01;type=cert" --outfile "$work/read.pem"
equal "the certificate" "$(openssl x509 -in "$work/rsa.pem" -noout -fingerprint)" \
    "$(openssl x509 -in "$work/read.pem" -noout -fingerprint)"

step "both keys are tried by signing"
run p11tool --login --test-sign "$token;id=%01;type=private"
says "Verifying against public key in the token... ok"
run p11tool --login --test-sign "$token;id=%03;type=private"
says "ok"

step "random numbers"
run p11tool --generate-random 32 --outfile "$work/random" "$token"

step "certtool signs a certificate request"
run certtool --provider "$module" --generate-request --load-privkey "$token;id=%01;type=private" \
    --template <(echo 'cn = "asked"') --outfile "$work/request.pem"
run openssl req -in "$work/request.pem" -noout -verify -subject
matches "CN ?= ?asked"

step "gnutls-cli gets in with the card's key, by TLS 1.2 and 1.3"
start_server
for version in 1.2 1.3; do
    for key in 01:rsa 03:ec; do
        printf 'GET / HTTP/1.0\r\n\r\n' >"$work/request"
        run timeout 60 gnutls-cli --provider "$module" --port "$port" --x509cafile "$work/ca.pem" \
            --priority "NORMAL:-VERS-ALL:+VERS-TLS$version" \
            --x509keyfile "$token;id=%${key%:*};type=private" --x509certfile "$work/${key#*:}.pem" \
            localhost <"$work/request"
        says "Description: (TLS$version"
        matches "Subject: CN ?= ?${key#*:}$"
        says "HTTP/1.0 200"
    done
done
