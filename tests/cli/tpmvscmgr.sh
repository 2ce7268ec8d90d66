#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Windows' runbooks for virtual smart cards, taken as they are.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

tpmvscmgr=$TPMVSC_BUILD/cli/tpmvscmgr

# one_sentence_of_it: standard error is one line of this program's.
one_sentence_of_it() {
    equal "lines" 1 "$(wc -l <<<"$output")"
    grep -q '^tpmvscmgr: ' <<<"$output" || fail "not a sentence of the program: $output"
}

step "an unmanaged card for trying out, as Microsoft's guide makes it"
exits 0 "$tpmvscmgr" create /name TestVSC /pin default /adminkey random /generate
grep -qE "^  admin[-_ ]key: [0-9A-Fa-f]{48}$" <<<"$result" || fail "the admin key is lost: $result"
says_so() { grep -qF "$1" <<<"$output" || fail "it does not say \"$1\": $output"; }
says_so "the admin key is shown once"
exits 0 tpmvsc info TestVSC --json
equal "profile, PUK, PIN" "gids None True" "$(json 'it["profile"], it["puk"], it["pin"]["default"]' | tr -d "(),'")"
equal "the rules" 8 "$(json 'it["pin_rules"]["min_length"]')"

step "destroy, by the id that Windows gives"
exits 0 "$tpmvscmgr" destroy /instance 'ROOT\SMARTCARDREADER\0000' /quiet
exits 0 tpmvsc list --json
equal "cards" "[]" "$(json 'it["cards"]')"

step "an instance means a slot and nothing else, a name means itself"
exits 0 create anna
exits 0 create 'CORP\anna'
exits 0 "$tpmvscmgr" destroy /instance 'CORP\anna' /quiet
exits 0 tpmvsc list --json
equal "cards" "['anna']" "$(json '[card["name"] for card in it["cards"]]')"
exits 0 tpmvsc destroy anna --force
exits 0 create 1
exits 1 "$tpmvscmgr" destroy /instance 'ROOT\SMARTCARDREADER\0001' /quiet
one_sentence_of_it
exits 2 "$tpmvscmgr" destroy /instance 'ROOT\SMARTCARDREADER\x' /quiet
exits 1 "$tpmvscmgr" destroy /quiet /instance --help
one_sentence_of_it
exits 0 "$tpmvscmgr" destroy /instance 'root\SmartCardReader\0000' /quiet

step "a managed card, with prompts"
types 0 "New PIN:" secret:1a2b3c4d "New PIN again:" secret:1a2b3c4d -- \
    "$tpmvscmgr" create /Name Managed /AdminKey DEFAULT /PIN PROMPT
exits 0 tpmvsc info Managed --json
equal "profile" gids "$(json 'it["profile"]')"
exits 0 "$tpmvscmgr" DESTROY /INSTANCE Managed /QUIET

step "rules for the PIN, and attestation"
types 0 "New PIN:" secret:1234567 "New PIN:" secret:abcd "New PIN:" secret:1A34 \
    "New PIN again:" secret:1A34 -- "$tpmvscmgr" create /name Rules /PIN PROMPT /pinpolicy minlen 4 \
    maxlen 6 digits REQUIRED lowercase disallowed /AdminKey DEFAULT /attestation AIK_AND_CERT /generate
grep -qF "the card attests to its keys" <<<"$output" || fail "it does not say how the card attests"
exits 0 tpmvsc info Rules --json
equal "the rules" "4 6 required forbidden" "$(json '*[it["pin_rules"][k] for k in ("min_length", "max_length", "digits", "lower_case")]')"
types 0 "Type" Rules -- "$tpmvscmgr" destroy /instance Rules

step "what it does not take"
exits 2 "$tpmvscmgr" create /name x
one_sentence_of_it
exits 2 "$tpmvscmgr" create /name x /adminkey random /pin secret
one_sentence_of_it
exits 2 "$tpmvscmgr" create /name x /adminkey random /pinpolicy minlen
one_sentence_of_it
exits 2 "$tpmvscmgr" create /name x /adminkey random /colour red
one_sentence_of_it
exits 5 "$tpmvscmgr" create /name x /adminkey random /machine other
one_sentence_of_it
exits 2 "$tpmvscmgr" destroy
one_sentence_of_it
exits 2 "$tpmvscmgr" reset
one_sentence_of_it
exits 2 "$tpmvscmgr" create /name x /adminkey random /pinpolicy minlen abc
one_sentence_of_it
exits 0 "$tpmvscmgr" create '/?'
grep -q "/pinpolicy" <<<"$result" || fail "the usage is not Windows'"
exits 0 tpmvsc list --json
equal "cards" "[]" "$(json 'it["cards"]')"
