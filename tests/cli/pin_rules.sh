#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Rules for PINs and logins: what create takes and refuses, what info tells, and that the card keeps them
# whatever program changes the PIN.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# refused_rules SENTENCE ARGUMENTS...: create says so before it asks or makes anything.
refused_rules() {
    local sentence=$1
    shift
    exits 2 create impossible "$@"
    one_sentence
    says "$sentence"
}

step "rules that no card of the profile can keep"
refused_rules "a PIV card's PIN has 6 to 8 characters" --pin-min-length 5
refused_rules "a PIV card's PIN has 6 to 8 characters" --pin-max-length 9
refused_rules "a GIDS card's PIN has 4 to 127 characters" --profile gids --pin-min-length 3
refused_rules "a GIDS card's PIN has 4 to 127 characters" --profile gids --pin-max-length 128
refused_rules "no PIN can have such a length" --pin-min-length 8 --pin-max-length 7

step "rules that nobody can keep, or that contradict each other"
refused_rules "all kinds of characters are forbidden" \
    --pin-upper forbidden --pin-lower forbidden --pin-digits forbidden --pin-special forbidden
refused_rules "--pin-inactivity has no effect" --pin-session 5m --pin-inactivity 300
refused_rules "--settable-tries does not go with these rules" --settable-tries --pin-no-trivial
exits 2 create impossible --pin-upper perhaps
exits 2 create impossible --pin-history 25
for duration in -1 1d 8761h 1.5h x 99999999999; do
    refused_rules "from 1 second to 8760h" "--pin-session=$duration"
    refused_rules "from 1 second to 8760h" "--pin-inactivity=$duration"
done

step "PIN and PUK of the new card are held to them, the well-known ones as well"
refused_rules "the well-known PIN cannot be taken for this card: it is one of those that are guessed first" \
    --pin default --pin-no-trivial
refused_rules "this PIN cannot be taken: it must hold an upper-case letter" --pin-upper required
refused_rules "this PIN cannot be taken: it must have at least 8 characters" --pin-min-length 8
printf '739164\n' >"$work/pin"
chmod 600 "$work/pin"
refused_rules "this PUK cannot be taken: it is one of those that are guessed first" \
    --pin "file:$work/pin" --pin-no-trivial

step "what is made at random keeps them"
exits 0 tpmvsc create --name random --pin random --puk random --admin-key random --json \
    --pin-upper required --pin-lower required --pin-special required --pin-no-trivial --pin-max-length 7
pin=$(json 'it["secrets"]["pin"]')
[[ $pin =~ [A-Z] && $pin =~ [a-z] && $pin =~ [^A-Za-z0-9] && ${#pin} -eq 7 ]] || fail "the random PIN is against the rules"
exits 0 tpmvsc destroy random --force

step "a card with rules tells them"
exits 0 create ruled --pin "file:$work/pin" --puk random --pin-no-trivial --pin-history 3 --pin-min-length 6 \
    --pin-max-length 7 --pin-special forbidden --pin-session 1h --pin-inactivity 10m
puk=$(sed -n 's/^  puk: //p' <<<"$result")
exits 0 tpmvsc info ruled
for text in "Login      at most 1 h, or 10 min without use" \
    "New PIN    6 to 7 characters, special characters forbidden, none that is guessed first, none of the last 3"; do
    grep -qF "$text" <<<"$result" || fail "the result lacks \"$text\": $result"
done
exits 0 tpmvsc info ruled --json
equal "the rules" "6 7 allowed allowed allowed forbidden True 3" \
    "$(json '" ".join(str(it["pin_rules"][k]) for k in ("min_length", "max_length", "upper_case", "lower_case", "digits", "special", "no_trivial", "history"))')"
equal "the login" "3600 card 600" \
    "$(json '" ".join(str(it["pin_session"][k]) for k in ("seconds", "from", "inactivity_seconds"))')"

step "and keeps them, whoever changes the PIN"
tries() { equal "the tries" "$1" "$(card_fact '"%d %d" % (card["pin"]["tries_left"], card["puk"]["tries_left"])')"; }
refused ykpiv -a change-pin -P739164 -N121212
refused pkcs11-tool --login --pin 739164 --change-pin --new-pin 123456
refused pkcs15-tool --change-pin --auth-id 01 --pin 739164 --new-pin 8888888
refused ykpiv -a change-pin -P000000 -N121212
tries "3 3"
refused ykpiv -a change-pin -P739164 -N73916408
run ykpiv -a change-pin -P739164 -N802573
refused ykpiv -a change-pin -P802573 -N739164
refused ykpiv -a unblock-pin "-P$puk" -N739164
refused ykpiv -a unblock-pin "-P$puk" -N777777
refused ykpiv -a change-puk "-P$puk" -N87654321
tries "3 3"
run ykpiv -a unblock-pin "-P$puk" -N481956
run ykpiv -a verify-pin -P481956
exits 0 tpmvsc destroy ruled --force

step "a card without rules says what the driver is set to"
exits 0 create plain
exits 0 tpmvsc info plain
grep -qF "Login      at most 8 h (the driver's setting)" <<<"$result" || fail "no word of the login: $result"
! grep -q "^New PIN" <<<"$result" || fail "rules that are none"
exits 0 tpmvsc info plain --json
equal "the login" "28800 driver None" \
    "$(json '" ".join(str(it["pin_session"][k]) for k in ("seconds", "from", "inactivity_seconds"))')"
