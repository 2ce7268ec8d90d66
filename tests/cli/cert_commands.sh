#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc cert ..." and "tpmvsc object ...": requests and certificates that OpenSSL verifies and a local
# authority signs, and what is refused without a change of the card.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/authority.sh
. "$here/authority.sh"

admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
pin=(--pin "file:$TPMVSC_PIN_FILE")

# remember, unchanged WORDS: keys, certificates and tries as the card tells them.
state() {
    tpmvsc key info --json
    tpmvsc info --json | python3 -c 'import json,sys; it=json.load(sys.stdin); print(it["pin"], it["puk"])'
}
remember() { known=$(state 2>/dev/null); }
unchanged() { equal "the card after $1" "$known" "$(state 2>/dev/null)"; }

# refuses STATUS TEXT COMMAND...: with this sentence, and nothing else is said.
refuses() {
    local status=$1 text=$2
    shift 2
    exits "$status" "$@"
    one_sentence
    says "$text"
}

make_authority

step "help"
for verb in request self-sign countersign import export renew delete; do
    exits 0 tpmvsc cert "$verb" --help
    grep -q "^Examples:" <<<"$result" || fail "no examples in the help of cert $verb"
    grep -q -- "--json" <<<"$result" || fail "no --json in the help of cert $verb"
done
for verb in read write; do
    exits 0 tpmvsc object "$verb" --help
    grep -q "^Examples:" <<<"$result" || fail "no examples in the help of object $verb"
done

step "a request of each kind of key is verified by OpenSSL"
exits 0 tpmvsc key generate 9a "${admin[@]}"
exits 0 tpmvsc key generate 9c --algorithm p384 "${admin[@]}"
exits 0 tpmvsc key generate 9d --algorithm p256 "${admin[@]}"
exits 0 tpmvsc key generate 9e --algorithm p256 "${admin[@]}"
for slot in 9a 9c 9d; do
    exits 0 tpmvsc cert request "$slot" --subject "CN=$slot" "${pin[@]}" --out "$work/$slot.csr"
    run openssl req -in "$work/$slot.csr" -verify -noout -subject
    matches "^subject=CN ?= ?$slot$"
done
exits 0 tpmvsc cert request 9e --subject CN=9e --out "$work/9e.csr" # wants no PIN
equal "the result" "Signed a request with the P-256 key in slot 9E (card-authentication)." "$result"
run openssl req -in "$work/9e.csr" -verify -noout
exits 0 tpmvsc cert request 9a --subject CN=9a --hash sha512 --format der --out "$work/9a.der" "${pin[@]}"
run openssl req -inform DER -in "$work/9a.der" -verify -noout -text
says "Signature Algorithm: sha512WithRSAEncryption"

step "a request says what was asked for"
echo "one time" >"$work/challenge"
chmod 600 "$work/challenge"
exits 0 tpmvsc cert request 9a --subject 'CN=Jäne\, Doe+UID=jane,OU=Mail,O=Example,C=DE' --upn jane@corp.example \
    --email jane@example.org --email j@example.org --dns host.example.org --uri https://example.org/jane \
    --key-usage digital-signature,key-encipherment \
    --extended-key-usage client-auth,smartcard-logon --extended-key-usage 1.2.3.4 \
    --challenge-password "file:$work/challenge" "${pin[@]}"
says "Signed a request"
cp "$work/result" "$work/jane.csr"
run openssl req -in "$work/jane.csr" -verify -noout -text -nameopt RFC2253,-esc_msb,utf8
for text in 'Subject: UID=jane+CN=Jäne\, Doe,OU=Mail,O=Example,C=DE' "email:jane@example.org, email:j@example.org" \
    "DNS:host.example.org" "URI:https://example.org/jane" "Digital Signature, Key Encipherment" \
    "TLS Web Client Authentication, Microsoft Smartcard Login, 1.2.3.4" "challengePassword" "one time"; do
    says "$text"
done
matches 'UPN::?jane@corp.example'
exits 0 tpmvsc cert request 9a --upn jane@corp.example "${pin[@]}" --json
equal "the slot" "9A RSA-2048" "$(json 'it["slot"], it["algorithm"]' | tr -d "()',")"
json 'it["request"]' >"$work/request.pem"
run openssl req -in "$work/request.pem" -verify -noout

step "names that are none"
remember
refuses 2 "user principal name" tpmvsc cert request 9a --subject CN=x --upn jane "${pin[@]}"
refuses 2 "user principal name" tpmvsc cert request 9a --subject CN=x --upn jane@corp@example "${pin[@]}"
refuses 2 "mail address" tpmvsc cert request 9a --subject CN=x --email "jane doe@example.org" "${pin[@]}"
refuses 2 "DNS" tpmvsc cert request 9a --subject CN=x --dns "-host..x" "${pin[@]}"
refuses 2 "URI" tpmvsc cert request 9a --subject CN=x --uri example "${pin[@]}"
refuses 2 "--subject cannot be read" tpmvsc cert request 9a --subject Jane "${pin[@]}"
refuses 2 "--subject cannot be read" tpmvsc cert request 9a --subject FROB=Jane "${pin[@]}"
refuses 2 "--subject cannot be read" tpmvsc cert request 9a --subject C=Germany "${pin[@]}"
refuses 2 "--subject cannot be read" tpmvsc cert request 9a --subject CN=x, "${pin[@]}"
refuses 2 "--key-usage takes" tpmvsc cert request 9a --subject CN=x --key-usage frob "${pin[@]}"
refuses 2 "--extended-key-usage takes" tpmvsc cert request 9a --subject CN=x --extended-key-usage frob "${pin[@]}"
refuses 2 "say whose certificate" tpmvsc cert request 9a "${pin[@]}"
refuses 1 "there is no key in slot 95" tpmvsc cert request 95 --subject CN=x "${pin[@]}"
unchanged "names that are none"

step "a wrong PIN costs one try"
exits_with_input 3 $'99999999\n' tpmvsc cert request 9a --subject CN=x --pin - --out "$work/none"
one_sentence
says "wrong PIN: 2 tries left"
[[ ! -e $work/none ]] || fail "an empty file was left"
equal "tries" 2 "$(pin_tries)"
exits 0 tpmvsc cert request 9a --subject CN=x "${pin[@]}"
equal "tries" 3 "$(pin_tries)"

step "import: a chain in any order, as PEM, DER and PKCS#7"
sign_request "$work/jane.csr" "$work/jane.pem"
run openssl verify -CAfile "$work/ca.pem" -untrusted "$work/issuer.pem" "$work/jane.pem"
cat "$work/ca.pem" "$work/issuer.pem" "$work/jane.pem" >"$work/chain.pem"
run openssl crl2pkcs7 -nocrl -certfile "$work/chain.pem" -out "$work/chain.p7b"
run openssl crl2pkcs7 -nocrl -certfile "$work/chain.pem" -outform DER -out "$work/chain.p7c"
run openssl x509 -in "$work/jane.pem" -outform DER -out "$work/jane.der"
for file in chain.pem chain.p7b chain.p7c jane.der jane.pem; do
    exits 0 tpmvsc cert import 9a "$work/$file" "${admin[@]}"
    grep -q '^Imported the certificate into slot 9A (authentication) of card "Card 1": ' <<<"$result" || fail "$result"
    exits 0 tpmvsc cert export 9a
    equal "the certificate" "$(openssl x509 -in "$work/jane.pem")" "$result"
    exits 0 tpmvsc cert delete 9a "${admin[@]}" --force
    refuses 1 "there is no certificate" tpmvsc cert export 9a
done
exits_with_input 0 "$(cat "$work/chain.pem")" tpmvsc cert import 9a - "${admin[@]}"
run pkcs11-tool --read-object --type cert --id 01 --output-file "$work/read.der"
run cmp "$work/jane.der" "$work/read.der"
echo hello >"$work/data"
run p11 --login --sign --mechanism SHA256-RSA-PKCS --id 01 --input-file "$work/data" --output-file "$work/sig"
run openssl dgst -sha256 -verify <(openssl x509 -in "$work/jane.pem" -pubkey -noout) -signature "$work/sig" "$work/data"

step "import refuses, and changes nothing"
remember
sign_request "$work/9c.csr" "$work/9c.pem"
refuses 1 "is for another key" tpmvsc cert import 9a "$work/9c.pem" "${admin[@]}"
cat "$work/9c.pem" "$work/issuer.pem" "$work/ca.pem" >"$work/other-chain.pem"
refuses 1 "none of the 3 certificates" tpmvsc cert import 9a "$work/other-chain.pem" "${admin[@]}"
refuses 1 "there is no key in slot 95" tpmvsc cert import 95 "$work/jane.pem" "${admin[@]}"
sed '6d' "$work/jane.pem" >"$work/torn.pem"
refuses 1 "torn.pem" tpmvsc cert import 9a "$work/torn.pem" "${admin[@]}"
head -c 500 "$work/jane.der" >"$work/torn.der"
refuses 1 "holds no certificate" tpmvsc cert import 9a "$work/torn.der" "${admin[@]}"
refuses 1 "No such file" tpmvsc cert import 9a "$work/nothing" "${admin[@]}"
run openssl pkey -in "$work/ca.key" -out "$work/only.key"
refuses 1 "holds no certificate" tpmvsc cert import 9a "$work/only.key" "${admin[@]}"
run openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/mail.key"
run openssl req -x509 -key "$work/mail.key" -subj /CN=mail -days 2 -out "$work/mail.pem"
run openssl pkcs12 -export -inkey "$work/mail.key" -in "$work/mail.pem" -passout pass:sesame -out "$work/mail.p12"
echo wrong >"$work/wrong"
echo sesame >"$work/sesame"
chmod 600 "$work/wrong" "$work/sesame"
refuses 3 "the passphrase does not open" tpmvsc cert import 82 "$work/mail.p12" "${admin[@]}" --passphrase "file:$work/wrong"
exits_with_input 3 $'0102030405060708010203040506070801020304050607aa\n' tpmvsc cert import 9a "$work/jane.pem" --admin-key -
says "wrong admin key"
run openssl x509 -in "$work/jane.csr" -req -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -days 2 -out "$work/large.pem" \
    -extfile <(echo "nsComment=$(printf 'x%.0s' $(seq 13000))")
refuses 1 "bytes; a card takes" tpmvsc cert import 9a "$work/large.pem" "${admin[@]}"
bad_input 9a "${admin[@]}"
refuses 2 "say which slot" tpmvsc cert import "$work/mail.p12" "${admin[@]}" --passphrase "file:$work/sesame"
unchanged "what was refused"

step "without a slot: where the key is"
exits 0 tpmvsc cert import "$work/9c.pem" "${admin[@]}"
grep -q "^Imported the certificate into slot 9C" <<<"$result" || fail "$result"
exits 0 tpmvsc cert delete 9c "${admin[@]}" --force

step "an expired certificate is imported with a warning"
run openssl x509 -req -in "$work/9c.csr" -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -days 0 -out "$work/expired.pem"
sleep 1 # it ends in the second in which it begins
exits 0 tpmvsc cert import 9c "$work/expired.pem" "${admin[@]}" --json
says "has expired"
equal "expired" True "$(json 'it["certificate"]["expired"]')"
equal "warnings" 1 "$(json 'len(it["warnings"])')"
sign_for_future "$work/9c.csr" "$work/future.pem"
exits 0 tpmvsc cert import 9c "$work/future.pem" "${admin[@]}"
says "is not valid before"

step "PKCS#12 with the key, from escrow"
exits 0 tpmvsc cert import 82 "$work/mail.p12" "${admin[@]}" --passphrase "file:$work/sesame"
grep -q "^Imported the key and its certificate into slot 82 (retired-1)" <<<"$result" || fail "$result"
echo secret >"$work/message"
run openssl cms -encrypt -in "$work/message" -outform DER -out "$work/message.cms" "$work/mail.pem"
cat >"$work/engine.sh" <<END
openssl cms -decrypt -inform DER -in "$work/message.cms" -recip "$work/mail.pem" -engine pkcs11 -keyform engine \
    -inkey "pkcs11:id=%05;type=private;pin-value=$TPMVSC_PIN"
END
run with_engine bash "$work/engine.sh"
says "secret"
exits 2 tpmvsc cert import 9d "$work/mail.p12" "${admin[@]}" --passphrase "file:$work/sesame"
says "--force"
exits 0 tpmvsc cert import 82 "$work/mail.p12" "${admin[@]}" --passphrase "file:$work/sesame" --json
equal "the key is there already" False "$(json 'it["key_imported"]')"

step "self-sign"
for slot in 9a 9c 9d 9e; do
    exits 0 tpmvsc cert self-sign "$slot" --subject "CN=self $slot" --email self@example.org --days 10 "${pin[@]}" "${admin[@]}"
    exits 0 tpmvsc cert export "$slot" --out "$work/self.pem"
    run openssl verify -CAfile "$work/self.pem" -check_ss_sig "$work/self.pem"
    run openssl x509 -in "$work/self.pem" -noout -text
    matches "CN ?= ?self $slot"
    says "email:self@example.org"
    says "CA:FALSE"
done
run openssl x509 -in "$work/self.pem" -noout -checkend $((9 * 86400))
refused openssl x509 -in "$work/self.pem" -noout -checkend $((11 * 86400))

step "export"
exits 0 tpmvsc cert export f9
run openssl x509 -in "$work/result" -noout
exits 0 tpmvsc cert export 9a --format der --out "$work/9a.der"
run openssl x509 -inform DER -in "$work/9a.der" -noout
exits 0 tpmvsc cert export 9a --json
equal "the subject" "CN=self 9a True" "$(json 'it["certificate"]["subject"], it["certificate"]["matches_key"]' | tr -d "()',")"
openssl x509 -in "$work/self.pem" -outform DER | gzip >"$work/self.der.gz" # piv-tool packs nothing itself
piv-tool --reader "$TPMVSC_READER" -A M:9B:03 --compresscert 9E --in "$work/self.der.gz" \
    >"$work/output" 2>&1 || true # its exit status is the number of bytes written
exits 0 tpmvsc cert export 9e
equal "a compressed certificate" "$(cat "$work/self.pem")" "$result"

step "renew with the same key"
exits 0 tpmvsc cert import 9a "$work/jane.pem" "${admin[@]}"
remember
exits 0 tpmvsc cert renew 9a "${pin[@]}" --out "$work/renewal.csr"
run openssl req -in "$work/renewal.csr" -verify -noout -text -nameopt RFC2253,-esc_msb,utf8
says 'Subject: UID=jane+CN=Jäne\, Doe,OU=Mail,O=Example,C=DE'
says "email:jane@example.org, email:j@example.org"
says "Microsoft Smartcard Login"
unchanged "a renewal with the same key"
equal "the key" "$(openssl x509 -in "$work/jane.pem" -pubkey -noout)" "$(openssl req -in "$work/renewal.csr" -pubkey -noout)"

step "renew with a new key: the former pair still decrypts"
exits 0 tpmvsc key generate 9d "${admin[@]}" --force
exits 0 tpmvsc cert self-sign 9d --subject CN=mail --email mail@example.org "${pin[@]}" "${admin[@]}"
exits 0 tpmvsc cert export 9d --out "$work/old.pem"
run openssl cms -encrypt -in "$work/message" -outform DER -out "$work/message.cms" "$work/old.pem"
remember
exits_with_input 3 $'99999999\n' tpmvsc cert renew 9d --new-key --pin - "${admin[@]}"
exits 0 tpmvsc cert request 9a --subject CN=x "${pin[@]}"
exits_with_input 3 $'0102030405060708010203040506070801020304050607aa\n' tpmvsc cert renew 9d --new-key "${pin[@]}" --admin-key -
refuses 1 "is not empty" tpmvsc cert renew 9d --new-key --retire-to 82 "${pin[@]}" "${admin[@]}"
refuses 2 "--new-key" tpmvsc cert renew 9d --retire-to 83 "${pin[@]}"
unchanged "what was refused"
exits 0 tpmvsc cert renew 9d --new-key "${pin[@]}" "${admin[@]}" --out "$work/renewal.csr"
grep -q "the former key and its certificate are in slot 83 (retired-2)" <<<"$result" || fail "$result"
run openssl req -in "$work/renewal.csr" -verify -noout -text
says "email:mail@example.org"
sign_request "$work/renewal.csr" "$work/new.pem"
exits 0 tpmvsc cert import 9d "$work/new.pem" "${admin[@]}"
[[ $(openssl x509 -in "$work/new.pem" -pubkey -noout) != $(openssl x509 -in "$work/old.pem" -pubkey -noout) ]] ||
    fail "the key is the former one"
sed -i "s|-recip [^ ]*|-recip $work/old.pem|; s/id=%05/id=%06/" "$work/engine.sh"
run with_engine bash "$work/engine.sh"
says "secret"
exits 0 tpmvsc key info 83 --json
equal "the former pair" "generated CN=mail True" \
    "$(json 'it["origin"], it["certificate"]["subject"], it["certificate"]["matches_key"]' | tr -d "()',")"
refuses 1 "there is no key" tpmvsc cert renew 95 "${pin[@]}"

step "no retired slot is left"
run openssl ecparam -name prime256v1 -genkey -noout -out "$work/some.key"
for number in $(seq 1 20); do
    tpmvsc key info "retired-$number" >/dev/null 2>&1 ||
        exits 0 tpmvsc key import "retired-$number" "$work/some.key" "${admin[@]}"
done
remember
refuses 1 "all retired slots of the card are taken" tpmvsc cert renew 9d --new-key "${pin[@]}" "${admin[@]}"
unchanged "what was refused"

step "objects"
exits 0 tpmvsc object read chuid --out "$work/chuid"
run ykpiv -a read-object --id 0x5fc102 -f binary -o "$work/chuid2"
run cmp "$work/chuid" "$work/chuid2"
head -c 3000 /dev/urandom >"$work/blob"
exits 0 tpmvsc object write 5fff12 "$work/blob" "${admin[@]}"
equal "the result" 'Wrote object 5fff12 of card "Card 1": 3000 bytes.' "$result"
exits 0 tpmvsc object read 5fff12 --out "$work/blob2"
run cmp "$work/blob" "$work/blob2"
exits 0 tpmvsc object write printed-information "$work/data" "${admin[@]}"
exits_with_input 3 $'99999999\n' tpmvsc object read printed-information --pin -
says "2 tries left"
exits 0 tpmvsc object read printed-information "${pin[@]}"
equal "the contents" hello "$result"
exits 0 tpmvsc object write 5fff12 /dev/null "${admin[@]}"
refuses 1 "there is no object 5fff12" tpmvsc object read 5fff12
head -c 13000 /dev/zero >"$work/blob"
refuses 1 "an object takes 12710" tpmvsc object write 5fff12 "$work/blob" "${admin[@]}"
refuses 2 "there is no such object" tpmvsc object read frob
exits 5 tpmvsc object write discovery "$work/data" "${admin[@]}"

step "anybody may, who has PIN and admin key"
if can_be_anybody; then
    chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
    exits_with_input 0 "$TPMVSC_PIN"$'\n'"$TPMVSC_ADMIN_KEY"$'\n' as_anybody \
        tpmvsc cert self-sign 9a --subject CN=anybody --pin - --admin-key -
fi

step "without pcscd"
"$TPMVSC_RIG_CTL" stop-pcscd
refuses 4 "pcscd is not running" tpmvsc cert import 9a "$work/jane.pem" "${admin[@]}" --card "Card 1"
refuses 4 "pcscd is not running" tpmvsc cert request 9a --subject CN=x --card "Card 1" "${pin[@]}"
