#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# PIN and PUK by the tools that people use: right, wrong, changed, unblocked; what each costs.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

new_pin=739164
wrong=999999

# verifies PIN: pkcs15-tool, which sends one VERIFY and no more.
verifies() { pkcs15-tool --verify-pin --auth-id 01 --pin "$1"; }

# tries PIN PUK: what is left must be this much.
tries() {
    equal "the PIN's tries" "$1" "$(pin_tries)"
    equal "the PUK's tries" "$2" "$(puk_tries)"
}

provision 9a ECCP256 auth

step "the right PIN costs nothing, a wrong one a try, the next right one restores them"
tries 3 3
run verifies "$TPMVSC_PIN"
tries 3 3
refused verifies "$wrong"
tries 2 3
refused verifies "$wrong"
tries 1 3
run verifies "$TPMVSC_PIN"
tries 3 3

step "the same through PKCS#11"
refused pkcs11-tool --login --pin "$wrong" --list-objects
says CKR_PIN_INCORRECT
tries 2 3
run p11 --login --list-objects
tries 3 3

step "a PIN of a length that cannot be costs nothing"
refused verifies 12
tries 3 3

step "changing the PIN needs the old one"
refused pkcs11-tool --login --pin "$wrong" --change-pin --new-pin "$new_pin"
tries 2 3
run pkcs11-tool --login --pin "$TPMVSC_PIN" --change-pin --new-pin "$new_pin"
tries 3 3
refused verifies "$TPMVSC_PIN"
run verifies "$new_pin"
equal "the default PIN in use" False "$(card_fact 'card["pin"]["default"]')"

step "three wrong ones block it, and the right one is refused as well"
for left in 2 1 0; do
    refused verifies "$wrong"
    tries "$left" 3
done
refused verifies "$new_pin"
tries 0 3
run pkcs11-tool --list-token-slots
says "user PIN locked"
refused pkcs11-tool --login --pin "$new_pin" --list-objects
says CKR_PIN_LOCKED

step "a wrong PUK costs one of its tries, the right one unblocks"
refused pkcs15-tool --unblock-pin --auth-id 01 --puk 99999999 --new-pin "$TPMVSC_PIN"
tries 0 2
run pkcs15-tool --unblock-pin --auth-id 01 --puk "$TPMVSC_PUK" --new-pin "$TPMVSC_PIN"
tries 3 3
run verifies "$TPMVSC_PIN"

step "the key still works"
head -c 32 /dev/urandom >"$work/digest"
run p11 --login --sign --mechanism ECDSA --signature-format openssl --id 01 \
    --input-file "$work/digest" --output-file "$work/signature"
run openssl pkeyutl -verify -pubin -inkey "$work/auth.pub" -in "$work/digest" \
    -sigfile "$work/signature"

step "unblocking by PKCS#11, which OpenSC has to be told to allow"
cat >"$work/opensc.conf" <<END
app default {
    pkcs11 { user_pin_unblock_style = set_pin_in_unlogged_session; }
}
END
for _ in 1 2 3; do refused verifies "$wrong"; done
run env OPENSC_CONF="$work/opensc.conf" pkcs11-tool --unlock-pin --puk "$TPMVSC_PUK" --new-pin "$new_pin"
tries 3 3
run verifies "$new_pin"

step "the PUK can be changed"
run ykpiv -a change-puk "-P$TPMVSC_PUK" -N87654321
refused ykpiv -a unblock-pin "-P$TPMVSC_PUK" "-N$TPMVSC_PIN"
tries 3 2
run ykpiv -a unblock-pin -P87654321 "-N$TPMVSC_PIN"
tries 3 3

step "a PUK without tries left unblocks nothing"
for left in 2 1 0; do
    refused ykpiv -a unblock-pin -P11111111 "-N$new_pin"
    tries 3 "$left"
done
refused ykpiv -a unblock-pin -P87654321 "-N$new_pin"
tries 3 0
run verifies "$TPMVSC_PIN"
