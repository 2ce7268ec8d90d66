#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Is the TPM ready for cards? In each of the states that a TPM can be in.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# status STATUS ARGUMENTS...: as JSON; whatever is not fine has something to do with it.
status() {
    local expected=$1
    shift
    exits "$expected" tpmvsc tpm status --json "$@"
    equal "findings without advice" "[]" \
        "$(json '[f["text"] for f in it["findings"] if f["level"] != "ok" and not f["advice"]]')"
    equal "ready" "$([[ $expected == 0 ]] && echo True || echo False)" "$(json 'it["ready"]')"
}

# shows PATTERN: on standard output.
shows() { grep -qE -- "$1" <<<"$result" || fail "the result lacks /$1/: $result"; }

# finds CHECK PATTERN
finds() {
    local found
    found=$(json '" / ".join(f["level"] + ": " + f["text"] for f in it["findings"] if f["check"] == "'"$1"'")')
    grep -qE -- "$2" <<<"$found" || fail "$1 is \"$found\", not /$2/"
}

# as_tpm COMMAND...: one of tpm2-tools on the rig's TPM, which keeps nothing loaded.
as_tpm() {
    run "$@" -T "$TPMVSC_TCTI"
    tpm2_flushcontext --transient-object -T "$TPMVSC_TCTI" >/dev/null 2>&1
}
indices() { json 'it["tpm"]["nv_indices"]'; }

# other_tpm: a fresh one, in place of the one before.
other_tpm() {
    "$TPMVSC_RIG_CTL" stop-pcscd
    "$TPMVSC_RIG_CTL" stop-tpm
    rm -r "$TPMVSC_RIG_DIR/tpm"
    mkdir -m 700 "$TPMVSC_RIG_DIR/tpm"
    "$TPMVSC_RIG_CTL" start-tpm
}

step "a fresh TPM"
exits 0 tpmvsc tpm status
shows "^TPM +IBM SW   TPM, firmware [0-9.]+, TPM 2.0 revision [12]\.[0-9]+$"
shows "^Kind +a program$"
shows "^Self-test +passed$"
shows "^Storage key +0x81000001 is empty"
shows "^Endorsement +no password$"
shows "^Room +the TPM does not tell"
shows "^Cards can be made in this TPM\.$"
status 0
equal "the members" "card_needs findings ready room tpm" "$(json '" ".join(sorted(it))')"
equal "what was tried" None "$(json 'it["room"]')"
equal "the session's cipher" True "$(json '"AES-128-CFB" in it["tpm"]["session_ciphers"]')"
equal "it is the doctor's" "$(json 'it["tpm"]')" "$(tpmvsc doctor --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["tpm"])')"

step "what a card of each kind takes"
run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/authority.key"
run openssl pkey -in "$work/authority.key" -pubout -out "$work/authority.pem"
kinds=("" "--puk none" "--authority $work/authority.pem" "--authority $work/authority.pem --puk random" "--profile gids --puk random")
for number in "${!kinds[@]}"; do
    status 0
    before=$(indices)
    equal "a kind" "$(json 'it["card_needs"]['"$number"']["options"].split(" ")[0]')" "${kinds[number]%% *}"
    needed=$(json 'it["card_needs"]['"$number"']["nv_indices"]')
    # shellcheck disable=SC2086
    exits 0 tpmvsc create --name "card$number" --pin random --admin-key random ${kinds[number]:---puk random}
    status 0
    equal "the indices of \"${kinds[number]}\"" "$needed" "$(($(indices) - before))"
    equal "the persistent objects" 1 "$(json 'it["tpm"]["persistent_objects"]')"
    exits 0 tpmvsc destroy "card$number" --force
done

step "the room is tried, and nothing stays"
status 0
before=$(indices)
status 0 --measure
equal "the room" "48 16" "$(json 'it["room"]["nv_indices"], it["room"]["cards"]' | tr -d '(),')"
exits 2 tpmvsc tpm status --owner-auth file:/dev/null
status 0
equal "the indices" "$before" "$(indices)"
# What an interrupted count has left has the policy of a trial index.
printf 'tpmvsc trial index' | openssl dgst -sha256 -binary >"$work/policy"
as_tpm tpm2_nvdefine 0x1800000 -C o -s 8 -L "$work/policy" -a "policyread|policywrite|no_da"
status 0 --measure
status 0
equal "the indices" "$before" "$(indices)"

step "passwords"
as_tpm tpm2_changeauth -c owner aoudad
as_tpm tpm2_changeauth -c endorsement ocelot
status 0
equal "set" "True True False" \
    "$(json 'it["tpm"]["owner_password_set"], it["tpm"]["endorsement_password_set"], it["tpm"]["lockout_password_set"]' | tr -d '(),')"
finds endorsement "^warning: .*cannot prove which TPM"
exits 3 tpmvsc tpm status --measure
says "give it with"
printf 'wrong\n' >"$work/wrong"
printf 'aoudad\n' >"$work/owner"
chmod 600 "$work/wrong" "$work/owner"
exits 3 tpmvsc tpm status --measure --owner-auth "file:$work/wrong"
one_sentence
says "does not accept this password"
status 0 --measure --owner-auth "file:$work/owner"
status 0
equal "the indices" "$before" "$(indices)"
equal "wrong passwords of the owner are not counted" 0 "$(json 'it["tpm"]["lockout"]["counter"]')"

step "a full TPM"
other_tpm
index=$((0x1900000))
while tpm2_nvdefine "$(printf '0x%x' $index)" -C o -s 2048 -T "$TPMVSC_TCTI" >/dev/null 2>&1; do index=$((index + 1)); done
while tpm2_nvdefine "$(printf '0x%x' $index)" -C o -s 8 -T "$TPMVSC_TCTI" >/dev/null 2>&1; do index=$((index + 1)); done
status 0
status 1 --measure
finds room "^error: .*no more card fits"

step "something unfit where the storage key belongs"
other_tpm
as_tpm tpm2_createprimary -C o -G rsa2048:null:null -a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign" \
    -c "$work/unfit"
as_tpm tpm2_evictcontrol -C o -c "$work/unfit" 0x81000001
status 0
equal "fit" "True False" "$(json 'it["tpm"]["parent"]["present"], it["tpm"]["parent"]["fit"]' | tr -d '(),')"
finds parent-key "0x81000001 is taken by a key that cards cannot use"

step "locked, and a lockout that is off"
for _ in 1 2 3; do
    as_tpm tpm2_createprimary -C o -G ecc -p right -c "$work/guarded.ctx"
    refused tpm2_create -C "$work/guarded.ctx" -P wrong -G ecc -u "$work/pub" -r "$work/priv" -T "$TPMVSC_TCTI"
    tpm2_flushcontext --transient-object -T "$TPMVSC_TCTI"
done
exits 1 tpmvsc tpm status
shows "Cards cannot be made or used"
status 1
finds lockout "^error: .*locked for at most"
as_tpm tpm2_dictionarylockout --setup-parameters --max-tries 5 --recovery-time 0 --lockout-recovery-time 0
status 0
finds lockout "^warning: .*switched off"

step "the firmware has switched the hierarchies off"
as_tpm tpm2_hierarchycontrol -C p shEnable clear
status 1
finds owner "^error: .*switched off"
exits 1 tpmvsc tpm provision
one_sentence
says "hierarchy is switched off"
as_tpm tpm2_hierarchycontrol -C p ehEnable clear
status 1
finds endorsement "^warning: .*switched off"

step "an old TPM"
socket=${TPMVSC_TCTI#*path=}
sed "s|^tcti = .*|tcti = swtpm:path=$work/other|" "$TPMVSC_CONFIG" >"$work/other.conf"
"$here/old_tpm.py" "$socket" "$work/other" &
proxy=$!
background=("$proxy")
until [[ -S $work/other ]]; do sleep 0.05; done
TPMVSC_CONFIG="$work/other.conf" exits 1 tpmvsc tpm status # still switched off
shows "^TPM .*revision 1\.16$"
shows "^Wrong PINs +counted by the TPM's lockout only$"
kill "$proxy"
wait "$proxy" 2>/dev/null || true
background=()

# as_other SWTPM-ARGUMENTS...: another software TPM, at $work/other.
as_other() {
    rm -rf "$work/other" "$work/other.ctrl" "${work:?}/state"
    mkdir "$work/state"
    (cd "$work" && exec swtpm socket "$@" --server "type=unixio,path=$work/other" \
        --ctrl "type=unixio,path=$work/other.ctrl" --flags not-need-init,startup-clear \
        --daemon --pid "file=$work/pid")
    until [[ -s $work/pid && -S $work/other ]]; do sleep 0.05; done
    background=("$(cat "$work/pid")")
}
end_other() {
    kill "$(cat "$work/pid")"
    rm -f "$work/pid"
    background=()
}

step "a TPM that has failed"
# A daemon does not find a relative folder: the TPM cannot read its state, and fails.
as_other --tpm2 --tpmstate dir=state
export TPMVSC_CONFIG="$work/other.conf"
exits 1 tpmvsc tpm status
shows "^Self-test +failed$"
says_not "0x101"
status 1
finds self-test "^error: .*failed its test of itself"
exits 1 tpmvsc tpm provision
one_sentence
says "restart the computer"
exits 1 tpmvsc doctor
shows "failed its test of itself"
end_other

if swtpm socket --print-capabilities | grep -q '"tpm-1.2"'; then
    step "a TPM 1.2"
    as_other --tpmstate "dir=$work/state"
    for verb in status provision; do
        exits 5 tpmvsc tpm $verb
        one_sentence
        says "a TPM 1.2: cards need a TPM 2.0"
    done
    exits 1 tpmvsc doctor --json
    finds tpm "^error: .*a TPM 1.2"
    end_other
fi

step "who may not"
if can_be_anybody; then
    chmod 711 "$work" "$(dirname "$TPMVSC_CONFIG")"
    chmod 644 "$work/other.conf"
    as_other --tpm2 --tpmstate "dir=$work/state"
    chgrp daemon "$work/other"
    chmod 660 "$work/other"
    for verb in status provision; do
        exits 3 as_anybody "$(command -v tpmvsc)" tpm $verb
        one_sentence
        says "run the command as root (sudo), or as a member of the group daemon"
    done
    end_other
fi

step "no TPM"
rm -f "$work/other"
for verb in status provision; do
    exits 4 tpmvsc tpm $verb
    one_sentence
    says "there is no TPM"
done
