#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc pin change", "puk change" and "admin-key change" on a card with the well-known values.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# secret NAME TEXT: a file with a secret in it; gives the source to say.
secret() {
    (umask 077 && printf '%s\n' "$2" >"$work/$1")
    echo "file:$work/$1"
}
old_pin=file:$TPMVSC_PIN_FILE
old_puk=file:$TPMVSC_PUK_FILE
old_key=file:$TPMVSC_ADMIN_KEY_FILE

step "help"
for noun in pin puk admin-key; do
    exits 0 tpmvsc "$noun" --help
    grep -q "change" <<<"$result" || fail "the verb is not in the help of $noun"
    exits 0 tpmvsc "$noun" change --help
    grep -q "^Examples:" <<<"$result" || fail "no examples in the help of $noun change"
    exits 2 tpmvsc "$noun"
    one_sentence
    says "tpmvsc $noun --help"
    exits 2 tpmvsc "$noun" change --frob
    says "tpmvsc $noun change --help"
done

step "the PIN"
exits 0 tpmvsc pin change --pin "$old_pin" --new-pin "$(secret pin2 24681357)"
equal "the result" 'The PIN of card "Card 1" is changed.' "$result"
refused ykpiv -a verify-pin "-P$TPMVSC_PIN"
run ykpiv -a verify-pin -P24681357
equal "tries" 3 "$(pin_tries)"

step "a wrong PIN costs one try, and says so"
exits 3 tpmvsc pin change --pin "$old_pin" --new-pin "$(secret pin3 97531864)"
one_sentence
equal "the sentence" "tpmvsc: wrong PIN: 2 tries left" "$output"
equal "tries" 2 "$(pin_tries)"
exits 3 tpmvsc pin change --pin default --new-pin "file:$work/pin3"
says "no try is lost"
exits_with_input 3 $'123\n' tpmvsc pin change --pin - --new-pin "file:$work/pin3"
says "no try is lost"
equal "tries" 2 "$(pin_tries)"

step "a new PIN that cannot be"
exits_with_input 2 $'12345\n' tpmvsc pin change --pin "file:$work/pin2" --new-pin -
says "6 to 8 characters"
exits 2 tpmvsc pin change --pin "file:$work/pin2" --new-pin 97531864
says_not 97531864
equal "tries" 2 "$(pin_tries)"

step "random values are shown once"
exits 0 tpmvsc pin change --pin "file:$work/pin2" --new-pin random --json
pin=$(json 'it["secrets"]["pin"]')
equal "what changed" "pin Card 1 []" "$(json 'it["changed"], it["card"]["name"], it["warnings"]' | tr -d "()',")"
equal "tries" 3 "$(pin_tries)"
run ykpiv -a verify-pin "-P$pin"

step "what was shown to the card is not left open for others"
exits 0 tpmvsc pin change --pin "$(secret pin "$pin")" --new-pin "file:$work/pin2"
status=$(opensc-tool --reader "$TPMVSC_READER" --card-driver default --send-apdu 00:A4:04:00:05:A0:00:00:03:08 \
    --send-apdu 00:20:00:80 2>&1 | grep -o 'SW1=0x.., SW2=0x..' | tail -1)
equal "the status of the PIN" "SW1=0x63, SW2=0xC3" "$status"

step "on a terminal"
types 0 "PIN: " "secret:24681357" "New PIN: " "secret:7135" "New PIN: " "secret:86427531" \
    "New PIN again: " "secret:86427531" -- tpmvsc pin change
says "6 to 8 characters"
run ykpiv -a verify-pin -P86427531

step "the PUK"
exits 3 tpmvsc puk change --puk "$(secret wrong 00000000)" --new-puk random
equal "the sentence" "tpmvsc: wrong PUK: 2 tries left" "$output"
exits 0 tpmvsc puk change --puk "$old_puk" --new-puk "$(secret puk2 13572468)"
equal "the result" 'The PUK of card "Card 1" is changed.' "$result"
equal "tries" 3 "$(puk_tries)"
run ykpiv -a unblock-pin -P13572468 -N86427531

step "the admin key"
exits 3 tpmvsc admin-key change --admin-key "$(secret key 0102030405060708010203040506070801020304050607aa)" \
    --new-admin-key random
equal "the sentence" "tpmvsc: wrong admin key" "$output"
exits 3 tpmvsc admin-key change --admin-key "$(secret short 0102)" --new-admin-key random
one_sentence
exits 0 tpmvsc admin-key change --admin-key "$old_key" --new-admin-key random --algorithm aes256 --json
key=$(json 'it["secrets"]["admin_key"]')
equal "its length" 64 "${#key}"
equal "the card's word" aes256 "$(card_fact 'card["admin_key"]["algorithm"]')"
exits 3 tpmvsc admin-key change --admin-key default --new-admin-key random
for algorithm in aes128 aes192 tdes; do
    exits 0 tpmvsc admin-key change --admin-key "$(secret key "$key")" --new-admin-key random \
        --algorithm "$algorithm" --json
    key=$(json 'it["secrets"]["admin_key"]')
done
run ykpiv "-k$key" -a generate -s 9a -A ECCP256 -o "$work/key.pub"
exits 0 tpmvsc admin-key change --admin-key "$(secret key "$key")" --new-admin-key default
says "well-known"

step "blocked"
for left in "2 tries left" "1 try left" "that was the last try"; do
    exits 3 tpmvsc pin change --pin "file:$work/wrong" --new-pin random
    says "$left"
done
says "tpmvsc unblock"
exits 3 tpmvsc pin change --pin "file:$work/wrong" --new-pin random
one_sentence
says "blocked"
says "tpmvsc unblock"

step "a GIDS card"
exits 0 tpmvsc create --name windows --profile gids --generate --pin default --puk random --admin-key default --json
puk=$(json 'it["secrets"]["puk"]')
gids=(--card windows)
gids_reader=$(tpmvsc info windows --json 2>/dev/null | python3 -c 'import json,sys; print(json.load(sys.stdin)["reader"])')
exits 0 tpmvsc pin change "${gids[@]}" --pin default --new-pin "$(secret long 'a longer one 24')"
equal "the result" 'The PIN of card "windows" is changed.' "$result"
run pkcs15-tool --reader "$gids_reader" --verify-pin --pin 'a longer one 24'
exits 3 tpmvsc pin change "${gids[@]}" --pin "file:$work/pin2" --new-pin random
equal "the sentence" "tpmvsc: wrong PIN: 2 tries left" "$output"
exits 0 tpmvsc puk change "${gids[@]}" --puk "$(secret puk "$puk")" --new-puk "$(secret puk3 87654321987)"
exits 0 tpmvsc unblock "${gids[@]}" --puk "file:$work/puk3" --new-pin "file:$work/pin2"
exits 3 tpmvsc admin-key change "${gids[@]}" --admin-key "file:$work/key" --new-admin-key random
equal "the sentence" "tpmvsc: wrong admin key" "$output"
exits 5 tpmvsc admin-key change "${gids[@]}" --admin-key default --new-admin-key random --algorithm aes128
one_sentence
exits 0 tpmvsc admin-key change "${gids[@]}" --admin-key default --new-admin-key random --json
key=$(json 'it["secrets"]["admin_key"]')
exits 0 tpmvsc admin-key change "${gids[@]}" --admin-key "$(secret key "$key")" --new-admin-key "$old_key" --json
exits 0 tpmvsc destroy windows --force

step "anybody may, and which card is meant must be clear"
if can_be_anybody; then
    chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
    exits_with_input 0 $'13572468\n24681357\n' as_anybody tpmvsc puk change --puk - --new-puk -
fi
exits 1 tpmvsc pin change --card nobody --pin default --new-pin random
one_sentence
exits 2 tpmvsc pin change --card "Card 1" --reader "$TPMVSC_READER" --pin default --new-pin random
exits 4 tpmvsc pin change --reader "No such reader" --pin default --new-pin random
one_sentence
create second 2>/dev/null >/dev/null
exits 2 tpmvsc pin change --pin default --new-pin random
one_sentence
says "second"
exits 0 tpmvsc pin change --card second --pin default --new-pin random

step "without pcscd"
"$TPMVSC_RIG_CTL" stop-pcscd
exits 4 tpmvsc pin change --card second --pin default --new-pin random
one_sentence
says "pcscd is not running"
