#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# yubico-piv-tool's commands for YubiKeys only: import, attestation, management key, tries, reset.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

key="-k$TPMVSC_ADMIN_KEY"

step "version"
run ykpiv -a version
says "Application version 5.4.3 found."

# imports SLOT ALGORITHM OPENSSL-ARGUMENTS...: key and certificate from outside, tested by the tool.
imports() {
    local slot=$1 algorithm=$2
    shift 2
    step "import of $algorithm into $slot"
    run openssl req -x509 -nodes -days 2 -subj "/CN=imported" -keyout "$work/in.key" \
        -out "$work/in.pem" "$@"
    run ykpiv "$key" -a import-key -s "$slot" -A "$algorithm" -i "$work/in.key"
    run ykpiv -a verify-pin "-P$TPMVSC_PIN" -a test-signature -s "$slot" -i "$work/in.pem"
    says Successful
}
imports 9a RSA2048 -newkey rsa:2048
imports 9d RSA2048 -newkey rsa:2048
run ykpiv -a verify-pin "-P$TPMVSC_PIN" -a test-decipher -s 9d -i "$work/in.pem"
says "Successfully performed RSA decryption"
imports 9e ECCP256 -newkey ec -pkeyopt ec_paramgen_curve:P-256
imports 95 ECCP384 -newkey ec -pkeyopt ec_paramgen_curve:P-384
imports 84 RSA1024 -newkey rsa:1024

step "import without the management key is refused"
refused ykpiv "-k${TPMVSC_ADMIN_KEY%08}18" -a import-key -s 9a -i "$work/in.key"

step "PIN policies"
run ykpiv "$key" -a generate -s 9c -A ECCP256 --pin-policy never -o "$work/free.pub"
issue_certificate "$work/free.pub" free "$work/free.pem"
run ykpiv -a test-signature -s 9c -i "$work/free.pem"
says "Successful ECDSA verification"
refused ykpiv "$key" -a generate -s 9c -A ECCP256 --touch-policy always -o "$work/no.pub"

step "attestation"
run ykpiv -a attest -s 9c
echo "$output" >"$work/attestation.pem"
run ykpiv -a read-certificate -s f9
echo "$output" >"$work/f9.pem"
run openssl verify -CAfile "$work/f9.pem" "$work/attestation.pem"
equal "the attested key" "$(cat "$work/free.pub")" "$(openssl x509 -in "$work/attestation.pem" -noout -pubkey)"
refused ykpiv -a attest -s 9a

step "another management key"
new_key=A1B2C3D4E5F60718293A4B5C6D7E8F900F1E2D3C4B5A6978
run ykpiv "$key" -a set-mgm-key -n "$new_key"
refused ykpiv "$key" -a set-chuid
run ykpiv "-k$new_key" -a set-chuid
run ykpiv "-k$new_key" -a set-mgm-key -n "$TPMVSC_ADMIN_KEY"

step "other limits"
run ykpiv "$key" -a verify-pin "-P$TPMVSC_PIN" -a pin-retries --pin-retries 6 --puk-retries 4
equal "the PIN's tries" 6 "$(pin_tries)"
equal "the PUK's tries" 4 "$(puk_tries)"

step "reset is refused until PIN and PUK are blocked"
refused ykpiv -a reset
for _ in 1 2 3 4 5 6; do refused ykpiv -a verify-pin -P000000; done
refused ykpiv -a reset
for _ in 1 2 3 4; do refused ykpiv -a unblock-pin -P00000000 -N111111; done
run ykpiv -a reset
run ykpiv -a verify-pin "-P$TPMVSC_PIN"
refused ykpiv -a test-signature -s 9c -i "$work/free.pem"
