#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Cards whose PIN the TPM's lockout guards, and the command that looks at the lockout and sets it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# wrong_pin: one more wrong PIN on the card in the first reader.
wrong_pin() { refused ykpiv -a verify-pin -P999999; }

# value EXPRESSION: of the present state of the lockout.
value() {
    exits 0 tpmvsc lockout status --json
    json "$1"
}

# as_tpm COMMAND...: one of tpm2-tools on the rig's TPM.
as_tpm() { run "$@" -T "$TPMVSC_TCTI"; }

limits='it["max_tries"], it["recovery_seconds"], it["lockout_recovery_seconds"]'
reader=$TPMVSC_READER

step "the state of a fresh TPM"
exits 0 tpmvsc lockout status
for text in "not locked" "0 of 3" "all are refused" "one is forgotten after 1000 seconds" "none; the PINs of all cards"; do
    grep -qF "$text" <<<"$result" || fail "the result lacks \"$text\": $result"
done
equal "the members" "active cards counter locked_for_at_most lockout_recovery_seconds max_tries password_set \
recovery_seconds tries_left warnings" "$(value '" ".join(sorted(it))')"

step "a card of either profile"
exits 0 create guarded --anti-hammering lockout
says "warning: the TPM has no lockout password: root can reset the lockout"
exits 0 create windows --profile gids --generate --anti-hammering lockout
exits 0 create counted --anti-hammering counter
says_not "lockout"
exits 0 tpmvsc info guarded
grep -q "the TPM's lockout: tries shared" <<<"$result" || fail "it does not say what guards the PIN: $result"
exits 0 tpmvsc info windows --json
equal "the guard" "lockout None 3" "$(json 'it["anti_hammering"], it["locked_for_at_most"], it["pin"]["tries"]' | tr -d "(),'")"
exits 0 tpmvsc info counted --json
equal "the guard" counter "$(json 'it["anti_hammering"]')"
equal "the cards" "['guarded', 'windows']" "$(value 'it["cards"]')"

step "tries that cannot be had"
for option in "--pin-tries 5" "--puk-tries 5" --settable-tries; do
    # shellcheck disable=SC2086
    exits 2 create x --anti-hammering lockout $option
    one_sentence
    says "${option% *} is for --anti-hammering counter"
done
exits 2 create x --anti-hammering none

step "wrong PINs of one card are those of all users"
run ykpiv -a verify-pin "-P$TPMVSC_PIN"
wrong_pin
equal "the count" "1 2" "$(value 'it["counter"], it["tries_left"]' | tr -d '(),')"
exits 0 tpmvsc info windows
grep -q "2/3 tries left" <<<"$result" || fail "the other card does not show the lost try: $result"
exits 0 tpmvsc info counted
grep -q "3/3 tries left" <<<"$result" || fail "a card that counts by itself has lost a try: $result"

step "locked: nobody says blocked, and all say for how long"
wrong_pin
wrong_pin
refused ykpiv -a verify-pin "-P$TPMVSC_PIN"
exits 0 tpmvsc info guarded
grep -q "0/3 tries left (TPM locked)" <<<"$result" || fail "the tries: $result"
grep -Eq "WARNING: PIN and PUK are not blocked, but the TPM is locked for at most [0-9]+ more seconds" <<<"$result" ||
    fail "no word on how long: $result"
grep -q "the PIN is blocked" <<<"$result" && fail "it says that the PIN is blocked: $result"
exits 0 tpmvsc info guarded --json
[[ $(json '0 < it["locked_for_at_most"] <= 1000 and not it["pin"]["blocked"]') == True ]] || fail "the wait: $result"
exits 0 tpmvsc lockout status
grep -Eq "locked for at most [0-9]+ more seconds" <<<"$result" || fail "the state: $result"
exits 1 tpmvsc doctor --json
equal "the doctor's words" 2 "$(json 'sum("not blocked, but the TPM is locked for at most" in f["text"] for f in it["findings"])')"
equal "findings without advice" "[]" "$(json '[f["text"] for f in it["findings"] if f["level"] != "ok" and not f["advice"]]')"
exits 0 tpmvsc list
reader="TPM Virtual Smart Card 00 02"
run ykpiv -a verify-pin "-P$TPMVSC_PIN"
reader=$TPMVSC_READER

step "the commands on a card say so, and not that it is blocked"
printf '654321\n' >"$work/new"
for command in "pin change --pin file:$TPMVSC_PIN_FILE" "unblock --puk file:$TPMVSC_PUK_FILE"; do
    # shellcheck disable=SC2086
    exits 3 tpmvsc $command --new-pin "file:$work/new" --card guarded
    one_sentence
    grep -Eq "not compared: the TPM is locked for at most [0-9]+ more seconds" <<<"$output" || fail "the sentence: $output"
done

step "reset, without a password"
exits 2 tpmvsc lockout reset --lockout-auth file:/dev/null
one_sentence
says "the TPM has no lockout password"
exits 0 tpmvsc lockout reset --json
equal "before and after" "3 0 False" \
    "$(json 'it["before"]["counter"], it["after"]["counter"], it["after"]["active"]' | tr -d '(),')"
run ykpiv -a verify-pin "-P$TPMVSC_PIN"

step "a new PIN by the PUK restores no tries"
wrong_pin
exits 3 tpmvsc pin change --pin "file:$work/new" --new-pin "file:$work/new" --card guarded
says "wrong PIN: 1 of 3 tries left, for all users of this TPM together"
exits 0 tpmvsc unblock --puk "file:$TPMVSC_PUK_FILE" --new-pin "file:$work/new" --card guarded
grep -q "Its tries are the TPM's, and stay what they were" <<<"$result" || fail "the result: $result"
equal "the count" 2 "$(value 'it["counter"]')"
exits 0 tpmvsc lockout reset
exits 0 tpmvsc pin change --pin "file:$work/new" --new-pin "file:$TPMVSC_PIN_FILE" --card guarded

step "the limits: shown, asked for, set"
exits 2 tpmvsc lockout set
exits 2 tpmvsc lockout set --recovery-time 0
exits 2 tpmvsc lockout set --max-tries 0
exits 2 tpmvsc lockout set --max-tries 9
says "give --force"
types 1 'Type "yes"' no -- tpmvsc lockout set --max-tries 9
says "3 -> 9"
says "nothing was changed"
equal "the limits" "3 1000 1000" "$(value "$limits")"
types 0 'Type "yes"' yes -- tpmvsc lockout set --max-tries 9
equal "the limits" "9 1000 1000" "$(value "$limits")"
exits 0 tpmvsc lockout set --recovery-time 2 --lockout-recovery 1 --force
says "1000 -> 2"
equal "the limits" "9 2 1" "$(value "$limits")"
exits 0 tpmvsc lockout set --recovery-time 2 --force
grep -q "nothing was changed" <<<"$result" || fail "it has changed what is so already"

step "time takes the wrong ones back"
wrong_pin
until [[ $(value 'it["counter"]') == 0 ]]; do sleep 0.2; done
exits 0 tpmvsc lockout set --max-tries 3 --recovery-time 1000 --force

step "a lockout password"
as_tpm tpm2_changeauth -c lockout ossifrage
printf 'ossifrage\n' >"$work/secret"
printf 'wrong\n' >"$work/wrong"
chmod 600 "$work/secret" "$work/wrong"
exits 3 tpmvsc lockout reset
says "give it with --lockout-auth file:PATH"
exits 2 tpmvsc lockout reset --lockout-auth ossifrage
says_not ossifrage
exits 0 tpmvsc lockout reset --lockout-auth "file:$work/secret"
says "A wrong lockout password has the TPM refuse the right one as well, for 1 second."
types 0 "Lockout password of the TPM" secret:ossifrage -- tpmvsc lockout set --lockout-recovery 1000 --force
exits 0 create quiet --anti-hammering lockout
says_not "has no lockout password"
exits 3 tpmvsc lockout reset --lockout-auth "file:$work/wrong"
says "as well, for 1000 seconds."
says "this is not the lockout password, so nothing was changed"
exits 3 tpmvsc lockout reset --lockout-auth "file:$work/secret"
says "the TPM refuses its lockout password for 1000 seconds"
exits 3 tpmvsc lockout set --max-tries 99 --force --lockout-auth "file:$work/secret"
equal "the limits" "3 1000 1000" "$(value "$limits")"
run ykpiv -a verify-pin "-P$TPMVSC_PIN"

step "a lockout that is switched off guards nothing"
"$TPMVSC_RIG_CTL" stop-pcscd
"$TPMVSC_RIG_CTL" stop-tpm
mv "$TPMVSC_RIG_DIR/tpm" "$work/first-tpm"
mkdir -m 700 "$TPMVSC_RIG_DIR/tpm"
"$TPMVSC_RIG_CTL" start-tpm
as_tpm tpm2_dictionarylockout --setup-parameters --max-tries 3 --recovery-time 0 --lockout-recovery-time 0
exits 5 create off --anti-hammering lockout
one_sentence
says "the TPM's lockout is switched off"
equal "a warning" 1 "$(value 'sum("switched off" in warning for warning in it["warnings"])')"
exits 1 tpmvsc doctor --json
equal "the doctor" warning "$(json '[f["level"] for f in it["findings"] if f["check"] == "lockout"][0]')"

step "no TPM"
"$TPMVSC_RIG_CTL" stop-tpm
rm -f "${TPMVSC_TCTI#*path=}"
for verb in status reset "set --max-tries 5 --force"; do
    # shellcheck disable=SC2086
    exits 4 tpmvsc lockout $verb
    one_sentence
done
