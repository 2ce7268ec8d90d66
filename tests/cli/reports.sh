#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What "tpmvsc list" and "tpmvsc info" tell: as root, as anybody, and without pcscd.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Only the state folder is closed to others.
chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"

step "no card"
exits 0 tpmvsc list
grep -q "No cards" <<<"$result" || fail "it does not say that there are none"
exits 4 tpmvsc info
one_sentence
exits 1 tpmvsc info nobody
one_sentence

exits 0 create "Ännchen" --json
equal "the name" "Ännchen" "$(json 'it["name"]')"
serial=$(json 'it["serial"]')

step "list"
exits 0 tpmvsc list
grep -q "^0     Ännchen  piv      $serial " <<<"$result" || fail "the card is not in the list"
exits 0 tpmvsc list --json
equal "the members" "created id inserted name problem profile reader serial slot" \
    "$(json '" ".join(sorted(it["cards"][0]))')"
equal "a problem" "" "$(json 'it["cards"][0]["problem"]')"

step "info"
provision 9a RSA2048 alice
provision 9c ECCP384 sign
exits 0 tpmvsc info
for text in "PIN        3/3 tries left" "PUK        3/3 tries left" "9A  RSA-2048, PIN once" \
    "9C  P-384, PIN for each use" "WARNING: the PIN is the well-known default value"; do
    grep -qF "$text" <<<"$result" || fail "the result lacks \"$text\""
done
exits 0 tpmvsc info --reader "$TPMVSC_READER" --json
equal "the members" "admin_key anti_hammering created id inserted keys locked_for_at_most name pin pin_reset \
pin_rules pin_session profile puk reader serial slot tpm version warnings" \
    "$(json '" ".join(sorted(it))')"
equal "the TPM is told" True "$(json 'it["tpm"]["software"]')"
exits 4 tpmvsc info --reader "No such reader"
one_sentence

step "tries and blocked values"
refused ykpiv -a verify-pin -P999999
exits 0 tpmvsc info
grep -q "2/3 tries left" <<<"$result" || fail "the lost try is not told"
for _ in 1 2; do refused ykpiv -a verify-pin -P999999; done
exits 0 tpmvsc info
grep -q "0/3 tries left (blocked)" <<<"$result" || fail "it does not say that the PIN is blocked"
grep -q "WARNING: the PIN is blocked: unblock it with the PUK" <<<"$result" || fail "no advice"
exits 0 tpmvsc info --json
equal "blocked" True "$(json 'it["pin"]["blocked"]')"

step "anybody may ask, and is not told of the TPM"
if can_be_anybody; then
    exits 0 as_anybody tpmvsc list --json
    equal "the members" "inserted problem profile reader slot" "$(json '" ".join(sorted(it["cards"][0]))')"
    equal "the card" "True  piv $TPMVSC_READER 0" \
        "$(json '" ".join(str(value) for _, value in sorted(it["cards"][0].items()))')"
    exits 0 as_anybody tpmvsc list
    grep -q "^0     ?     piv      ?       ?   $TPMVSC_READER$" <<<"$result" || fail "not in the list: $result"
    grep -q "for root to see" <<<"$result" || fail "it does not say that root sees more"
    exits 0 as_anybody tpmvsc info "Ännchen" --json
    equal "the slot" 0 "$(json 'it["slot"]')"
    exits 0 as_anybody tpmvsc info --json
    equal "the name" "Ännchen" "$(json 'it["name"]')"
    equal "the TPM" None "$(json 'it["tpm"]')"
fi

step "a card that the settings know nothing of"
exits 0 env -u TPMVSC_CONFIG tpmvsc list --json
equal "the slot" 0 "$(json 'it["cards"][0]["slot"]')"
grep -q "other settings" <<<"$(json 'it["cards"][0]["problem"]')" || fail "it does not say what is wrong"

step "two cards: which one is meant must be said"
exits 0 create second
exits 2 tpmvsc info
one_sentence
says "Ännchen"
exits 0 tpmvsc info second
exits 0 tpmvsc info "$serial"

step "without pcscd"
"$TPMVSC_RIG_CTL" stop-pcscd
exits 0 tpmvsc list --json
equal "inserted" False "$(json 'it["cards"][0]["inserted"]')"
says "pcscd is not running"
exits 4 tpmvsc info second
grep -q "^Name     second" <<<"$result" || fail "what is known without pcscd is not told"
exits 4 tpmvsc info second --json
equal "the name" second "$(json 'it["name"]')"
if can_be_anybody; then
    exits 4 as_anybody tpmvsc info
    one_sentence
    says "pcscd is not running"
fi
