#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc key ...": what it makes, moves and deletes, seen by OpenSC and OpenSSL, and what it refuses.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")

# slots: those that hold a key, as the card tells.
slots() { card_fact '" ".join(key["slot"] for key in card["keys"])'; }

# unchanged WORDS: fails when the card does not tell what it told at the last `remember`.
remember() { known=$(tpmvsc key info --json 2>/dev/null); }
unchanged() { equal "the card after $1" "$known" "$(tpmvsc key info --json 2>/dev/null)"; }

step "help"
for verb in generate import info move delete attest; do
    exits 0 tpmvsc key "$verb" --help
    grep -q "^Examples:" <<<"$result" || fail "no examples in the help of key $verb"
    grep -q -- "--json" <<<"$result" || fail "no --json in the help of key $verb"
done
exits 2 tpmvsc key
one_sentence

step "no keys"
exits 0 tpmvsc key info
grep -q "There are no keys" <<<"$result" || fail "it does not say that there are none"
exits 1 tpmvsc key info 9a
one_sentence

step "generate"
exits 0 tpmvsc key generate 9a "${admin[@]}" --public-key-out "$work/9a.pub"
equal "the result" 'Made the RSA-2048 key in slot 9A (authentication) of card "Card 1".' "$result"
equal "what is said meanwhile" "The TPM makes an RSA-2048 key, which can take a minute" "$output"
exits 0 tpmvsc key generate key-management --algorithm p384 "${admin[@]}" --json
equal "the result" "9D P-384 Card 1" "$(json 'it["slot"], it["algorithm"], it["card"]["name"]' | tr -d "()',")"
exits 0 tpmvsc key generate 9e --algorithm p256 --pin-policy always --public-key-out - "${admin[@]}"
equal "the public key" "$(ykpiv -a status >/dev/null; openssl pkey -pubin <<<"$result")" "$result"
says "Made the P-256 key in slot 9E"
equal "slots" "9A 9D 9E" "$(slots)"
equal "when it wants the PIN" always "$(card_fact 'card["keys"][2]["pin_policy"]')"

step "the public key is the key's own"
exits 0 tpmvsc key info 9a --public-key-out -
equal "the public key" "$(cat "$work/9a.pub")" "$result"
fingerprint=$(openssl pkey -pubin -in "$work/9a.pub" -outform DER | sha256sum | cut -d" " -f1)
exits 0 tpmvsc key info 9a --json
equal "the fingerprint" "$fingerprint" "$(json 'it["fingerprint"]')"
equal "certificate" None "$(json 'it["certificate"]')"
issue_certificate "$work/9a.pub" alice "$work/9a.pem"
store_certificate 9a "$work/9a.pem"
echo hello >"$work/data"
run p11 --login --sign --mechanism SHA256-RSA-PKCS --id 01 --input-file "$work/data" --output-file "$work/sig"
run openssl dgst -sha256 -verify "$work/9a.pub" -signature "$work/sig" "$work/data"
exits 0 tpmvsc key info
grep -q "^9A    RSA-2048   once    generated  CN=alice, until 20" <<<"$result" || fail "no such line: $result"

step "a key is replaced only when that is meant"
remember
exits 2 tpmvsc key generate 9a "${admin[@]}"
one_sentence
says "--force"
types 1 'Type "yes"' no -- tpmvsc key generate 9a "${admin[@]}"
says "not confirmed: nothing was changed"
unchanged "no confirmation"
exits 0 tpmvsc key generate 9a --algorithm p256 "${admin[@]}" --force
says "the certificate in slot 9A (authentication) is not for this key"
exits 0 tpmvsc key info 9a --json
equal "the certificate matches" False "$(json 'it["certificate"]["matches_key"]')"
types 0 "Type \"yes\"" yes "Admin key" "secret:$TPMVSC_ADMIN_KEY" -- tpmvsc key generate 9a --algorithm p384

step "not without the admin key, not for slots that there are not"
remember
exits_with_input 3 $'0102030405060708010203040506070801020304050607aa\n' tpmvsc key generate 9c --admin-key -
one_sentence
says "wrong admin key"
unchanged "a wrong admin key"
exits 2 tpmvsc key generate 9b "${admin[@]}"
one_sentence
exits 2 tpmvsc key generate 9c --algorithm des "${admin[@]}"
exits 5 tpmvsc key generate 9c --algorithm rsa1024 "${admin[@]}"
says "cannot make the key: this card or its TPM cannot take that"
exits 1 tpmvsc key generate 9c "${admin[@]}" --public-key-out /nonexistent/file
one_sentence
unchanged "what was refused"
exits 5 tpmvsc key generate 9c --algorithm rsa1024 "${admin[@]}" --public-key-out "$work/none"
[[ ! -e $work/none ]] || fail "an empty file was left"

step "import"
run openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/rsa.pem"
run openssl pkey -in "$work/rsa.pem" -aes256 -passout pass:sesame -out "$work/locked.pem"
run openssl rsa -in "$work/rsa.pem" -traditional -outform DER -out "$work/rsa.der"
run openssl pkcs8 -topk8 -in "$work/rsa.pem" -outform DER -passout pass:sesame -out "$work/locked.der"
run openssl ecparam -name secp384r1 -genkey -out "$work/ec.pem"
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -outform DER -out "$work/ec.der"
run openssl req -x509 -key "$work/rsa.pem" -subj /CN=mail -days 2 -out "$work/mail.pem"
run openssl pkcs12 -export -inkey "$work/rsa.pem" -in "$work/mail.pem" -passout pass:sesame -out "$work/mail.p12"
run openssl pkcs12 -export -legacy -inkey "$work/rsa.pem" -in "$work/mail.pem" -passout pass:sesame \
    -out "$work/old.p12"
run openssl pkcs12 -export -inkey "$work/rsa.pem" -in "$work/mail.pem" -passout pass: -out "$work/open.p12"
echo sesame >"$work/passphrase"
chmod 600 "$work/passphrase"
# imports SLOT FILE KEY ARGUMENTS...: the slot has the public key of KEY afterwards.
imports() {
    local slot=$1 file=$2 key=$3
    shift 3
    exits 0 tpmvsc key import "$slot" "$work/$file" "${admin[@]}" "$@"
    says "was seen outside of the TPM"
    exits 0 tpmvsc key info "$slot" --public-key-out -
    equal "the public key of $file" "$(openssl pkey -in "$work/$key" -pubout)" "$result"
    exits 0 tpmvsc key info "$slot" --json
    equal "origin" imported "$(json 'it["origin"]')"
}
imports 82 rsa.pem rsa.pem
imports 83 locked.pem rsa.pem --passphrase "file:$work/passphrase"
imports 84 rsa.der rsa.pem
imports 85 locked.der rsa.pem --passphrase "file:$work/passphrase"
imports 86 ec.pem ec.pem --pin-policy never
imports 87 ec.der ec.der
imports 88 mail.p12 rsa.pem --passphrase "file:$work/passphrase"
imports 88 old.p12 rsa.pem --passphrase "file:$work/passphrase" --force
imports 88 open.p12 rsa.pem --force
exits_with_input 0 "$(cat "$work/rsa.pem")" tpmvsc key import 89 - "${admin[@]}"
types 0 "Passphrase of $work/locked.pem: " secret:sesame -- \
    tpmvsc key import 90 "$work/locked.pem" "${admin[@]}"

step "what cannot be imported changes nothing"
remember
# not_imported STATUS TEXT FILE ARGUMENTS...
not_imported() {
    local status=$1 text=$2 file=$3
    shift 3
    exits "$status" tpmvsc key import 91 "$work/$file" "${admin[@]}" "$@"
    one_sentence
    says "$text"
}
echo wrong >"$work/wrong"
chmod 600 "$work/wrong"
for file in locked.pem locked.der mail.p12 old.p12; do
    not_imported 3 "the passphrase does not open" "$file" --passphrase "file:$work/wrong"
done
not_imported 2 "--passphrase" locked.pem
not_imported 1 "holds no private key" mail.pem
not_imported 1 "No such file" none.pem
head -c 800 /dev/urandom >"$work/noise"
not_imported 1 "holds no certificate and no key" noise
sed '5,9d' "$work/rsa.pem" >"$work/torn.pem"
not_imported 1 "torn.pem" torn.pem
: >"$work/empty"
not_imported 1 "holds no certificate and no key" empty
run openssl genpkey -algorithm ED25519 -out "$work/ed.pem"
not_imported 5 "a card cannot hold this key" ed.pem
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out "$work/k1.pem"
not_imported 5 "a card cannot hold this key" k1.pem
run openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out "$work/e3.pem"
not_imported 5 "exponent" e3.pem
exits 2 tpmvsc key import 82 "$work/rsa.pem" "${admin[@]}"
says "--force"
unchanged "what was refused"

step "move"
run openssl x509 -new -force_pubkey <(openssl pkey -in "$work/rsa.pem" -pubout) -subj /CN=mail -days 2 \
    -CA "$work/ca.pem" -CAkey "$work/ca.key" -out "$work/mail.pem"
store_certificate 82 "$work/mail.pem"
exits 0 tpmvsc key move 82 9c "${admin[@]}"
equal "the result" 'Moved the RSA-2048 key in slot 82 (retired-1) of card "Card 1" and its certificate to slot 9C (signature).' "$result"
exits 0 tpmvsc key info 9c --json
equal "its certificate" "CN=mail True" "$(json 'it["certificate"]["subject"], it["certificate"]["matches_key"]' | tr -d "()',")"
exits 1 tpmvsc key info 82
refused ykpiv -a read-certificate -s 82 -o -
remember
exits 1 tpmvsc key move 82 95 "${admin[@]}"
one_sentence
exits 1 tpmvsc key move 9c 9a "${admin[@]}"
one_sentence
says "holds a key already"
unchanged "what was refused"

step "attest"
exits 0 tpmvsc key attest 9a --out "$work/attestation.pem"
equal "the result" "The card attests to the P-384 key in slot 9A (authentication): it was made in the TPM." "$result"
run ykpiv -a read-certificate -s f9 -o "$work/f9.pem"
run "$here/../clients/attestation_verifier.py" "$work/attestation.pem" "$work/f9.pem"
exits 0 tpmvsc key attest 9a --format der --out "$work/attestation.der"
run openssl x509 -inform DER -in "$work/attestation.der" -noout
exits 0 tpmvsc key attest 9a --json
grep -q "BEGIN CERTIFICATE" <<<"$(json 'it["attestation"]')" || fail "no certificate in the JSON"
exits 1 tpmvsc key attest 9c
one_sentence
says "imported"
exits 1 tpmvsc key attest 95
one_sentence

step "delete"
exits 2 tpmvsc key delete 9c "${admin[@]}"
says "--force"
exits 0 tpmvsc key delete 9c "${admin[@]}" --force
equal "the result" 'Deleted the RSA-2048 key in slot 9C (signature) of card "Card 1".' "$result"
says "its certificate is still there"
exits 1 tpmvsc key delete 9c "${admin[@]}" --force
one_sentence
exits 0 tpmvsc key delete 90 "${admin[@]}" --force --json
equal "the result" "90" "$(json 'it["deleted"]["slot"]')"

step "anybody may, who has the admin key"
if can_be_anybody; then
    chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
    exits 0 as_anybody tpmvsc key info 9a
    exits_with_input 0 "$TPMVSC_ADMIN_KEY"$'\n' as_anybody tpmvsc key delete 87 --force --admin-key -
fi

step "nobody finds the admin key shown already"
exits 0 tpmvsc key generate 95 --algorithm p256 "${admin[@]}"
opensc-tool --reader "$TPMVSC_READER" --card-driver default --send-apdu 00:A4:04:00:05:A0:00:00:03:08 \
    --send-apdu 00:F6:FF:95 >"$work/output" 2>&1
output=$(cat "$work/output")
says "SW1=0x69, SW2=0x82"

step "on a GIDS card"
exits 0 tpmvsc create --name windows --profile gids --generate --pin default --puk none --admin-key default
exits 5 tpmvsc key move 81 82 --card windows "${admin[@]}"
one_sentence
says "is for PIV cards"
exits 2 tpmvsc key generate 9f --card windows --pin default
one_sentence
says "there is no such container"

step "without pcscd"
"$TPMVSC_RIG_CTL" stop-pcscd
exits 4 tpmvsc key info --card "Card 1"
one_sentence
says "pcscd is not running"
