#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Making cards: each way to give a secret, what the result says, and that the card takes the values.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

reader_of() { echo "TPM Virtual Smart Card 00 0$1"; }

# opens SLOT PIN PUK ADMIN-KEY: the card takes the values it was made with.
opens() {
    reader=$(reader_of "$1")
    run ykpiv -a verify-pin "-P$2"
    [[ -z $3 ]] || run ykpiv -a unblock-pin "-P$3" "-N$2"
    [[ -z $4 ]] || run ykpiv "-k$4" -a set-chuid
}

step "well-known values, with warnings"
exits 0 tpmvsc create --name first --pin default --puk default --admin-key default
grep -qF "Card \"first\" is made: serial " <<<"$result" || fail "no result sentence"
grep -qF "slot 0." <<<"$result" || fail "no slot"
grep -qF "It is in reader \"$(reader_of 0)\"." <<<"$result" || fail "no reader"
says "warning: the PIN is a well-known default value"
says "warning: the PUK is a well-known default value"
says "warning: the admin key is the well-known default value"
says "warning: this TPM is a program"
opens 0 123456 12345678 010203040506070801020304050607080102030405060708
exits 0 tpmvsc destroy first --force

step "random values, in JSON, once"
exits 0 tpmvsc create --name second --pin random --puk random --admin-key random --json
equal "the members" "created id inserted name profile reader secrets serial slot software_tpm warnings" \
    "$(json '" ".join(sorted(it))')"
equal "inserted" True "$(json 'it["inserted"]')"
equal "the slot" 0 "$(json 'it["slot"]')"
says_not "$(json 'it["secrets"]["pin"]')"
pin=$(json 'it["secrets"]["pin"]')
[[ $pin =~ ^[0-9]{8}$ ]] || fail "the random PIN is not of eight digits"
opens 0 "$pin" "$(json 'it["secrets"]["puk"]')" "$(json 'it["secrets"]["admin_key"]')"
exits 0 tpmvsc info second --json
equal "default values" "False False False" \
    "$(json 'it["pin"]["default"], it["puk"]["default"], it["admin_key"]["default"]' | tr -d '(),')"
exits 0 tpmvsc destroy second --force

step "random values, for people"
exits 0 tpmvsc create --name third --pin random --puk random --admin-key random
grep -qF "Write this down now; it is not shown again:" <<<"$result" || fail "no word of warning"
opens 0 "$(sed -n 's/^  pin: //p' <<<"$result")" "$(sed -n 's/^  puk: //p' <<<"$result")" \
    "$(sed -n 's/^  admin_key: //p' <<<"$result")"
exits 0 tpmvsc destroy third --force

step "what was made at random is shown before pcscd has its say"
for form in "" --json; do
    sleep 3 # pcscd lets go of the TPM two seconds after it has used it; once stopped it never would
    kill -STOP "$("$TPMVSC_RIG_CTL" pcscd-pid)"
    tpmvsc create --name waiting --pin random --puk random --admin-key random $form \
        >"$work/shown" 2>"$work/output" &
    waiting=$!
    background+=("$waiting")
    for _ in $(seq 300); do
        [[ $(grep -cE 'pin"?: |puk"?: |admin_key"?: ' "$work/shown") -lt 3 ]] || break
        sleep 0.1
    done
    kill -0 "$waiting" || fail "it did not wait for pcscd"
    shown=$(cat "$work/shown")
    kill -CONT "$("$TPMVSC_RIG_CTL" pcscd-pid)"
    wait "$waiting" || fail "status $? of the command that waited"
    result=$(cat "$work/shown")
    equal "what was shown first" "$shown" "${result:0:${#shown}}"
    [[ $form == "" ]] || opens 0 "$(json 'it["secrets"]["pin"]')" "$(json 'it["secrets"]["puk"]')" \
        "$(json 'it["secrets"]["admin_key"]')"
    pin=$(sed -n 's/^ *"*pin"*: "*\([0-9]*\).*/\1/p' <<<"$shown")
    opens 0 "$pin" "" ""
    exits 0 tpmvsc destroy waiting --force
done

step "from standard input, a line each, and from a descriptor"
key=$(openssl rand -hex 24)
exits_with_input 0 "739164"$'\n'"28140963"$'\r\n'"$key" \
    tpmvsc create --name fourth --pin - --puk - --admin-key -
opens 0 739164 28140963 "$key"
exits 0 tpmvsc destroy fourth --force
exits 0 tpmvsc create --name fifth --pin fd:7 --puk fd:7 --admin-key fd:8 \
    7< <(printf '739164\n28140963\n') 8< <(sed 's/../&:/g; s/:$//' <<<"$key")
opens 0 739164 28140963 "$key"
exits 0 tpmvsc destroy fifth --force

step "from files; one that everybody can read is worth a warning"
printf '739164\n' >"$work/pin"
chmod 644 "$work/pin"
exits 0 create sixth --pin "file:$work/pin"
says "every user of this computer can read $work/pin"
exits 0 tpmvsc destroy sixth --force
chmod 600 "$work/pin"
exits 0 create sixth --pin "file:$work/pin"
says_not "every user of this computer can read"
exits 0 tpmvsc destroy sixth --force

step "asked for on a terminal, without showing what is typed"
types 0 "Name of the new card" seventh "New PIN:" secret:739164 "New PIN again:" secret:739164 \
    "New PUK:" secret:28140963 "New PUK again:" secret:28140963 \
    "New admin key:" "" -- tpmvsc create
says "6 to 8 characters"
says "admin_key: "
opens 0 739164 28140963 "$(sed -n 's/^ *admin_key: //p' <<<"$output")"
exits 0 tpmvsc destroy seventh --force

step "typed wrongly first"
types 0 "New PIN:" secret:73916 "New PIN:" secret:739164 "New PIN again:" secret:739165 \
    "New PIN:" secret:739164 "New PIN again:" secret:739164 -- \
    tpmvsc create --name eighth --puk none --admin-key random
says "This PIN cannot be taken: it must have 6 to 8 characters"
says "The two are not the same."
exits 0 tpmvsc info eighth --json
equal "the PUK" None "$(json 'it["puk"]')"
exits 0 tpmvsc destroy eighth --force
types 2 "New PIN:" 1 "New PIN:" 2 "New PIN:" 3 -- \
    tpmvsc create --name ninth --puk none --admin-key random

step "standard input that is a terminal: what is typed is not shown there either"
types 0 "--pin: " secret:739164 "--puk: " secret:28140963 -- \
    tpmvsc create --name typed --pin - --puk fd:0 --admin-key default
opens 0 739164 28140963 ""
exits 0 tpmvsc destroy typed --force

step "a GIDS card whose PUK begins with its PIN is worth a warning, other cards are not"
printf '739164\n' >"$work/pin"
printf '73916428\n' >"$work/puk"
for card in gids:says piv:says_not; do
    exits 0 create begins --profile "${card%:*}" --pin "file:$work/pin" --puk "file:$work/puk"
    "${card#*:}" "the PUK begins with the PIN"
    exits 0 tpmvsc destroy begins --force
done

step "each cipher of the admin key"
for algorithm in tdes:24 aes128:16 aes192:24 aes256:32; do
    key=$(openssl rand -hex "${algorithm#*:}")
    exits_with_input 0 "$key" create key --admin-algorithm "${algorithm%:*}" --admin-key -
    exits 0 tpmvsc info key --json
    equal "the algorithm" "${algorithm%:*}" "$(json 'it["admin_key"]["algorithm"]')"
    exits 0 tpmvsc destroy key --force
done

step "tries as many as wanted"
exits 0 create tries --pin-tries 5 --puk-tries 10
exits 0 tpmvsc info tries --json
equal "the tries" "5 10" "$(json 'it["pin"]["tries"], it["puk"]["tries"]' | tr -d '(),')"

step "a name can be used once"
exits 1 create tries
one_sentence
says 'there is a card named "tries" already'

step "until all slots have a card; without a reader for it a card is made all the same"
for slot in $(seq 1 15); do
    exits 0 create "card $slot" --json
    equal "the slot" "$slot" "$(json 'it["slot"]')"
done
exits 1 create "one too many"
one_sentence
says "all 16 slots have a card"
exits 0 tpmvsc list --json
equal "the number of cards" 16 "$(json 'len(it["cards"])')"
