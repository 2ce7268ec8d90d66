#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A GIDS and a PIV card in one pcscd: each is taken for what it is, and both sign at the same time.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"

rounds=6
gids_reader=$TPMVSC_READER
head -c 500 /dev/urandom >"$work/data"

# sign_once TOKEN ID PUBLIC FILE: logs in and signs; the signature must verify.
sign_once() {
    pkcs11-tool --token-label "$1" --pin env:TPMVSC_PIN --login --sign --mechanism SHA256-RSA-PKCS \
        --id "$2" --input-file "$work/data" --output-file "$4" &&
        openssl dgst -sha256 -verify "$3" -signature "$4" "$work/data"
}

# signs TOKEN ID PUBLIC
signs() {
    local file
    for round in $(seq "$rounds"); do
        file=$work/$BASHPID.$round
        if ! sign_once "$1" "$2" "$3" "$file" >"$file.log" 2>&1; then
            sed "s/^/    $1, round $round: /" "$file.log" >&2
            return 1
        fi
    done
}

step "a PIV card comes beside the GIDS card"
run tpmvsc create --name beside --profile piv --pin "file:$TPMVSC_PIN_FILE" --puk none \
    --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
piv_reader=$(sed -n 's/.*It is in reader "\(.*\)"\.$/\1/p' <<<"$output")
"$TPMVSC_RIG_CTL" wait-cards 2 >/dev/null
reader=$gids_reader provision_gids 2048 of-gids
reader=$piv_reader provision 9a RSA2048 of-piv

step "each is taken for what it is"
equal "the GIDS card's profile" gids "$(reader=$gids_reader card_fact 'card["profile"]')"
equal "the PIV card's profile" piv "$(reader=$piv_reader card_fact 'card["profile"]')"
run opensc-tool --reader "$gids_reader" --name
says "GIDS Smart Card"
run opensc-tool --reader "$piv_reader" --name
says "Personal Identity Verification Card"
run pkcs11-tool --list-token-slots
says "token label        : GIDS card"
# "GIDS card (UserPIN)" in OpenSC 0.23, without what is in brackets in 0.26.
gids_token=$(sed -n 's/.*token label *: \(GIDS card.*\)/\1/p' <<<"$output")
says "token label        : of-piv"

step "neither answers for the other"
reader=$gids_reader refused ykpiv -a status
reader=$piv_reader refused gids
reader=$gids_reader answers 6A82 00A4040009A00000030800001000
reader=$piv_reader answers 6A82 00A4040009A0000003974254465900

step "both sign at the same time"
signs "$gids_token" "$id" "$work/of-gids.pub" & one=$!
signs of-piv 01 "$work/of-piv.pub" & two=$!
signs "$gids_token" "$id" "$work/of-gids.pub" & three=$!
for job in $one $two $three; do
    wait "$job" || fail "one of those at work at the same time failed"
done

step "a key is made on each while the other signs"
signs of-piv 01 "$work/of-piv.pub" & one=$!
reader=$gids_reader run pkcs15_init --generate-key rsa/2048 --label another
wait "$one" || fail "the PIV card did not sign"
signs "$gids_token" "$id" "$work/of-gids.pub" & one=$!
reader=$piv_reader generate_key 9d RSA2048 "$work/another.pub"
wait "$one" || fail "the GIDS card did not sign"

step "wrong PINs on one card are no business of the other"
refused pkcs11-tool --token-label "$gids_token" --login --pin 999999 --list-objects
equal "the GIDS card's tries" 2 "$(reader=$gids_reader pin_tries)"
equal "the PIV card's tries" 3 "$(reader=$piv_reader pin_tries)"

step "when the PIV card is destroyed the GIDS card stays as it is"
run tpmvsc destroy beside --force
run pkcs11-tool --list-token-slots
says_not "of-piv"
run signs "$gids_token" "$id" "$work/of-gids.pub"
