#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc key ..." on a GIDS card: OpenSC sees and uses what it makes, it sees and deletes what OpenSC made, and what
# it refuses leaves the card as it was.
# shellcheck source=tests/cli/gids.sh
. "$(dirname "$0")/gids.sh"

step "no keys"
exits 0 tpmvsc key info
grep -q "There are no keys" <<<"$result" || fail "it does not say that there are none"
exits 1 tpmvsc key info 0
one_sentence
exits 2 tpmvsc key info 30
one_sentence
says "0 to 29"

step "generate: in the first free container, which becomes the default one"
exits 0 tpmvsc key generate "${pin[@]}" --public-key-out "$work/0.pub"
equal "the result" 'Made the RSA-2048 key in container 0 (key 81) of card "Card 1".' "$result"
exits 0 tpmvsc key generate new --label mail --key-usage exchange "${pin[@]}" --json
equal "the result" "82 1 RSA-2048" "$(json 'it["slot"], it["container"], it["algorithm"]' | tr -d "()',")"
exits 0 tpmvsc key generate 84 --label signature --key-usage sign "${pin[@]}"
equal "the result" 'Made the RSA-2048 key in container 3 (key 84) of card "Card 1".' "$result"
exits 0 tpmvsc key info --json
equal "containers" "0 exchange True, 1 exchange False, 3 sign False" \
    "$(json '", ".join("%s %s %s" % (k["container"], k["use"], k["default"]) for k in it["keys"])')"
equal "names" "mail signature" "$(json '" ".join(k["name"] for k in it["keys"][1:])')"
json 'it["keys"][0]["name"]' | grep -qE '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' || fail "no random name: $result"
exits 0 tpmvsc key info
grep -qE '^1 +82 +RSA-2048 +once +generated +exchange +no +mail +none$' <<<"$result" || fail "no such line: $result"
consistent 4
equal "where they are" "0 1 3" "$(containers)"

step "OpenSC lists the keys and signs with them"
run pkcs15 --list-keys
for name in mail signature; do says "Private RSA Key [$name]"; done
run pkcs15 --read-public-key 00
equal "the public key" "$(cat "$work/0.pub")" "$(sed -n '/-BEGIN/,/-END/p' <<<"$output")"
exits 0 tpmvsc key info 3 --public-key-out "$work/3.pub"
signs 00 "$work/0.pub"
signs 03 "$work/3.pub"

step "the other way round: a key that OpenSC made, in the gap"
run pkcs15_init --generate-key rsa/2048 --key-usage sign --label theirs
exits 0 tpmvsc key info 2 --json
equal "the key" "theirs sign generated False" "$(json 'it["name"], it["use"], it["origin"], it["default"]' | tr -d "()',")"
consistent 4
exits 0 tpmvsc key delete 2 "${pin[@]}" --force
equal "the result" 'Deleted the RSA-2048 key in container 2 (key 83) of card "Card 1".' "$result"
equal "where they are" "0 1 3" "$(containers)"
equal "the keys that the card has" "81 82 84" "$(card_fact '" ".join(key["slot"] for key in card["keys"])')"
consistent 4
run p11 --login --delete-object --type privkey --id 01
exits 1 tpmvsc key info 1
one_sentence
consistent 4

step "a key is not replaced, and nothing comes without the PIN"
remember
exits 1 tpmvsc key generate 0 "${pin[@]}" --force
one_sentence
says "holds a key"
exits_with_input 3 $'999999\n' tpmvsc key generate --pin -
one_sentence
says "wrong PIN: 2 tries left"
exits 0 tpmvsc key generate --algorithm rsa2048 "${pin[@]}" --label again
exits 0 tpmvsc key delete 1 "${pin[@]}" --force
unchanged "a wrong PIN, and a key that came and went"
remember
exits 3 tpmvsc key generate --pin default
says "no try is lost"
exits 5 tpmvsc key generate --algorithm rsa4096 "${pin[@]}"
one_sentence_at_the_end
says "cannot make the key: this card or its TPM cannot take that"
exits 5 tpmvsc key generate --pin-policy always "${pin[@]}"
one_sentence
exits 5 tpmvsc key generate --algorithm p256 --key-usage exchange "${pin[@]}"
one_sentence
exits 1 tpmvsc key generate --label signature "${pin[@]}"
says "there is a container of this name"
exits 2 tpmvsc key generate --label "$(printf 'x%.0s' $(seq 40))" "${pin[@]}"
says "39 characters"
exits 2 tpmvsc key generate --key-usage both "${pin[@]}"
exits 2 tpmvsc key generate 9f "${pin[@]}"
says "there is no such container"
exits 5 tpmvsc key move 0 1 "${admin[@]}"
one_sentence
says "is for PIV cards"
exits 5 tpmvsc object read chuid
one_sentence
says "is for PIV cards"
exits 1 tpmvsc key generate --public-key-out /nonexistent/file "${pin[@]}"
one_sentence
unchanged "what was refused"

step "a key on a curve signs; OpenSC passes over it"
exits 0 tpmvsc key generate --algorithm p256 --label curve "${pin[@]}"
exits 0 tpmvsc key info 1 --json
equal "the key" "P-256 sign curve" "$(json 'it["algorithm"], it["use"], it["name"]' | tr -d "()',")"
exits 0 tpmvsc cert request 1 --subject CN=curve "${pin[@]}" --out "$work/curve.csr"
run openssl req -in "$work/curve.csr" -verify -noout -subject
matches 'CN ?= ?curve'
signs 00 "$work/0.pub"
exits 0 tpmvsc key delete 1 "${pin[@]}" --force

step "a key without PIN"
exits 0 tpmvsc key generate --pin-policy never --label open "${pin[@]}"
exits 0 tpmvsc cert request 1 --subject CN=open --out "$work/open.csr"
run openssl req -in "$work/open.csr" -verify -noout
equal "when it wants the PIN" never "$(card_fact 'card["keys"][1]["pin_policy"]')"
exits 0 tpmvsc key delete 82 "${pin[@]}" --force

step "import"
run openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/rsa.pem"
run openssl pkey -in "$work/rsa.pem" -aes256 -passout pass:sesame -out "$work/locked.pem"
run openssl req -x509 -key "$work/rsa.pem" -subj /CN=mail -days 2 -out "$work/mail.pem"
run openssl pkcs12 -export -inkey "$work/rsa.pem" -in "$work/mail.pem" -passout pass:sesame -out "$work/mail.p12"
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/ec.pem"
echo sesame >"$work/passphrase"
echo wrong >"$work/wrong"
chmod 600 "$work/passphrase" "$work/wrong"
exits 0 tpmvsc key import "$work/mail.p12" --passphrase "file:$work/passphrase" --label mail "${pin[@]}"
equal "the result" 'Imported the RSA-2048 key in container 1 (key 82) of card "Card 1".' "$result"
says "was seen outside of the TPM"
run openssl pkey -in "$work/rsa.pem" -pubout -out "$work/rsa.pub"
signs 01 "$work/rsa.pub"
echo "for the card" >"$work/message"
run openssl pkeyutl -encrypt -pubin -inkey "$work/rsa.pub" -in "$work/message" -out "$work/sealed"
run pkcs15-crypt --reader "$TPMVSC_READER" --decipher --key 01 --pin "$TPMVSC_PIN" --pkcs1 --raw \
    --input "$work/sealed" --output "$work/opened"
run cmp "$work/message" "$work/opened"
exits 0 tpmvsc key info 1 --json
equal "origin" imported "$(json 'it["origin"]')"
remember
exits 3 tpmvsc key import "$work/mail.p12" --passphrase "file:$work/wrong" "${pin[@]}"
one_sentence
exits 3 tpmvsc key import 2 "$work/locked.pem" --passphrase "file:$work/wrong" "${pin[@]}"
one_sentence
exits 1 tpmvsc key import "$work/mail.pem" "${pin[@]}"
one_sentence
says "holds no private key"
exits 5 tpmvsc key import "$work/ec.pem" "${pin[@]}"
one_sentence
exits 1 tpmvsc key import 1 "$work/rsa.pem" "${pin[@]}"
one_sentence
exits 2 tpmvsc key import
one_sentence
unchanged "what was refused"
consistent 4

step "the default container goes: another one takes over; the administrator may delete"
exits 2 tpmvsc key delete 0 "${pin[@]}"
says "--force"
exits 0 tpmvsc key delete 0 "${admin[@]}" --force
exits 0 tpmvsc key info --json
equal "the default" "1 True, 3 False" "$(json '", ".join("%s %s" % (k["container"], k["default"]) for k in it["keys"])')"
consistent 4

step "an entry whose key was never made is shown, used again, and deleted"
refused pkcs15_init --generate-key rsa/4096 --label lost
exits 0 tpmvsc key info 0
grep -qE '^Algorithm +no key$' <<<"$result" || fail "it does not say that there is no key: $result"
exits 0 tpmvsc key delete 0 "${pin[@]}"
says_nothing
grep -q "which has no key" <<<"$result" || fail "$result"
equal "where they are" "1 3" "$(containers)"
refused pkcs15_init --generate-key rsa/4096 --label lost
exits 0 tpmvsc key generate --label found "${pin[@]}"
grep -q "in container 0 " <<<"$result" || fail "$result"
run pkcs15 --list-keys
says "[found]"
says_not "[lost]"
consistent 4

step "the cache's counters went up with every change"
before=$(freshness)
exits 0 tpmvsc key generate "${pin[@]}"
after=$(freshness)
[[ ${after% *} -gt ${before% *} && ${after#* } -gt ${before#* } ]] || fail "the counters are $after after $before"
exits 0 tpmvsc key delete 2 "${pin[@]}" --force
[[ $(freshness) != "$after" ]] || fail "the counters stay $after when a key is deleted"

step "on a blank card, and on a PIV card"
exits 0 tpmvsc create --name blank --profile gids --pin default --puk none --admin-key default
exits 1 tpmvsc key generate --card blank --pin default
one_sentence
says "the card is blank"
exits 0 tpmvsc create --name piv --pin default --puk default --admin-key default
exits 2 tpmvsc key generate --card piv --admin-key default
one_sentence
says "say which slot"
exits 2 tpmvsc key generate 9a --label x --card piv --admin-key default
one_sentence
says "are for GIDS cards"
