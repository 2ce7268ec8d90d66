#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A full GIDS card: 30 keys with their certificates, 90 certificates in all, a file of 65,000 bytes; and
# what reading it costs against a card with one key. Runs in a rig with two cards whose pcscd logs
# APDUs.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"
# shellcheck source=tests/clients/counting.sh
. "$(dirname "$0")/counting.sh"

most_keys=30
second=${TPMVSC_READER% *}\ 01
make_ca
head -c 500 /dev/urandom >"$work/data"
openssl dgst -sha256 -binary -out "$work/digest" "$work/data"

# import_key NAME: a key made elsewhere, with its certificate.
import_key() {
    run openssl genrsa -out "$work/$1.key" 2048
    run openssl pkey -in "$work/$1.key" -pubout -out "$work/$1.pub"
    issue_certificate "$work/$1.pub" "$1" "$work/$1.pem"
    run openssl pkcs12 -export -in "$work/$1.pem" -inkey "$work/$1.key" -passout pass:word \
        -out "$work/$1.p12"
    run pkcs15_init --store-private-key "$work/$1.p12" --format PKCS12 --passphrase word \
        --key-usage sign,decrypt --label "$1"
}

# sign_by_each: every key signs, and its certificate says so.
sign_by_each() {
    local number id
    for number in $(seq 0 $((most_keys - 1))); do
        id=$(printf %02x "$number")
        run pkcs15-crypt --reader "$TPMVSC_READER" --sign --key "$id" --pin "$TPMVSC_PIN" --sha-256 \
            --pkcs1 --raw --input "$work/digest" --output "$work/signature"
        verify_with "$work/key$number.pem" "$work/signature" "$work/data"
    done
}

# counted KIND: how many of them pkcs15-tool lists.
counted() { pkcs15 --dump 2>/dev/null | grep -c "^$1" || true; }

# dump_of READER: sets $spent to the APDUs and $took to the milliseconds of a dump.
dump_of() {
    local before started
    before=$(apdus) started=$(date +%s%N)
    reader=$1 run pkcs15 --dump
    took=$((($(date +%s%N) - started) / 1000000))
    sleep 0.2 # for the log
    spent=$(($(apdus) - before))
}

step "a card with one key"
reader=$second provision_gids 2048 single

step "a card with $most_keys keys: every third one imported, the others made in the TPM"
for number in $(seq 0 $((most_keys - 1))); do
    if [[ $((number % 3)) -eq 2 ]]; then
        import_key "key$number"
    else
        provision_gids 2048 "key$number"
    fi
done
equal "the number of keys on the card" "$most_keys" "$(card_fact 'len(card["keys"])')"
equal "the imported ones" $((most_keys / 3)) \
    "$(card_fact 'sum(key["origin"] == "imported" for key in card["keys"])')"
equal "the number of keys listed" "$most_keys" "$(counted "Private RSA Key \[key")"
equal "the number of certificates listed" "$most_keys" "$(counted "X.509 Certificate")"

step "one more is refused, made or imported"
refused pkcs15_init --generate-key rsa/2048 --label "one too many"
run openssl genrsa -out "$work/more.key" 2048
refused pkcs15_init --store-private-key "$work/more.key" --label "one too many"
equal "the number of keys on the card" "$most_keys" "$(card_fact 'len(card["keys"])')"
# OpenSC leaves an entry for each; pkcs15-init finds the first 16 keys only when it is to delete one.
for left_over in 1e 1f; do
    run p11 --slot-description "$TPMVSC_READER" --login --delete-object --type privkey --id "$left_over"
done

step "every key signs"
sign_by_each

step "90 certificates, and a file of 65,000 bytes"
run openssl x509 -in "$work/key0.pem" -outform DER -out "$work/certificate.der"
run /usr/bin/python3 "$(dirname "$0")/gids_objects.py" "$work/certificate.der" 90
says "60 files added"
says "all as it should be"
run gids
says "Found 95 entries in the masterfile"
says 'mscp\old59'

step "what reading everything costs"
dump_of "$second"
few_apdus=$spent few_took=$took
dump_of "$TPMVSC_READER"
says "X.509 Certificate [key29]"
echo "   pkcs15-tool --dump: 1 certificate $few_apdus APDUs, $most_keys certificates $spent APDUs;" \
    "$((100 * took / few_took)) % of the time"
[[ $few_apdus -gt 0 ]] || fail "no APDUs are seen: the log is not what it was"
each=$(((spent - few_apdus) / (most_keys - 1)))
[[ $each -le 6 ]] || fail "each further key and certificate costs $each APDUs"

step "after a restart of TPM and pcscd all is there"
"$TPMVSC_RIG_CTL" stop-pcscd >/dev/null
"$TPMVSC_RIG_CTL" restart-tpm >/dev/null
"$TPMVSC_RIG_CTL" start-pcscd >/dev/null
"$TPMVSC_RIG_CTL" wait-cards 2 >/dev/null
equal "the number of keys listed" "$most_keys" "$(counted "Private RSA Key \[key")"
equal "the number of certificates listed" "$most_keys" "$(counted "X.509 Certificate")"
for number in 0 29; do
    run pkcs15 --read-certificate "$(printf %02x "$number")"
    run cmp <(sed -n '/-BEGIN/,/-END/p' <<<"$output" | openssl x509 -outform DER) \
        <(openssl x509 -in "$work/key$number.pem" -outform DER)
done

step "there is room again when a key goes"
run pkcs15_init --delete-objects privkey,cert --id 05
equal "the number of keys on the card" $((most_keys - 1)) "$(card_fact 'len(card["keys"])')"
provision_gids 2048 key5
equal "the id of the new key" 05 "$id"
equal "the number of keys on the card" "$most_keys" "$(card_fact 'len(card["keys"])')"
sign_by_each
