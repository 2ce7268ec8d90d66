#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What cards need of the TPM is made, once, and nothing else.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# as_tpm COMMAND...: one of tpm2-tools on the rig's TPM, which keeps nothing loaded.
as_tpm() {
    run "$@" -T "$TPMVSC_TCTI"
    tpm2_flushcontext --transient-object -T "$TPMVSC_TCTI" >/dev/null 2>&1
}
shows() { grep -qF -- "$1" <<<"$result" || fail "the result lacks \"$1\": $result"; }

# persistent: the handles of the persistent objects.
persistent() { tpm2_getcap handles-persistent -T "$TPMVSC_TCTI" | tr -d ' -' | tr '\n' ' '; }

other_tpm() {
    "$TPMVSC_RIG_CTL" stop-tpm
    rm -r "$TPMVSC_RIG_DIR/tpm"
    mkdir -m 700 "$TPMVSC_RIG_DIR/tpm"
    "$TPMVSC_RIG_CTL" start-tpm
}
"$TPMVSC_RIG_CTL" stop-pcscd
for name in owner lockout; do
    printf '%s-secret\n' "$name" >"$work/$name"
    chmod 600 "$work/$name"
done
printf 'wrong\n' >"$work/wrong"
chmod 600 "$work/wrong"

step "the storage key of the TCG's template"
exits 0 tpmvsc tpm provision
shows "Made the storage key at 0x81000001."
equal "what there is" "0x81000001 " "$(persistent)"
as_tpm tpm2_readpublic -c 0x81000001 -n "$work/ours"
# The same template by tpm2-tools: the same seed gives the same key.
for _ in x y; do # as tpm2-tools keep a coordinate: size, and room for the largest
    printf '\x20\x00'
    head -c 128 /dev/zero
done >"$work/unique"
as_tpm tpm2_createprimary -C o -G ecc256:null:aes128cfb -u "$work/unique" \
    -a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt" -c "$work/theirs.ctx"
as_tpm tpm2_readpublic -c "$work/theirs.ctx" -n "$work/theirs"
cmp "$work/theirs" "$work/ours" || fail "the key is not the one of the template"

step "again: nothing is done"
exits 0 tpmvsc tpm provision --json
equal "made" "0x81000001 False" "$(json 'it["storage_key"]["handle"], it["storage_key"]["made"]' | tr -d "(),'")"
exits 0 tpmvsc tpm provision --owner-auth "file:$work/wrong"
shows "is there already"
equal "what there is" "0x81000001 " "$(persistent)"
exits 0 create card
equal "what a card adds" "0x81000001 " "$(persistent)"

step "a password of the owner"
other_tpm
as_tpm tpm2_changeauth -c owner owner-secret
exits 3 tpmvsc tpm provision
says "give it with --owner-auth file:PATH"
exits 3 tpmvsc tpm provision --owner-auth "file:$work/wrong"
says "does not accept this password of its owner, so nothing was changed"
exits 2 tpmvsc tpm provision --owner-auth owner-secret
says_not owner-secret
equal "what there is" "" "$(persistent)"
exits 0 tpmvsc lockout status --json
equal "a wrong one is not counted" 0 "$(json 'it["counter"]')"
types 0 "Password of the TPM's owner" secret:owner-secret -- tpmvsc tpm provision
equal "what there is" "0x81000001 " "$(persistent)"

step "a lockout password, once"
exits 2 tpmvsc tpm provision --set-lockout-auth lockout-secret
says_not lockout-secret
printf '%033d\n' 1 >"$work/long"
chmod 600 "$work/long"
exits 2 tpmvsc tpm provision --set-lockout-auth "file:$work/long"
says "1 to 32 bytes"
types 1 "New lockout password" secret:ananas "The same again" secret:tomato -- tpmvsc tpm provision --set-lockout-auth prompt
says "not the same: nothing was changed"
exits 0 tpmvsc tpm provision --set-lockout-auth "file:$work/lockout"
shows "The TPM has the new lockout password now."
exits 0 tpmvsc lockout reset --lockout-auth "file:$work/lockout"
exits 0 tpmvsc tpm provision --set-lockout-auth "file:$work/wrong" --json
equal "set" False "$(json 'it["lockout_password_set"]')"
exits 0 tpmvsc tpm provision --set-lockout-auth "file:$work/wrong"
shows "which was left as it is"
exits 0 tpmvsc lockout reset --lockout-auth "file:$work/lockout"

step "the TPM is locked: that is no obstacle"
for _ in 1 2 3; do
    as_tpm tpm2_createprimary -C o -P owner-secret -G ecc -p right -c "$work/guarded.ctx"
    refused tpm2_create -C "$work/guarded.ctx" -P wrong -G ecc -u "$work/pub" -r "$work/priv" -T "$TPMVSC_TCTI"
    tpm2_flushcontext --transient-object -T "$TPMVSC_TCTI"
done
exits 0 tpmvsc lockout status --json
equal "locked" True "$(json 'it["active"]')"
exits 0 tpmvsc tpm provision
as_tpm tpm2_evictcontrol -C o -P owner-secret -c 0x81000001
exits 0 tpmvsc tpm provision --owner-auth "file:$work/owner"
shows "Made the storage key"

step "an RSA key that is fit, and a key that is not"
other_tpm
as_tpm tpm2_createprimary -C o -G rsa2048:null:aes128cfb \
    -a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt" -c "$work/rsa"
as_tpm tpm2_evictcontrol -C o -c "$work/rsa" 0x81000001
exits 0 tpmvsc tpm provision
shows "is there already, at 0x81000001"
as_tpm tpm2_evictcontrol -C o -c 0x81000001
as_tpm tpm2_createprimary -C o -G rsa2048:null:null -a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign" \
    -c "$work/unfit"
as_tpm tpm2_evictcontrol -C o -c "$work/unfit" 0x81000001
exits 0 tpmvsc tpm provision
shows "Made the storage key at 0x81000002. (0x81000001 is taken by a key that cards cannot use"
equal "what there is" "0x81000001 0x81000002 " "$(persistent)"
exits 0 tpmvsc tpm provision
shows "is there already, at 0x81000002"

step "no room"
other_tpm
index=$((0x1900000))
while tpm2_nvdefine "$(printf '0x%x' $index)" -C o -s 2048 -T "$TPMVSC_TCTI" >/dev/null 2>&1; do index=$((index + 1)); done
while tpm2_nvdefine "$(printf '0x%x' $index)" -C o -s 8 -T "$TPMVSC_TCTI" >/dev/null 2>&1; do index=$((index + 1)); done
# Places for keys are held back from indices.
run tpm2_createprimary -C o -G ecc256:ecdsa:null -a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign" \
    -c "$work/signer" -T "$TPMVSC_TCTI"
handle=$((0x81000100))
while tpm2_evictcontrol -C o -c "$work/signer" "$(printf '0x%x' $handle)" -T "$TPMVSC_TCTI" >/dev/null 2>&1; do
    handle=$((handle + 1))
    tpm2_flushcontext --transient-object -T "$TPMVSC_TCTI"
done
before=$(persistent)
exits 1 tpmvsc tpm provision
says "free NV indices, persistent objects"
equal "what there is" "$before" "$(persistent)"
