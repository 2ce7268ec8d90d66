#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A GIDS card by OpenSC's PKCS#11 module: a key and its certificate, signatures, decryption, PIN and
# PUK. Runs in a rig whose PUK does not begin with the PIN.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"

new_pin=739164
wrong=999999

head -c 1000 /dev/urandom >"$work/data"

# signs_with PIN: a signature by key 00 that verifies.
signs_with() {
    rm -f "$work/signature"
    run pkcs11-tool --login --pin "$1" --sign --mechanism SHA256-RSA-PKCS --id 00 \
        --input-file "$work/data" --output-file "$work/signature"
    verify_with "$work/mail.pem" "$work/signature" "$work/data"
}

# tries PIN PUK: what is left must be this much.
tries() {
    equal "the PIN's tries" "$1" "$(pin_tries)"
    equal "the PUK's tries" "$2" "$(puk_tries)"
}

step "the token"
run pkcs11-tool --list-slots
says "token label        : GIDS card"
says "login required, token initialized, PIN initialized"

step "a key, made after login only, and its certificate"
refused pkcs11-tool --keypairgen --key-type rsa:2048 --label mail </dev/null
equal "the number of keys" 0 "$(card_fact 'len(card["keys"])')"
run p11 --login --keypairgen --key-type rsa:2048 --label mail
says "Key pair generated"
run pkcs11-tool --read-object --type pubkey --id 00 --output-file "$work/public.der"
run openssl pkey -pubin -inform DER -in "$work/public.der" -out "$work/mail.pub"
issue_certificate "$work/mail.pub" mail "$work/mail.pem"
run openssl x509 -in "$work/mail.pem" -outform DER -out "$work/mail.der"
run p11 --login --write-object "$work/mail.der" --type cert --id 00 --label mail
run pkcs11-tool --read-object --type cert --id 00 --output-file "$work/read.der"
run cmp "$work/mail.der" "$work/read.der"
run p11 --login --list-objects
says "Private Key Object; RSA"
says "sensitive, always sensitive, never extractable, local"
says "subject:    DN: CN=mail"

step "signatures"
for hash in SHA1 SHA256 SHA384 SHA512; do
    run p11 --login --sign --mechanism "$hash-RSA-PKCS" --id 00 --input-file "$work/data" \
        --output-file "$work/signature"
    run openssl dgst "-${hash,,}" -verify "$work/mail.pub" -signature "$work/signature" "$work/data"
    says "Verified OK"
done
openssl dgst -sha256 -binary -out "$work/digest" "$work/data"
{
    printf '\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20'
    cat "$work/digest"
} >"$work/info"
run p11 --login --sign --mechanism RSA-PKCS --id 00 --input-file "$work/info" \
    --output-file "$work/signature"
verify_with "$work/mail.pem" "$work/signature" "$work/data"
run p11 --login --sign --mechanism MD5-RSA-PKCS --id 00 --input-file "$work/data" \
    --output-file "$work/signature"
run openssl dgst -md5 -verify "$work/mail.pub" -signature "$work/signature" "$work/data"

step "what a TLS 1.1 client signs: two digests, without a name of either"
cat <(openssl dgst -md5 -binary "$work/data") <(openssl dgst -sha1 -binary "$work/data") >"$work/two"
run p11 --login --sign --mechanism RSA-PKCS --id 00 --input-file "$work/two" \
    --output-file "$work/signature"
run openssl pkeyutl -verifyrecover -pubin -inkey "$work/mail.pub" -in "$work/signature" \
    -out "$work/recovered"
run cmp "$work/two" "$work/recovered"

step "decryption"
printf 'for the eyes of the card only' >"$work/secret"
run openssl pkeyutl -encrypt -pubin -inkey "$work/mail.pub" -in "$work/secret" -out "$work/sealed"
run p11 --login --decrypt --mechanism RSA-PKCS --id 00 --input-file "$work/sealed" \
    --output-file "$work/opened"
run cmp "$work/secret" "$work/opened"
rm "$work/opened"

step "a cryptogram with other padding is no fault of the TPM's"
run openssl pkeyutl -encrypt -pubin -inkey "$work/mail.pub" -pkeyopt rsa_padding_mode:oaep \
    -in "$work/secret" -out "$work/nonsense"
# TPMs that give something at random instead of refusing are right as well.
p11 --login --decrypt --mechanism RSA-PKCS --id 00 --input-file "$work/nonsense" \
    --output-file "$work/opened" >"$work/output" 2>&1 || grep -q CKR_DATA_INVALID "$work/output" ||
    fail "it is refused for another reason"
refused cmp "$work/secret" "$work/opened"
refused grep "TPM2_RSA_Decrypt" "$TPMVSC_RIG_LOG/pcscd"

step "pkcs11-tool's own test: all but random numbers, which OpenSC has none of from GIDS cards"
run p11 --login --test
says "ERR: C_GenerateRandom failed: CKR_FUNCTION_NOT_SUPPORTED"
# Once in OpenSC 0.23, three times in 0.26.
says "$(grep -c "ERR: C_GenerateRandom" <<<"$output") errors"
matches "^ *SHA256-RSA-PKCS: OK"
tries 3 3

step "changing the PIN needs the old one"
refused pkcs11-tool --login --pin "$wrong" --change-pin --new-pin "$new_pin"
tries 2 3
run pkcs11-tool --login --pin "$TPMVSC_PIN" --change-pin --new-pin "$new_pin"
refused pkcs11-tool --login --pin "$TPMVSC_PIN" --list-objects
says CKR_PIN_INCORRECT
tries 2 3
signs_with "$new_pin"
tries 3 3

step "wrong PINs until it is blocked, and the right one is refused after that"
for left in 2 1 0; do
    refused pkcs11-tool --login --pin "$wrong" --list-objects
    tries "$left" 3
done
refused pkcs11-tool --login --pin "$new_pin" --list-objects
says CKR_PIN_LOCKED
run pkcs11-tool --list-token-slots
says "user PIN locked"
refused pkcs11-tool --login --pin "$new_pin" --sign --mechanism SHA256-RSA-PKCS --id 00 \
    --input-file "$work/data" --output-file "$work/signature"

step "unblocking by PUK, which OpenSC has to be told to allow"
cat >"$work/opensc.conf" <<END
app default {
    pkcs11 { user_pin_unblock_style = set_pin_in_unlogged_session; }
}
END
refused env OPENSC_CONF="$work/opensc.conf" pkcs11-tool --unlock-pin --puk 11111111 \
    --new-pin "$TPMVSC_PIN"
tries 0 2
run env OPENSC_CONF="$work/opensc.conf" pkcs11-tool --unlock-pin --puk "$TPMVSC_PUK" \
    --new-pin "$TPMVSC_PIN"
tries 3 3
signs_with "$TPMVSC_PIN"

step "without that OpenSC takes the PUK for the PIN: that costs a try and sets no PIN"
refused pkcs11-tool --unlock-pin --puk "$TPMVSC_PUK" --new-pin "$new_pin"
tries 2 3
refused pkcs11-tool --login --pin "$new_pin" --list-objects
tries 1 3
signs_with "$TPMVSC_PIN"
tries 3 3
