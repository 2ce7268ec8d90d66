#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Destroying cards: which one is meant, the question before, and what is gone afterwards.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

nv_indices() {
    exits 0 tpmvsc doctor --json
    json 'it["tpm"]["nv_indices"]'
}
cards() {
    exits 0 tpmvsc list --json
    json '[card["name"] for card in it["cards"]]'
}

reader_of() { echo "TPM Virtual Smart Card 00 0$1"; }

before=$(nv_indices)
exits 0 create laptop --json
serial=$(json 'it["serial"]')
exits 0 create "for tests" --json
id=$(json 'it["id"]')
exits 0 create 1 --json

step "one that is not there"
exits 1 tpmvsc destroy nobody --force
one_sentence
says "there is no card"

step "one that could be two: slot 1 and the card called 1"
exits 2 tpmvsc destroy 1 --force
one_sentence
says "could mean"
equal "the cards" "['laptop', 'for tests', '1']" "$(cards)"

step "nobody to ask, and no --force"
exits 2 timeout 20 tpmvsc destroy laptop
one_sentence
says "--force"

step "not confirmed"
# The card can be used meanwhile, although a software TPM serves one program at a time.
use="timeout 30 yubico-piv-tool -r '$(reader_of 0)' -a verify-pin -P$TPMVSC_PIN"
types 1 'Type "laptop" to destroy it' "run:$use" "" yes -- tpmvsc destroy laptop
says "nothing was destroyed"
says "Nothing brings them back"
equal "the cards" "['laptop', 'for tests', '1']" "$(cards)"

step "confirmed"
reader=$(reader_of 0) provision 9a ECCP256 alice
types 0 'Type "laptop" to destroy it' laptop -- tpmvsc destroy "$serial"
says "Its 1 private key will be gone for good"
says "Destroyed card \"laptop\""
equal "the cards" "['for tests', '1']" "$(cards)"
run opensc-tool --list-readers
says "No              TPM Virtual Smart Card 00 00"

step "by id, in JSON"
exits 0 tpmvsc destroy "$id" --force --json
equal "the name" "for tests" "$(json 'it["destroyed"]["name"]')"
equal "what remains" "[]" "$(json 'it["destroyed"]["remains"]')"

step "by slot"
exits 0 tpmvsc destroy 2 --force
equal "the cards" "[]" "$(cards)"

step "nothing is left, in the TPM neither"
equal "the folders" "" "$(ls -A "$TPMVSC_STATE/cards")"
equal "the TPM's indices" "$before" "$(nv_indices)"

step "a destroyed card's slot is used again"
exits 0 create again --json
equal "the slot" 0 "$(json 'it["slot"]')"

step "a card whose files are damaged can be destroyed by its id"
id=$(json 'it["id"]')
printf 'nonsense' >"$TPMVSC_STATE/cards/$id/identity"
exits 0 tpmvsc list --json
equal "a problem is told" True "$(json 'len(it["cards"][0]["problem"]) > 0')"
exits 0 tpmvsc destroy "$id" --force
equal "the cards" "[]" "$(cards)"
