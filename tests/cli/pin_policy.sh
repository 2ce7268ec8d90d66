#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc pin set-policy": other rules for new PINs, on a card of each profile; and "pin unblock".
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
exits 0 create piv --pin-history 2
exits 0 create gids --profile gids --generate
rule() { json "it['pin_rules']['$1']"; }
umask 077
echo 00000000000000000000000000000000000000000000AAAA >"$work/wrong"
echo 739164 >"$work/six"
echo 73916482 >"$work/eight"

for card in piv gids; do
    step "$card: nothing said, nothing possible, a wrong key: nothing changed"
    exits 2 tpmvsc pin set-policy --card $card "${admin[@]}"
    one_sentence
    exits 2 tpmvsc pin set-policy --card $card --pin-min-length 200 "${admin[@]}"
    one_sentence
    exits 2 tpmvsc pin set-policy --card $card --pin-inactivity 2h --pin-session 1h "${admin[@]}"
    one_sentence
    exits 5 tpmvsc pin set-policy --card $card --pin-history 5 "${admin[@]}"
    one_sentence
    exits 3 tpmvsc pin set-policy --card $card --pin-min-length 8 --admin-key "file:$work/wrong"
    one_sentence
    exits 0 tpmvsc info $card --json
    equal "shortest" None "$(rule min_length)"

    step "$card: rules that are named change, the others stay"
    exits 0 tpmvsc pin set-policy --card $card --pin-min-length 8 --pin-session 1h "${admin[@]}"
    remembered=""
    [[ $card == gids ]] || remembered=", none of the last 2"
    equal "the result" "The rules for new PINs of card \"$card\" are changed: at least 8 characters$remembered." "$result"
    exits 0 tpmvsc pin set-policy --card $card --pin-no-trivial "${admin[@]}" --json
    equal "in JSON" "8 True" "$(json 'it["pin_rules"]["min_length"], it["pin_rules"]["no_trivial"]' | tr -d "(),'")"
    exits 0 tpmvsc info $card --json
    equal "the session" 3600 "$(json 'it["pin_session"]["seconds"]')"

    exits 0 tpmvsc pin set-policy --card $card --pin-session 0 "${admin[@]}"
    exits 0 tpmvsc info $card --json
    equal "whose the session's length is" driver "$(json 'it["pin_session"]["from"]')"
    exits 2 tpmvsc pin set-policy --card $card --pin-session "" "${admin[@]}"
    one_sentence

    step "$card: the PIN stays, and a new one keeps them"
    exits 2 tpmvsc pin change --card $card --pin "file:$TPMVSC_PIN_FILE" --new-pin "file:$work/six"
    one_sentence
    exits 0 tpmvsc pin unblock --card $card --puk "file:$TPMVSC_PUK_FILE" --new-pin "file:$work/eight"
    exits 0 tpmvsc pin set-policy --card $card --pin-min-length 0 --pin-no-trivial=false "${admin[@]}"
    exits 0 tpmvsc info $card --json
    equal "shortest" None "$(rule min_length)"
done

step "the history goes on as it was"
exits 0 tpmvsc info piv --json
equal "remembered" 2 "$(rule history)"
