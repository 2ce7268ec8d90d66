#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC on cards whose PIN the TPM's lockout guards, PIV and GIDS: logging in, signing, wrong PINs, a
# locked TPM, and the end of that. Runs in a rig without cards.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

# card NAME ARGUMENTS...: makes one with the rig's secrets.
card() {
    run tpmvsc create --name "$1" --anti-hammering lockout --pin "file:$TPMVSC_PIN_FILE" \
        --puk "file:$TPMVSC_PUK_FILE" --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" "${@:2}"
}

# on SLOT ARGUMENTS...: pkcs11-tool on the token in that reader, with the right PIN.
on() { pkcs11-tool --slot-index "$1" --login --pin env:TPMVSC_PIN "${@:2}"; }

step "a card of either profile, and one that counts by itself"
card piv
card gids --profile gids --generate
run tpmvsc create --name counted --pin "file:$TPMVSC_PIN_FILE" --puk "file:$TPMVSC_PUK_FILE" \
    --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
provision 9a RSA2048 auth
reader="${TPMVSC_READER% *} 02" provision 9a ECCP256 counted
run pkcs15-init --reader "${TPMVSC_READER% *} 01" --verify-pin --pin "$TPMVSC_PIN" --auth-id 80 \
    --generate-key rsa/2048 --key-usage sign,decrypt --label gids
slots=$(pkcs11-tool -L 2>/dev/null)
slot_of() { sed -n "s/^Slot \([0-9]*\) .*: ${TPMVSC_READER% *} $1.*/\1/p" <<<"$slots"; }
piv=$(slot_of 00) gids=$(slot_of 01) counted=$(slot_of 02)

# signs SLOT KEY...: a signature by that key.
signs() {
    echo data >"$work/data"
    run on "$1" --sign --mechanism SHA256-RSA-PKCS "${@:2}" --input-file "$work/data" \
        --output-file "$work/signature"
    equal "the size of a signature" 256 "$(stat -c %s "$work/signature")"
}

step "logging in and signing"
signs "$piv" --id 01
signs "$gids" --label gids

step "the statement says what guards the PIN, and the verifier tells it apart"
run ykpiv -a read-certificate -s f9 -o "$work/f9.pem"
run ykpiv -a attest -s 9a -o "$work/9a.pem"
run "$(dirname "$0")/attestation_verifier.py" --spoil "$work/9a.pem" "$work/f9.pem"
says "PIN: delayed by the TPM's lockout, wanted once"

step "wrong PINs on one card, until the TPM locks for both"
refused pkcs11-tool --slot-index "$piv" --login --pin 999999 --list-objects
says CKR_PIN_INCORRECT
refused pkcs11-tool --slot-index "$gids" --login --pin 999999 --list-objects
says CKR_PIN_INCORRECT
refused ykpiv -a verify-pin -P999999
for slot in "$piv" "$gids"; do
    refused on "$slot" --list-objects
    says CKR_PIN_LOCKED
done

step "what needs no PIN goes on, and so does the card that counts by itself"
run ykpiv -a read-certificate -s 9a -o "$work/again.pem"
run on "$counted" --list-objects --type privkey
says "Private Key Object; EC"

step "the lockout ends, and nothing was blocked"
run tpmvsc lockout reset
signs "$piv" --id 01
signs "$gids" --label gids
run pkcs11-tool --slot-index "$piv" --login --pin "$TPMVSC_PIN" --change-pin --new-pin 246813
run pkcs11-tool --slot-index "$piv" --login --pin 246813 --list-objects
