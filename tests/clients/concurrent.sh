#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several programs at once on one card, and two cards at once: every signature is right, no PIN is lost.
# Runs in a rig with two cards.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=8
first=$TPMVSC_READER
second=${TPMVSC_READER% *}\ 01
head -c 32 /dev/urandom >"$work/digest"

# sign_once TOKEN FILE: logs in and signs; the signature must verify.
sign_once() {
    pkcs11-tool --token-label "$1" --pin env:TPMVSC_PIN --login --sign --mechanism ECDSA \
        --signature-format openssl --id 01 --input-file "$work/digest" --output-file "$2" &&
        openssl pkeyutl -verify -pubin -inkey "$work/$1.pub" -in "$work/digest" -sigfile "$2"
}

# signs TOKEN ROUNDS
signs() {
    local token=$1 file
    for round in $(seq "$2"); do
        file=$work/$token.$BASHPID.$round
        if ! sign_once "$token" "$file" >"$file.log" 2>&1; then
            sed "s/^/    $token, round $round: /" "$file.log" >&2
            return 1
        fi
    done
}

# all_end: every job in the background has ended well.
all_end() {
    local job
    for job in "$@"; do
        wait "$job" || fail "one of those at work at the same time failed"
    done
}

step "two cards, told apart by their certificates"
reader=$first provision 9a ECCP256 alice
reader=$second provision 9a ECCP256 bob
[[ $(reader=$first card_fact 'card["id"]') != $(reader=$second card_fact 'card["id"]') ]] ||
    fail "both cards have the same id"
run pkcs11-tool --list-token-slots
says "token label        : alice"
says "token label        : bob"

step "three programs on one card"
signs alice "$rounds" & one=$!
signs alice "$rounds" & two=$!
signs alice "$rounds" & three=$!
all_end "$one" "$two" "$three"

step "two cards at the same time"
signs alice "$rounds" & one=$!
signs bob "$rounds" & two=$!
all_end "$one" "$two"

step "a key of one card does not sign for the other"
run pkcs11-tool --token-label bob --pin env:TPMVSC_PIN --login --sign --mechanism ECDSA \
    --signature-format openssl --id 01 --input-file "$work/digest" --output-file "$work/signature"
refused openssl pkeyutl -verify -pubin -inkey "$work/alice.pub" -in "$work/digest" \
    -sigfile "$work/signature"

step "one makes a key while the other signs"
(
    reader=$second
    for _ in 1 2 3; do
        ykpiv "-k$TPMVSC_ADMIN_KEY" -a generate -s 9d -A RSA2048 >"$work/generate.log" 2>&1 || exit 1
    done
) & one=$!
signs alice "$rounds" & two=$!
all_end "$one" "$two"

step "the tool asks while others sign"
signs alice "$rounds" & one=$!
for _ in 1 2 3; do run tpmvsc list; done
all_end "$one"

step "wrong PINs on one card are no business of the other"
refused pkcs11-tool --token-label alice --login --pin 999999 --list-objects
equal "Alice's tries" 2 "$(reader=$first pin_tries)"
equal "Bob's tries" 3 "$(reader=$second pin_tries)"
