#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The help desk's program alone: answers from admin keys, from keys in PEM files, in a token in software
# and in one of our own cards. What it answers is verified by openssl and by a second implementation.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"

# python ACTION...: the second implementation.
python() { python3 "$here/../clients/help_desk.py" "$@"; }

from_hex() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
to_hex() { od -An -v -tx1 | tr -d ' \n'; }

serial=12345678
nonce=$(openssl rand -hex 16)
to_authority=$(python challenge 16 "$serial" "$nonce")
python digest "$to_authority" >"$work/digest"

# respond STATUS ARGUMENTS...: what it answers is in $result.
respond() {
    local expected=$1
    shift
    exits "$expected" tpmvsc-admin respond "$@"
}

# verified PUBLIC: openssl takes the last answer for a signature by this key.
verified() {
    local signature
    signature=$(python answer "$to_authority" "$result")
    if openssl pkey -pubin -in "$1" -noout -text | grep -q "^ASN1 OID: prime256v1"; then
        python der "$signature" >"$work/signature"
    else
        from_hex <<<"$signature" >"$work/signature"
    fi
    run openssl pkeyutl -verify -pubin -inkey "$1" -in "$work/digest" -sigfile "$work/signature" \
        -pkeyopt digest:sha256
}

step "a key pair of its own, encrypted by a passphrase"
printf 'correct horse\n' >"$work/passphrase"
cd "$work"
exits 0 tpmvsc-admin authority new --out desk.pem --passphrase "file:passphrase" --json
fingerprint=$(json 'it["fingerprint"]')
equal "the fingerprint" "$(openssl pkey -pubin -in desk.pub.pem -outform DER | sha256sum | cut -d' ' -f1)" \
    "$fingerprint"
equal "who may read the private key" 600 "$(stat -c %a desk.pem)"
grep -q "BEGIN ENCRYPTED PRIVATE KEY" desk.pem || fail "the private key is not encrypted"
run openssl pkey -in desk.pem -passin file:passphrase -noout
exits 0 tpmvsc-admin authority show desk.pub.pem
grep -qF "$fingerprint" <<<"$result" || fail "another fingerprint: $result"
exits 1 tpmvsc-admin authority new --out desk.pem --passphrase none
says "there already"
exits 0 tpmvsc-admin authority show desk.pem --passphrase file:passphrase
grep -qF "$fingerprint" <<<"$result" || fail "the key pair was touched: $result"
touch other.pub.pem
exits 1 tpmvsc-admin authority new --out other.pem --passphrase none
[[ ! -e other.pem ]] || fail "half a key pair was left"

step "its answer is a signature that openssl verifies"
respond 0 "$to_authority" --key desk.pem --passphrase file:passphrase --yes
says "serial number $serial"
verified desk.pub.pem
first=$result
respond 0 "${to_authority,,}" --key desk.pem --passphrase file:passphrase --yes
verified desk.pub.pem
[[ $first != "$result" ]] || fail "two ECDSA signatures are the same"
exits_with_input 0 "${to_authority//-/ }"$'\n' \
    tpmvsc-admin respond - --key desk.pem --passphrase file:passphrase --yes --json
result=$(json 'it["answer"]')
verified desk.pub.pem

step "a wrong passphrase, and none"
printf 'wrong horse\n' >wrong
respond 3 "$to_authority" --key desk.pem --passphrase file:wrong --yes
one_admin_sentence() { grep -q '^tpmvsc-admin: ' <<<"$(tail -1 <<<"$output")" || fail "no sentence: $output"; }
one_admin_sentence
respond 2 "$to_authority" --key desk.pem --yes
says "no terminal to ask on"
types 0 "Challenge:" "$to_authority" "sure who that is" yes "Passphrase of desk.pem:" "secret:correct horse" -- \
    tpmvsc-admin respond --key desk.pem
says "serial number $serial"
types 1 "sure who that is" no -- tpmvsc-admin respond "$to_authority" --key desk.pem
says "nothing was answered"
respond 2 "$to_authority" --key desk.pem
says "--yes"

step "keys of other origins: RSA, the traditional form; and those that no TPM would verify"
for bits in 2048 3072 4096; do
    openssl genrsa -traditional -out "rsa$bits.pem" "$bits" 2>/dev/null
    openssl pkey -in "rsa$bits.pem" -pubout -out "rsa$bits.pub.pem"
    respond 0 "$to_authority" --key "rsa$bits.pem" --yes
    verified "rsa$bits.pub.pem"
done
openssl req -x509 -new -key rsa2048.pem -subj "/CN=Help desk" -out rsa2048.crt -days 2
exits 0 tpmvsc-admin authority show rsa2048.crt --json
equal "the certificate's key" "RSA-2048 $(openssl pkey -pubin -in rsa2048.pub.pem -outform DER | sha256sum |
    cut -d' ' -f1)" "$(json 'it["algorithm"] + " " + it["fingerprint"]')"
openssl ecparam -name prime256v1 -genkey -noout -conv_form compressed -out compressed.pem
openssl ec -in compressed.pem -conv_form uncompressed -pubout -out uncompressed.pub.pem 2>/dev/null
exits 0 tpmvsc-admin authority show compressed.pem --json
equal "the fingerprint of a key in compressed form" \
    "$(openssl pkey -pubin -in uncompressed.pub.pem -outform DER | sha256sum | cut -d' ' -f1)" \
    "$(json 'it["fingerprint"]')"
openssl ecparam -name secp384r1 -genkey -noout -out p384.pem
openssl genpkey -algorithm ed25519 -out ed25519.pem
openssl genrsa -out rsa1024.pem 1024 2>/dev/null
openssl genrsa -3 -out rsa3.pem 2048 2>/dev/null
openssl genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out pss.pem 2>/dev/null
for other in p384 ed25519 rsa1024 rsa3 pss; do
    respond 2 "$to_authority" --key "$other.pem" --yes
    says "P-256, or RSA"
done
respond 2 "$to_authority" --key passphrase --yes
respond 1 "$to_authority" --key nowhere.pem --yes

step "the admin key: given, derived, or from an escrow file"
openssl rand -hex 32 >master
id=$(openssl rand -hex 16)
for algorithm in tdes:1:8 aes128:2:16 aes192:3:16 aes256:4:16; do
    IFS=: read -r name kind size <<<"$algorithm"
    block=$(openssl rand -hex "$size")
    challenge=$(python challenge "$kind" "$serial" "$block")
    exits 0 tpmvsc-admin admin-key derive --master file:master --card "$id" --algorithm "$name" --json
    key=$(json 'it["secrets"]["admin_key"]')
    cipher=-${name/aes/aes-}-ecb
    # What is encrypted: the beginning of SHA-256 over what sets this use apart, serial number and challenge.
    digest=$({ printf 'tpmvsc PIN reset ' | to_hex; printf '%08x%s' "$serial" "$block"; } |
        tr -d '\n' | from_hex | sha256sum)
    expected=$(from_hex <<<"${digest:0:2*size}" | openssl enc "${cipher/tdes-ecb/des-ede3}" -K "$key" -nopad | to_hex)
    exits_with_input 0 "$key" tpmvsc-admin respond "$challenge" --admin-key - --yes
    equal "the answer for $name" "$expected" "$(python answer "$challenge" "$result")"
    respond 0 "$challenge" --master file:master --card-id "$id" --yes
    equal "the answer for $name, derived" "$expected" "$(python answer "$challenge" "$result")"
done
derived=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "hexkey:$(cat master)" \
    -kdfopt "hexinfo:$(printf 'tpmvsc admin keyaes256' | to_hex)$id" HKDF | tr -d ':\n' |
    tr '[:upper:]' '[:lower:]')
equal "the key that openssl derives" "$derived" "$key"

openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=Escrow" -keyout escrow.pem -out escrow.crt \
    -days 2 2>/dev/null
printf '{"format": "tpmvsc escrow 1", "id": "%s", "serial": %s, "name": "laptop", "profile": "piv", "created":
    "2026-01-01T00:00:00Z", "admin_key": {"algorithm": "aes256", "value": "%s"}, "puk": "28140963"}' \
    "$id" "$serial" "$key" | openssl cms -encrypt -aes256 -binary -outform PEM -out laptop.cms escrow.crt
respond 0 "$challenge" --escrow laptop.cms --key escrow.pem --yes
equal "the answer, from escrow" "$expected" "$(python answer "$challenge" "$result")"
exits 0 tpmvsc-admin admin-key open laptop.cms --key escrow.pem --json
equal "what is in the escrow file" "$key 28140963 $serial" \
    "$(json 'it["secrets"]["admin_key"], it["secrets"]["puk"], it["serial"]' | tr -d "(),'")"
respond 3 "$challenge" --escrow laptop.cms --key rsa2048.pem --yes
respond 1 "$(python challenge 4 87654321 "$block")" --escrow laptop.cms --key escrow.pem --yes
says "is of the card with the serial number $serial"
respond 1 "$(python challenge 2 "$serial" "$block")" --escrow laptop.cms --key escrow.pem --yes
says "the card's key was changed"

step "what does not fit the challenge"
respond 2 "$challenge" --key desk.pem --yes
says "not by an authority's key"
respond 2 "$to_authority" --admin-key file:master --yes
says "not by an admin key"
exits_with_input 2 "0102" tpmvsc-admin respond "$challenge" --admin-key - --yes
says "64 hexadecimal digits"
exits_with_input 2 "$(openssl rand -hex 31)" \
    tpmvsc-admin respond "$challenge" --master - --card-id "$id" --yes
says "at least 64 hexadecimal digits"
respond 2 "$challenge" --master file:master --card-id 0102 --yes
respond 2 "$challenge" --admin-key "$key" --yes
says "never the secret itself"
says_not "$key"
wrong=${to_authority/%?/$([[ $to_authority == *7 ]] && echo 8 || echo 7)}
respond 2 "$wrong" --key desk.pem --yes
says "compare it group by group"

step "a key in a token in software"
module=$(sed -n 's/^module: *//p' /usr/share/p11-kit/modules/softhsm2.module)
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$work" >softhsm.conf
export SOFTHSM2_CONF=$work/softhsm.conf
printf '73916482\n' >token-pin
hsm() { run pkcs11-tool --module "$module" --token-label "$token" --login --pin 73916482 "$@"; }
for token in "Help desk" "Other desk"; do
    run softhsm2-util --init-token --free --label "$token" --so-pin 12345678 --pin 73916482
    hsm --keypairgen --key-type EC:prime256v1 --label reset --id 01
done
token="Help desk"
hsm --keypairgen --key-type rsa:2048 --label "reset rsa" --id 02
hsm --keypairgen --key-type EC:secp384r1 --label p384 --id 03
public_of() {
    hsm --read-object --type pubkey --id "$1" -o "token$1.der"
    openssl pkey -pubin -inform DER -in "token$1.der" -out "token$1.pub.pem"
}
public_of 01
public_of 02
with_token() {
    local expected=$1 uri=$2
    shift 2
    respond "$expected" "$to_authority" --key "pkcs11:$uri" --pin file:token-pin --yes "$@"
}
with_token 0 "token=Help%20desk;object=reset?module-path=$module"
verified token01.pub.pem
with_token 0 "token=Help%20desk;id=%02?module-path=$module"
verified token02.pub.pem
respond 0 "$to_authority" --yes --key \
    "pkcs11:token=Help%20desk;object=reset?module-path=$module&pin-source=file:$work/token-pin"
verified token01.pub.pem
types 0 "PIN of token \"Help desk\":" secret:73916482 -- tpmvsc-admin respond "$to_authority" --yes \
    --key "pkcs11:token=Help%20desk;object=reset?module-path=$module"
with_token 2 "object=reset?module-path=$module"
says '"Help desk"'
says '"Other desk"'
with_token 2 "token=Help%20desk?module-path=$module"
says "several private keys"
with_token 2 "token=Help%20desk;object=nothing?module-path=$module"
says "no private key"
with_token 5 "token=Help%20desk;object=p384?module-path=$module"
with_token 4 "token=Nowhere?module-path=$module"
with_token 1 "token=Help%20desk?module-path=/nowhere.so"
with_token 2 "frob=1"
with_token 2 "token=Help%20desk;object=reset?module-path=$module&pin-value=73916482"
says "pin-value"
printf '73916483\n' >token-pin
with_token 3 "token=Help%20desk;object=reset?module-path=$module"
says "this is not its PIN"

step "a key in a card of ours, through OpenSC: one that wants the PIN for each use"
provision 9c ECCP256 authority
printf '%s\n' "$TPMVSC_PIN" >token-pin
opensc=$(pkcs11_module opensc-pkcs11.so)
with_token 0 "id=%02?module-path=$opensc"
verified authority.pub
