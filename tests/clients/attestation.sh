#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a card attests of its keys, verified by somebody who has the two certificates and
# doc/attestation.md. Runs in a rig with two cards.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

verifier=$(dirname "$0")/attestation_verifier.py
second="${TPMVSC_READER% *} 01"

step "the authorities of two cards"
run ykpiv -a read-certificate -s f9 -o "$work/f9.pem"
reader=$second run ykpiv -a read-certificate -s f9 -o "$work/other-f9.pem"
run openssl verify -check_ss_sig -CAfile "$work/f9.pem" "$work/f9.pem"

# attested SLOT ALGORITHM POLICY KIND PIN: makes a key; its statement is to prove KIND and PIN.
attested() {
    step "$2 in $1, PIN $3"
    run ykpiv "-k$TPMVSC_ADMIN_KEY" -a generate -s "$1" -A "$2" --pin-policy "$3" -o "$work/$1.pub"
    run ykpiv -a attest -s "$1" -o "$work/$1.pem"
    run openssl verify -CAfile "$work/f9.pem" "$work/$1.pem"
    run "$verifier" --spoil "$work/$1.pem" "$work/f9.pem"
    says "key: $4, made in a TPM, cannot leave it"
    says "PIN: $5"
    matches "spoiled: [4-9][0-9]{2} changes, all noticed"
    equal "the attested key" "$(cat "$work/$1.pub")" \
        "$(openssl x509 -in "$work/$1.pem" -noout -pubkey)"
}
attested 9a RSA2048 once RSA-2048 "counted by the TPM, wanted once"
attested 9c ECCP256 always secp256r1 "counted by the TPM, wanted always"
attested 9d ECCP384 once secp384r1 "counted by the TPM, wanted once"
attested 9e ECCP256 never secp256r1 "not wanted"

step "refused: another card's authority, a certificate that attests nothing"
refused "$verifier" "$work/9a.pem" "$work/other-f9.pem"
says "not issued by this authority"
refused "$verifier" "$work/f9.pem" "$work/f9.pem"
says "refused"

step "with a certificate for the attestation key from an authority of one's own"
make_ca
run openssl x509 -new -force_pubkey <(openssl x509 -in "$work/f9.pem" -noout -pubkey) -subj "/CN=Our cards" \
    -days 2 -CA "$work/ca.pem" -CAkey "$work/ca.key" -out "$work/our-f9.pem" \
    -extfile <(printf '%s\n' basicConstraints=critical,CA:TRUE,pathlen:0)
store_certificate f9 "$work/our-f9.pem"
run ykpiv -a attest -s 9a -o "$work/9a.pem"
run "$verifier" "$work/9a.pem" "$work/our-f9.pem"
run openssl verify -CAfile "$work/ca.pem" -untrusted "$work/our-f9.pem" "$work/9a.pem"
refused "$verifier" "$work/9a.pem" "$work/f9.pem"
says "names another authority"
