#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's PKCS#11 module and RSA keys: signatures of every padding, decryption.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

head -c 1000 /dev/urandom >"$work/data"
openssl dgst -sha256 -binary "$work/data" >"$work/digest"

# signs MECHANISM ID PUBLIC VERIFY...: the card's signature of the data must verify with OpenSSL.
signs() {
    local mechanism=$1 id=$2 public=$3
    shift 3
    step "$mechanism with key $id"
    run p11 --login --sign --mechanism "$mechanism" --id "$id" --input-file "$work/data" \
        --output-file "$work/signature"
    run openssl dgst -verify "$public" -signature "$work/signature" "$@" "$work/data"
    says "Verified OK"
}

step "RSA-2048 in 9A, 9C and 9D"
for key in 9a:auth 9c:sign 9d:crypt; do
    provision "${key%:*}" RSA2048 "${key#*:}"
done

step "the keys and certificates show up"
run p11 --login --list-objects --type privkey
equal "the number of private keys" 3 "$(grep -c "Private Key Object; RSA" <<<"$output")"
run pkcs11-tool --list-objects --type cert
says "CN=auth"
run pkcs11-tool --read-object --type cert --id 01 --output-file "$work/read.der"
equal "the certificate" "$(openssl x509 -in "$work/auth.pem" -outform DER | sha256sum)" \
    "$(sha256sum <"$work/read.der")"

for hash in SHA1 SHA256 SHA384 SHA512; do
    signs "$hash-RSA-PKCS" 01 "$work/auth.pub" "-${hash,,}"
done
signs SHA256-RSA-PKCS 02 "$work/sign.pub" -sha256

step "PSS"
for hash in SHA256 SHA384 SHA512; do
    signs "$hash-RSA-PKCS-PSS" 01 "$work/auth.pub" "-${hash,,}" -sigopt rsa_padding_mode:pss \
        -sigopt rsa_pss_saltlen:-1
done

step "raw RSA"
{
    printf '\000\001'
    head -c 221 /dev/zero | tr '\000' '\377'
    printf '\000'
    head -c 32 "$work/digest"
} >"$work/block"
run p11 --login --sign --mechanism RSA-X-509 --id 01 --input-file "$work/block" \
    --output-file "$work/signature"
run openssl pkeyutl -verifyrecover -pubin -inkey "$work/auth.pub" -pkeyopt rsa_padding_mode:none \
    -in "$work/signature" -out "$work/recovered"
run cmp "$work/block" "$work/recovered"

# decrypts ID PUBLIC: what OpenSSL has encrypted.
decrypts() {
    run openssl pkeyutl -encrypt -pubin -inkey "$2" -in "$work/secret" -out "$work/sealed"
    run p11 --login --decrypt --mechanism RSA-PKCS --id "$1" --input-file "$work/sealed" \
        --output-file "$work/opened"
    run cmp "$work/secret" "$work/opened"
}

step "decryption, PKCS#1"
printf 'for the eyes of the card only' >"$work/secret"
decrypts 03 "$work/crypt.pub"

step "decryption, OAEP"
run openssl pkeyutl -encrypt -pubin -inkey "$work/crypt.pub" -in "$work/secret" \
    -out "$work/sealed" -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256
run p11 --login --decrypt --mechanism RSA-PKCS-OAEP --hash-algorithm SHA256 --id 03 \
    --input-file "$work/sealed" --output-file "$work/opened"
run cmp "$work/secret" "$work/opened"

step "RSA-1024 among the retired keys, from the card and from outside"
if tpm2_testparms -T "$TPMVSC_TCTI" rsa1024 >"$work/output" 2>&1; then
    provision 82 RSA1024 old
    run openssl genrsa -out "$work/older.key" 1024
    run openssl pkey -in "$work/older.key" -pubout -out "$work/older.pub"
    run ykpiv "-k$TPMVSC_ADMIN_KEY" -a import-key -s 83 -i "$work/older.key"
    issue_certificate "$work/older.pub" older "$work/older.pem"
    store_certificate 83 "$work/older.pem"
    for key in 05:old 06:older; do
        signs SHA256-RSA-PKCS "${key%:*}" "$work/${key#*:}.pub" -sha256
        signs SHA256-RSA-PKCS-PSS "${key%:*}" "$work/${key#*:}.pub" -sha256 \
            -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1
        decrypts "${key%:*}" "$work/${key#*:}.pub"
    done
    refused ykpiv "-k$TPMVSC_ADMIN_KEY" -a generate -s 9a -A RSA1024 -o "$work/refused.pub"
else
    # A TPM without such keys: the card says so, and stays as it is.
    refused ykpiv "-k$TPMVSC_ADMIN_KEY" -a generate -s 82 -A RSA1024 -o "$work/refused.pub"
    equal "the number of keys" 3 "$(card_fact 'len(card["keys"])')"
fi

step "a key that wants the PIN gives nothing without it"
refused pkcs11-tool --sign --mechanism SHA256-RSA-PKCS --id 01 --input-file "$work/data" \
    --output-file "$work/signature" </dev/null

step "pkcs11-tool's own test"
run p11 --login --test
says "No errors"
equal "the PIN's tries" 3 "$(pin_tries)"
