#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How many APDUs and TPM commands OpenSC needs with a GIDS card (doc/clients.md has the table). Runs in
# a rig without PUK whose pcscd logs APDUs.
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"
# shellcheck source=tests/clients/counting.sh
. "$(dirname "$0")/counting.sh"

step "a TPM that logs its commands"
provision_gids 2048 alice
head -c 32 /dev/urandom >"$work/digest"
run openssl pkeyutl -encrypt -pubin -inkey "$work/alice.pub" -in "$work/digest" -out "$work/sealed"
log_tpm_commands

login_and_sign() {
    p11 --login --sign --mechanism SHA256-RSA-PKCS --id "$id" --input-file "$work/digest" \
        --output-file "$work/signature"
}
login_and_decrypt() {
    p11 --login --decrypt --mechanism RSA-PKCS --id "$id" --input-file "$work/sealed" \
        --output-file "$work/opened"
}
unblock() { gids --unblock --admin-key "$TPMVSC_ADMIN_KEY" --pin "$TPMVSC_PIN"; }
wrong_admin_key() { ! gids --unblock --admin-key "${TPMVSC_ADMIN_KEY//0/f}" --pin "$TPMVSC_PIN"; }

step "the first reads after the driver was loaded open the card's key in the TPM"
costs "opensc-tool --name, first" 32 4 opensc-tool --name
costs "pkcs11-tool -L, first" 52 4 pkcs11-tool -L

step "then what is public costs the TPM nothing"
costs "pkcs11-tool -L" 52 0 pkcs11-tool -L
costs "pkcs15-tool --dump" 48 0 pkcs15-tool --dump
costs "pkcs15-tool --read-certificate" 48 0 pkcs15-tool --read-certificate "$id"
costs "gids-tool" 44 0 gids

step "with the card's ATR in opensc.conf OpenSC looks for no other card"
cat >"$work/opensc.conf" <<END
app default {
    card_atr 3b:8d:01:80:fb:a0:00:00:03:97:42:54:46:59:02:01:c9 { driver = "gids"; }
}
END
costs "pkcs11-tool -L, by ATR" 22 0 env OPENSC_CONF="$work/opensc.conf" pkcs11-tool -L
says "token label        : GIDS card"

step "login, signature, decryption: two commands each"
costs "pkcs15-tool --verify-pin" 46 2 verifies "$TPMVSC_PIN"
costs "pkcs11-tool login, signature, first" 58 9 login_and_sign
[[ $(commands) -gt 0 ]] || fail "no TPM commands are seen: the log is not what it was"
costs "pkcs11-tool login, signature" 58 4 login_and_sign
costs "pkcs11-tool login, decryption" 58 4 login_and_decrypt

step "the admin key"
costs "gids-tool --unblock" 40 20 unblock
costs "gids-tool --unblock with a wrong key" 38 7 wrong_admin_key
