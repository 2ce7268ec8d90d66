#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/certificate.md on a PIV card, with either kind of key.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
recipe certificate

admin_key=("Admin key" "secret:$TPMVSC_ADMIN_KEY")
pin=("PIN:" "secret:$TPMVSC_PIN")
wrong_pin=("PIN:" "secret:999999")

follow "Be an authority"
follow "Make a key and a request" "${admin_key[@]}" "${pin[@]}"
follow "Make the certificate"
follow "Put it on the card" "${admin_key[@]}"
run openssl verify -CAfile ca.pem jane.pem
run pkcs11-tool --list-objects
says "EC_POINT 256 bits"

step "with RSA"
run tpmvsc key delete 9a --force --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
follow "The same with RSA" "${admin_key[@]}" "${pin[@]}"
follow "Make the certificate"
follow "Put it on the card" "${admin_key[@]}"
run pkcs11-tool --list-objects
says "RSA 2048 bits"

step "a wrong PIN costs one try"
run tpmvsc key delete 9a --force --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
costs_tries 1 follow_to 3 "The same with RSA" "${admin_key[@]}" "${wrong_pin[@]}"

step "without the card"
take_card_away
follow_to 4 "Make a key and a request"
