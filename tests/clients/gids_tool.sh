#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A blank GIDS card from its initialisation by gids-tool on: PIN, admin key, what is refused. Runs in a
# rig without PUK.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"

serial=00112233445566778899aabbccddeeff
pin=24681357
other_pin=97531
admin_key=112233445566778823344556677889913456789abcdef012
other_admin_key=fedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0

initialises() {
    gids --initialize --pin "$1" --admin-key "$2" --serial-number "$3"
}

step "a blank card has no files"
refused gids
says "unable to retrieve the master file: File not found"
refused pkcs15 --list-pins

step "gids-tool initialises it"
run initialises "$pin" "$admin_key" "$serial"
run gids
says "Found 5 entries in the masterfile"
for file in 'cardid' 'cardapps' 'cardcf' 'mscp\cmapfile'; do
    says "$file"
done
says "no container found"
equal "the card's identifier" "$serial" "$(card_identifier)"
run pkcs15 --dump
says "Serial number  : $serial"
says "PIN [UserPIN]"
says_not "PIN [PUK]"

step "with the PIN that was said, and no other"
run verifies "$pin"
refused verifies "$TPMVSC_PIN"
equal "the PIN's tries" 2 "$(pin_tries)"
run verifies "$pin"
equal "the PIN's tries" 3 "$(pin_tries)"

step "a second initialisation is refused and changes nothing"
refused initialises "$other_pin" "$other_admin_key" "${serial//f/0}"
says "Card is invalid or cannot be handled"
equal "the card's identifier" "$serial" "$(card_identifier)"
run verifies "$pin"
logged_out=00200082
answers 6985 "$logged_out" 0024018006313233343536
answers 6982 00DBA01003DF2300
answers 6982 00E000000E620C8201398302A0308C03033000
run gids
says "Found 5 entries in the masterfile"

step "the admin key sets a new PIN, another key does not"
refused gids --unblock --admin-key "$other_admin_key" --pin "$other_pin"
refused gids --unblock --admin-key "$TPMVSC_ADMIN_KEY" --pin "$other_pin"
run verifies "$pin"
run gids --unblock --admin-key "$admin_key" --pin "$other_pin"
says "Unblock PIN done successfully"
run verifies "$other_pin"
refused verifies "$pin"
equal "the PIN's tries" 2 "$(pin_tries)"

step "also when the PIN is blocked"
for left in 1 0; do
    refused verifies "$pin"
    equal "the PIN's tries" "$left" "$(pin_tries)"
done
refused verifies "$other_pin"
run gids --unblock --admin-key "$admin_key" --pin "$pin"
equal "the PIN's tries" 3 "$(pin_tries)"
run verifies "$pin"

step "without the admin key, and without a PUK, nothing resets a PIN"
answers 6982 "$logged_out" 002C0280083131313131313131
answers 6982 "0020008008$(hex "$pin")" 002C0280083131313131313131
answers 6A88 002C00801031323334353637383131313131313131
answers 6A88 00CB3FFF045C027F7300
run verifies "$pin"

step "the admin key is changed by who knows it"
refused gids --change-admin-key --admin-key "$other_admin_key" --new-admin-key "$other_admin_key"
run gids --change-admin-key --admin-key "$admin_key" --new-admin-key "$other_admin_key"
refused gids --unblock --admin-key "$admin_key" --pin "$other_pin"
run gids --unblock --admin-key "$other_admin_key" --pin "$other_pin"
run verifies "$other_pin"

step "whoever guesses it has to wait, but not for ever"
for _ in 1 2 3 4 5; do
    refused gids --unblock --admin-key "$admin_key" --pin "$pin"
done
for attempt in $(seq 60); do
    ! gids --unblock --admin-key "$other_admin_key" --pin "$pin" >"$work/output" 2>&1 || break
    [[ $attempt -lt 60 ]] || fail "the right admin key is refused for good"
    sleep 0.5
done
run verifies "$pin"

step "a card that is made with its files has an identifier of its own, each time anew"
identifiers=("$serial")
for name in second third second; do
    run tpmvsc create --name "$name" --profile gids --generate --pin "file:$TPMVSC_PIN_FILE" \
        --puk none --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
    reader=$(sed -n 's/.*It is in reader "\(.*\)"\.$/\1/p' <<<"$output")
    identifiers+=("$(card_identifier)")
    [[ ${identifiers[-1]} =~ ^[0-9a-f]{32}$ ]] || fail "\"${identifiers[-1]}\" is no identifier"
    run gids
    says "Found 5 entries in the masterfile"
    refused initialises "$pin" "$admin_key" "$serial"
    run verifies "$TPMVSC_PIN"
    run tpmvsc destroy "$name" --force
done
equal "the number of different identifiers" 4 "$(printf '%s\n' "${identifiers[@]}" | sort -u | wc -l)"
