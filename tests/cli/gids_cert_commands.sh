#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc cert ..." on a GIDS card: requests that OpenSSL verifies and a local authority signs, certificates that
# OpenSC reads and uses, and what is refused without a change of the card.
# shellcheck source=tests/cli/gids.sh
. "$(dirname "$0")/gids.sh"
# shellcheck source=tests/cli/authority.sh
. "$here/authority.sh"

# refuses STATUS TEXT COMMAND...: with this sentence, and nothing else is said.
refuses() {
    local status=$1 text=$2
    shift 2
    exits "$status" "$@"
    one_sentence
    says "$text"
}

make_authority

step "request, import, use"
exits 0 tpmvsc key generate --label logon "${pin[@]}"
exits 0 tpmvsc cert request 0 --subject "CN=Jane Doe,O=Example" --upn jane@corp.example \
    --extended-key-usage client-auth,smartcard-logon "${pin[@]}" --out "$work/jane.csr"
equal "the result" "Signed a request with the RSA-2048 key in container 0 (key 81)." "$result"
run openssl req -in "$work/jane.csr" -verify -noout -text
matches "CN ?= ?Jane Doe"
matches 'UPN::?jane@corp.example'
sign_request "$work/jane.csr" "$work/jane.pem"
cat "$work/ca.pem" "$work/issuer.pem" "$work/jane.pem" >"$work/chain.pem"
exits 0 tpmvsc cert import "$work/chain.pem" "${pin[@]}"
grep -q '^Imported the certificate into container 0 (key 81) of card "Card 1": CN=Jane Doe' <<<"$result" || fail "$result"
consistent 1
run pkcs15 --read-certificate 00
equal "the certificate" "$(openssl x509 -in "$work/jane.pem")" "$(sed -n '/-BEGIN/,/-END/p' <<<"$output")"
signs 00 <(openssl x509 -in "$work/jane.pem" -pubkey -noout)
exits 0 tpmvsc cert export 81 --format der --out "$work/jane.der"
run openssl x509 -inform DER -in "$work/jane.der" -noout -checkend 60
exits 0 tpmvsc cert export 0 --json
equal "the certificate" "81 0 True" \
    "$(json 'it["slot"], it["container"], it["certificate"]["matches_key"]' | tr -d "()',")"
exits 0 tpmvsc key info
matches_result '^0 +81 +RSA-2048 +once +generated +exchange +yes +logon +CN=Jane Doe,O=Example, until 20'

step "the administrator writes certificates as well; each time they are replaced whole"
exits 0 tpmvsc cert import 0 "$work/jane.pem" "${admin[@]}"
exits 0 tpmvsc cert delete 0 "${admin[@]}" --force
equal "the result" 'Deleted the certificate in container 0 (key 81) of card "Card 1".' "$result"
refuses 1 "there is no certificate" tpmvsc cert export 0
refused pkcs15 --read-certificate 00
consistent 1
exits 0 tpmvsc cert self-sign 0 --subject CN=self --email self@example.org --days 10 "${pin[@]}"
run pkcs15 --read-certificate 00
sed -n '/-BEGIN/,/-END/p' <<<"$output" >"$work/self.pem"
run openssl verify -CAfile "$work/self.pem" -check_ss_sig "$work/self.pem"
exits_with_input 3 $'0102030405060708010203040506070801020304050607aa\n' tpmvsc cert delete 0 --admin-key - --force
says "wrong admin key"

step "what OpenSC made: requests, certificates, deletion"
provision_gids 2048 theirs
exits 0 tpmvsc cert export 1
equal "the certificate" "$(openssl x509 -in "$work/theirs.pem")" "$result"
exits 0 tpmvsc cert request 1 --subject CN=theirs "${pin[@]}" --out "$work/theirs.csr"
run openssl req -in "$work/theirs.csr" -verify -noout
exits 0 tpmvsc cert renew 1 "${pin[@]}" --out "$work/renewal.csr"
run openssl req -in "$work/renewal.csr" -verify -noout -subject
matches 'CN ?= ?theirs'
sign_request "$work/renewal.csr" "$work/renewed.pem"
exits 0 tpmvsc cert import "$work/renewed.pem" "${pin[@]}"
grep -q "into container 1 " <<<"$result" || fail "$result"
run pkcs15 --read-certificate 01
says "$(sed -n 2p "$work/renewed.pem")"
run pkcs15_init --delete-objects cert --id 01
refuses 1 "there is no certificate" tpmvsc cert export 1
exits 0 tpmvsc cert import 1 "$work/renewed.pem" "${pin[@]}"
consistent 2
exits 0 tpmvsc key delete 1 "${pin[@]}" --force
equal "the result" 'Deleted the RSA-2048 key in container 1 (key 82) of card "Card 1" and its certificate.' "$result"
consistent 2

step "a key for signatures has its certificate in a file of the other name"
exits 0 tpmvsc key generate --key-usage sign --label signature "${pin[@]}"
exits 0 tpmvsc cert self-sign 1 --subject CN=signature "${pin[@]}"
equal "its file" ksc01 "$(looked 'files.certificates()[1].name')"
run pkcs15 --list-certificates
says "X.509 Certificate [signature]"
consistent 2

step "PKCS#12: the key comes with its certificate"
run openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/mail.key"
run openssl req -x509 -key "$work/mail.key" -subj /CN=mail -days 2 -out "$work/mail.pem"
run openssl pkcs12 -export -inkey "$work/mail.key" -in "$work/mail.pem" -passout pass:sesame -out "$work/mail.p12"
echo wrong >"$work/wrong"
echo sesame >"$work/sesame"
chmod 600 "$work/wrong" "$work/sesame"
remember
refuses 3 "the passphrase does not open" tpmvsc cert import "$work/mail.p12" "${pin[@]}" --passphrase "file:$work/wrong"
unchanged "a wrong passphrase"
exits 0 tpmvsc cert import "$work/mail.p12" "${pin[@]}" --passphrase "file:$work/sesame" --label mail
grep -q '^Imported the key and its certificate into container 2 (key 83)' <<<"$result" || fail "$result"
consistent 3
echo secret >"$work/message"
run openssl cms -encrypt -in "$work/message" -outform DER -out "$work/message.cms" "$work/mail.pem"
cat >"$work/engine.sh" <<END
openssl cms -decrypt -inform DER -in "$work/message.cms" -recip "$work/mail.pem" -engine pkcs11 -keyform engine \
    -inkey "pkcs11:id=%02;type=private;pin-value=$TPMVSC_PIN"
END
run with_engine bash "$work/engine.sh"
says "secret"

step "renew with a new key: the former pair stays, the new one takes its part"
exits 0 tpmvsc key generate --label user "${pin[@]}"
remember
refuses 2 "stays where it is" tpmvsc cert renew 0 --new-key --retire-to 5 "${pin[@]}"
exits_with_input 3 $'999999\n' tpmvsc cert renew 0 --new-key --pin -
exits 0 tpmvsc cert request 0 --subject CN=x "${pin[@]}"
unchanged "what was refused"
exits 0 tpmvsc cert renew 0 --new-key "${pin[@]}" --out "$work/renewal.csr"
equal "the result" "Made a new key in container 4 (key 85) and signed a request with it; the former key and its \
certificate are in container 0 (key 81)." "$result"
run openssl req -in "$work/renewal.csr" -verify -noout -text
says "email:self@example.org"
exits 0 tpmvsc key info --json
equal "the default" "4" "$(json '" ".join(str(k["container"]) for k in it["keys"] if k["default"])')"
equal "names" "logon logon (2)" "$(json 'it["keys"][0]["name"] + " " + it["keys"][4]["name"]')"
sign_request "$work/renewal.csr" "$work/renewed.pem"
exits 0 tpmvsc cert import "$work/renewed.pem" "${pin[@]}"
grep -q "into container 4 " <<<"$result" || fail "$result"
exits 0 tpmvsc cert export 0
equal "the former certificate" "$(cat "$work/self.pem")" "$result"
signs 00 <(openssl x509 -in "$work/self.pem" -pubkey -noout)
signs 04 <(openssl x509 -in "$work/renewed.pem" -pubkey -noout)
consistent 5

step "bad input is answered by one sentence and changes nothing"
remember
bad_input 0 "${pin[@]}"
unchanged "what was refused"

step "an expired certificate, and one of the future, come with a warning"
exits 0 tpmvsc cert request 0 --subject CN=late "${pin[@]}" --out "$work/late.csr"
run openssl x509 -req -in "$work/late.csr" -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -days 0 -out "$work/expired.pem"
sleep 1 # it ends in the second in which it begins
exits 0 tpmvsc cert import 0 "$work/expired.pem" "${pin[@]}" --json
says "has expired"
sign_for_future "$work/late.csr" "$work/future.pem"
exits 0 tpmvsc cert import 0 "$work/future.pem" "${pin[@]}" --json
says "is not valid before"
equal "warnings" 1 "$(json 'len(it["warnings"])')"

step "a full card: one more key, made or imported, is refused"
run openssl pkcs12 -export -inkey "$work/mail.key" -in "$work/mail.pem" -passout pass: -out "$work/open.p12"
for number in $(seq 6 30); do
    run openssl genrsa -out "$work/some.key" 2048
    exits 0 tpmvsc key import "$work/some.key" "${pin[@]}" --label "key $number"
done
equal "the number of keys" 30 "$(card_fact 'len(card["keys"])')"
remember
refuses 1 "all 30 containers of the card are taken" tpmvsc key generate "${pin[@]}"
run openssl genrsa -out "$work/more.key" 2048
refuses 1 "all 30 containers of the card are taken" tpmvsc key import "$work/more.key" "${pin[@]}"
refuses 1 "all 30 containers of the card are taken" tpmvsc cert renew 0 --new-key "${pin[@]}"
unchanged "what was refused"
consistent 30
run pkcs15 --list-keys
equal "the keys that OpenSC lists" 30 "$(grep -c '^Private RSA Key \[' <<<"$output")"

step "a card full of files: no certificate more, and those that are there can be replaced"
run openssl x509 -in "$work/mail.pem" -outform DER -out "$work/some.der"
run /usr/bin/python3 "$here/../clients/gids_objects.py" "$work/some.der" 91
for container in 9 10; do
    exits 0 tpmvsc cert request "$container" --subject "CN=$container" "${pin[@]}" --out "$work/$container.csr"
    sign_request "$work/$container.csr" "$work/$container.pem"
done
exits 0 tpmvsc cert import 9 "$work/9.pem" "${pin[@]}" # into the last place
remember
refuses 1 "no room for another file" tpmvsc cert import 10 "$work/10.pem" "${pin[@]}"
unchanged "what was refused"
exits 0 tpmvsc cert import 9 "$work/9.pem" "${pin[@]}"
exits 0 tpmvsc cert delete 9 "${pin[@]}" --force
exits 0 tpmvsc cert import 10 "$work/10.pem" "${pin[@]}"
consistent 30
