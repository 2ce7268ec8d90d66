#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What can be in the way of the command: each gets one sentence that says what to do, and its status.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# with_settings TEXT COMMAND...: with a settings file of its own.
with_settings() {
    printf '%s\n' "$1" >"$work/tpmvsc.conf"
    TPMVSC_CONFIG=$work/tpmvsc.conf "${@:2}"
}

# refuses STATUS TEXT COMMAND...
refuses() {
    local status=$1 text=$2
    shift 2
    exits "$status" "$@"
    one_sentence
    says "$text"
}

step "settings that cannot be understood"
refuses 1 "frobnicate" with_settings "frobnicate = 1" tpmvsc list
refuses 1 "line 1" with_settings "no equals sign" tpmvsc list

step "no TPM device"
refuses 4 "there is no TPM: /dev/nonexistent does not exist" \
    with_settings $'tcti = device:/dev/nonexistent\nstate_dir = '"$TPMVSC_STATE" create x
refuses 4 "there is no TPM" \
    with_settings $'tcti = swtpm:path=/nonexistent\nstate_dir = '"$TPMVSC_STATE" create x

step "a user who may not"
chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
exits 0 create mine
if can_be_anybody; then
    refuses 3 "run the command with sudo" as_anybody tpmvsc create --name x --pin default \
        --puk default --admin-key default
    refuses 3 "run the command with sudo" as_anybody tpmvsc destroy mine --force
fi

step "a user who may write there, yet not use the TPM"
if can_be_anybody; then
    mkdir "$work/state"
    chmod 711 "$work"
    chown 65534:65534 "$work/state"
    printf 'state_dir = %s\ntcti = %s\n' "$work/state" "$TPMVSC_TCTI" >"$work/tpmvsc.conf"
    chmod 644 "$work/tpmvsc.conf"
    chmod 600 "${TPMVSC_TCTI#*path=}"
    refuses 3 "may not use the TPM" as_anybody env TPMVSC_CONFIG="$work/tpmvsc.conf" \
        tpmvsc create --name x --pin default --puk default --admin-key default
fi

step "a state folder that cannot be written"
mkdir "$work/read-only"
mount -t tmpfs -o ro tmpfs "$work/read-only"
refuses 1 "cannot write to $work/read-only" with_settings \
    "state_dir = $work/read-only/state"$'\n'"tcti = $TPMVSC_TCTI" create x
umount "$work/read-only"
touch "$work/file"
refuses 1 "not a folder" with_settings "state_dir = $work/file"$'\n'"tcti = $TPMVSC_TCTI" create x

step "a full disk: nothing is left behind, in the TPM neither"
mkdir "$work/small"
mount -t tmpfs -o size=4k tmpfs "$work/small"
head -c 4096 /dev/zero >"$work/small/filler"
exits 0 tpmvsc doctor --json
indices=$(json 'it["tpm"]["nv_indices"]')
exits 1 with_settings "state_dir = $work/small/state"$'\n'"tcti = $TPMVSC_TCTI" create x
grep -qiE "space|full" <<<"$output" || fail "it does not say that there is no space: $output"
rm "$work/small/filler"
exits 0 tpmvsc doctor --json
equal "the TPM's indices" "$indices" "$(json 'it["tpm"]["nv_indices"]')"
umount "$work/small"

step "a TPM that runs out of NV space in the middle: nothing is left behind"
# Filled up, and then room made for one small index after the other until a card fits.
filler=0x01900000
fill() { # SIZE: as many as fit
    while tpm2_nvdefine -T "$TPMVSC_TCTI" -C o -s "$1" "$filler" >/dev/null 2>&1; do
        fillers+=("$filler")
        filler=$(printf '0x%x' $((filler + 1)))
    done
}
tpm_indices() { tpm2_getcap -T "$TPMVSC_TCTI" handles-nv-index | sort; }
before=$(tpm_indices)
fillers=()
fill 2048
fill 64
fill 1
in_the_middle=0
while :; do
    full=$(tpm_indices)
    status=0
    create full --json >"$work/result" 2>"$work/output" || status=$?
    [[ $status -ne 0 ]] || break
    equal "the status" 1 "$status"
    equal "the TPM's indices" "$full" "$(tpm_indices)"
    equal "the folders" 0 "$(find "$TPMVSC_STATE/cards" -name '.*' | wc -l)"
    grep -qi "space" "$work/output" || fail "it does not say what is missing: $(cat "$work/output")"
    grep -q "making the PIN" "$work/output" && in_the_middle=1
    tpm2_nvundefine -T "$TPMVSC_TCTI" -C o "${fillers[-1]}"
    unset 'fillers[-1]'
done
equal "the space ran out behind the first index" 1 "$in_the_middle"
for index in "${fillers[@]}"; do tpm2_nvundefine -T "$TPMVSC_TCTI" -C o "$index"; done
exits 0 tpmvsc destroy full --force
equal "the TPM's indices" "$before" "$(tpm_indices)"

step "two at once: one waits for the other, and both are made"
create first --json >"$work/first" 2>/dev/null &
create second --json >"$work/second" 2>/dev/null || fail "the second was not made"
wait $! || fail "the first was not made"
slot_in() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["slot"])' "$1"; }
equal "the slots" "$(printf '%s\n' 1 2)" "$({ slot_in "$work/first" && slot_in "$work/second"; } | sort)"
tpmvsc destroy first --force 2>/dev/null >/dev/null &
tpmvsc destroy second --force 2>/dev/null >/dev/null || fail "the second was not destroyed"
wait $! || fail "the first was not destroyed"
equal "the TPM's indices" "$before" "$(tpm_indices)"
create twin --json >"$work/first" 2>"$work/output" &
status=0
create twin --json >"$work/second" 2>>"$work/output" || status=$?
other=0
wait $! || other=$?
equal "one of two of the same name" 1 $((status + other))
grep -q "there is a card named" "$work/output" || fail "it does not say why: $(cat "$work/output")"
exits 0 tpmvsc destroy twin --force
equal "the TPM's indices" "$before" "$(tpm_indices)"

step "a TPM without PIN counters: its lockout takes their place"
# It stands before the rig's own TPM and says that it is older.
python3 "$here/old_tpm.py" "${TPMVSC_TCTI#*path=}" "$work/old-tpm" &
background+=($!)
until [[ -S $work/old-tpm ]]; do sleep 0.1; done
old=$'tcti = swtpm:path='"$work/old-tpm"$'\nstate_dir = '"$TPMVSC_STATE"
refuses 5 "so --anti-hammering counter is not possible" with_settings "$old" create x --anti-hammering counter
refuses 5 "so --pin-tries is not possible" with_settings "$old" create x --pin-tries 5
refuses 5 "with --generate" with_settings "$old" create x --profile gids
types 5 "so --settable-tries is not possible" "" -- env TPMVSC_CONFIG="$work/tpmvsc.conf" tpmvsc create --settable-tries
exits 0 with_settings "$old" tpmvsc doctor --json
equal "the finding" "warning True" "$(json '[(f["level"] + " " + str(len(f["advice"]) > 0)) for f in it["findings"]
    if f["check"] == "pin-counter"][0]')"
equal "the revision" "1.16" "$(json 'it["tpm"]["spec_revision"]')"
for profile in piv "gids --generate"; do
    # shellcheck disable=SC2086
    exits 0 with_settings "$old" create old --profile $profile
    equal "the warning" 1 "$(grep -c "older than revision 1.38" <<<"$output")"
    says "wrong PINs count in the TPM's lockout instead"
    exits 0 tpmvsc info old --json
    equal "the guard" lockout "$(json 'it["anti_hammering"]')"
    exits 0 with_settings "$old" tpmvsc destroy old --force
done
exits 0 with_settings "$old" create old --anti-hammering lockout
says_not "older than revision 1.38"
exits 0 tpmvsc destroy old --force

step "the TPM's owner has a password"
tcti=$TPMVSC_TCTI
tpm2_changeauth -T "$tcti" -c owner secret
refuses 3 "--owner-auth" create x
exits_with_input 3 $'wrong\n' create x --owner-auth -
says "does not accept this password"
# While somebody looks for the password the cards can be used.
use="timeout 30 yubico-piv-tool -r '$TPMVSC_READER' -a verify-pin -P$TPMVSC_PIN"
types 0 "Password of the TPM's owner" "run:$use" "" secret:secret -- tpmvsc create --name x --pin default \
    --puk default --admin-key default
printf 'secret\n' >"$work/owner"
chmod 600 "$work/owner"
exits 0 tpmvsc destroy x --force --owner-auth "file:$work/owner"
exits 0 create y --owner-auth "file:$work/owner"
exits 0 tpmvsc doctor --json
equal "the password is known of" True "$(json 'it["tpm"]["owner_password_set"]')"
exits_with_input 3 $'wrong\n' tpmvsc destroy y --force --owner-auth -
says "does not accept this password"
exits 0 tpmvsc list
grep -q " y " <<<"$result" || fail "the card is gone although the TPM refused"
exits 0 tpmvsc destroy y --force --owner-auth "file:$work/owner"
tpm2_changeauth -T "$tcti" -c owner -p secret

step "the TPM goes away"
exits 0 tpmvsc doctor --json
indices=$(json 'it["tpm"]["nv_indices"]')
"$TPMVSC_RIG_CTL" kill-tpm
refuses 4 "TPM" create z
exits 0 tpmvsc list
exits 0 tpmvsc destroy mine --force
says "still in the TPM"
exits 0 tpmvsc list --json
equal "the cards" "[]" "$(json 'it["cards"]')"
exits 1 tpmvsc doctor --json
equal "what is left to do" "['warning']" \
    "$(json '[f["level"] for f in it["findings"] if f["check"] == "leftovers"]')"

step "the TPM comes back: it is cleared of the card, and cards can be made again"
"$TPMVSC_RIG_CTL" start-tpm
exits 0 tpmvsc doctor --json
equal "what was left to do" "['ok']" \
    "$(json '[f["level"] for f in it["findings"] if f["check"] == "leftovers"]')"
exits 0 tpmvsc doctor --json
equal "the TPM's indices" $((indices - 3)) "$(json 'it["tpm"]["nv_indices"]')"
equal "the folders" "" "$(ls -A "$TPMVSC_STATE/cards")"
exits 0 create z --json
equal "inserted" True "$(json 'it["inserted"]')"
