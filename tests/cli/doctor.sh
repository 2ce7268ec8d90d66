#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The doctor finds what is wrong, one thing at a time.
# shellcheck source=tests/cli/pretended_pcscd.sh
. "$(dirname "$0")/pretended_pcscd.sh"

# finding CHECK: level and text of what the last report says of it.
finding() { json '" / ".join(f["level"] + ": " + f["text"] for f in it["findings"] if f["check"] == "'"$1"'")'; }

# finds CHECK PATTERN
finds() { grep -qE -- "$2" <<<"$(finding "$1")" || fail "$1 is \"$(finding "$1")\", not /$2/"; }

# advises CHECK PATTERN: what the last report says to do about it.
advises() {
    local advice
    advice=$(json '" / ".join(f["advice"] for f in it["findings"] if f["check"] == "'"$1"'")')
    grep -qE -- "$2" <<<"$advice" || fail "the advice on $1 is \"$advice\", not /$2/"
}

# unadvised: what is not fine, and nothing is said on what to do.
unadvised() { json '[f["text"] for f in it["findings"] if f["level"] != "ok" and not f["advice"]]'; }

# examined STATUS: asks the doctor; whatever is not fine has something to do with it.
examined() {
    exits "$1" tpmvsc doctor --json
    equal "findings without advice" "[]" "$(unadvised)"
}

step "a machine in order, with a software TPM"
examined 0
finds tpm "^warning: .*a program, not a chip"
finds algorithms "^ok: .*RSA-2048.*P-256"
finds pin-counter "^ok"
finds lockout "not locked|locks itself soon"
finds driver-entry "^ok: /etc/reader.conf.d/tpmvsc names "
finds pcscd "^ok"
finds driver "^ok: .*0 cards"
finds pcscd-tpm "^ok: pcscd \(as root\) may use"
finds cards "^ok: no cards"
equal "the errors" 0 "$(json 'it["errors"]')"
equal "the maker" IBM "$(json 'it["tpm"]["manufacturer"]')"
exits 0 tpmvsc doctor
grep -q "^0 errors, " <<<"$result" || fail "no sum at the end"

step "cards: default values, blocked PIN"
exits 0 create card
examined 0
finds card "^ok: card \"card\" belongs to this TPM.*warning: .*PIN is the well-known"
finds parent-key "^ok"
finds driver "1 card"
for _ in 1 2 3; do refused ykpiv -a verify-pin -P999999; done
examined 0
finds card "the PIN is blocked"
equal "what to do" "unblock it with the PUK" \
    "$(json '[f["advice"] for f in it["findings"] if "is blocked" in f["text"]][0]')"
for _ in 1 2 3; do refused ykpiv -a unblock-pin -P00000000 -N654321; done
examined 0
grep -q "no PUK unblocks it" <<<"$result" || fail "it says to unblock what cannot be unblocked"

step "who is not root"
chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
chmod 755 /etc/reader.conf.d # as it is on a computer of one's own
if can_be_anybody; then
    exits 0 as_anybody tpmvsc doctor --json
    equal "findings without advice" "[]" "$(unadvised)"
fi

step "a copy of a card"
for card in "$TPMVSC_STATE"/cards/*; do cp -r "$card" "$TPMVSC_STATE/cards/copy"; done
examined 1
finds card "error: .*copied or renamed"
rm -r "$TPMVSC_STATE/cards/copy"

step "a second entry for the driver"
cp /etc/reader.conf.d/tpmvsc /etc/reader.conf.d/tpmvsc~
examined 1
finds driver-entry "error: several entries"
rm /etc/reader.conf.d/tpmvsc~

step "an entry that names nothing"
sed -i.bak 's/libtpmvsc-ifd/libtpmvsc-gone/' /etc/reader.conf.d/tpmvsc
mv /etc/reader.conf.d/tpmvsc.bak "$work/entry"
examined 1
finds driver-entry "error: .*which is not there"
rm /etc/reader.conf.d/tpmvsc
examined 1
finds driver-entry "error: no file in"
cp "$work/entry" /etc/reader.conf.d/tpmvsc

step "a state folder that is open to others"
chmod 755 "$TPMVSC_STATE"
examined 0
finds state-folder "warning: others than its owner"
chmod 700 "$TPMVSC_STATE"

step "a state folder in somebody's own"
above=$(dirname "$TPMVSC_STATE")
if chown 65534 "$above" 2>/dev/null; then # who is root of a user namespace cannot
    exits 0 tpmvsc doctor --json
    finds state-folder "warning: $above, in which the cards lie, belongs to nobody"
    chown 0 "$above"

    step "a link on the way that leads to somebody's own folder"
    mkdir "$work/theirs"
    mv "$TPMVSC_STATE/cards" "$work/theirs/cards"
    ln -s "$work/theirs/cards" "$TPMVSC_STATE/cards"
    chown 65534 "$work/theirs"
    exits 0 tpmvsc doctor --json
    finds state-folder "warning: $work/theirs, in which the cards lie, belongs to nobody"
    rm "$TPMVSC_STATE/cards"
    mv "$work/theirs/cards" "$TPMVSC_STATE/cards"

    step "the cards' folder that is somebody's own"
    chown 65534 "$TPMVSC_STATE/cards"
    exits 0 tpmvsc doctor --json
    finds state-folder "warning: $TPMVSC_STATE/cards belongs to nobody"
    chown 0 "$TPMVSC_STATE/cards"

    step "a card's folder that is somebody's own"
    chown 65534 "$TPMVSC_STATE"/cards/*
    exits 0 tpmvsc doctor --json
    finds state-folder "warning: $TPMVSC_STATE/cards/.* belongs to nobody"
    advises state-folder "chown -R root"
    chown 0 "$TPMVSC_STATE"/cards/*
fi

step "a folder on the way in which others may write"
above=$(dirname "$TPMVSC_STATE")
mode=$(stat -c %a "$above")
chmod 777 "$above"
exits 0 tpmvsc doctor --json
finds state-folder "warning: $above, in which the cards lie, is one where others than its owner may write"
chmod "$mode" "$above"

step "a damaged card"
cp -r "$TPMVSC_STATE/cards" "$work/cards"
for file in "$TPMVSC_STATE"/cards/*/identity; do truncate -s 20 "$file"; done
examined 1
finds card "^error"
rm -r "$TPMVSC_STATE/cards"
cp -r "$work/cards" "$TPMVSC_STATE/cards"

step "pcscd does not run"
"$TPMVSC_RIG_CTL" stop-pcscd
examined 1
finds pcscd "error: .*pcscd is not running"

step "pcscd cannot be started"
refuse_clients
examined 1
finds pcscd "error: .*pcscd does not start, or does not answer: look at systemctl status pcscd"
advises pcscd "journalctl -u pcscd"

step "pcscd may not use the TPM, for want of the group or of the device's"
pid_file=/run/pcscd/pcscd.pid
tss=$(getent group tss | cut -d : -f 3)
if [[ -n $tss ]] && can_be_anybody; then
    touch "$work/tpmrm0"
    chmod 600 "$work/tpmrm0" "${TPMVSC_TCTI#*path=}"
    printf 'state_dir = %s\ntcti = device:%s\n' "$TPMVSC_STATE" "$work/tpmrm0" >"$work/tpmvsc.conf"
    chmod 711 "$work"
    pcscd_as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    pretend_pcscd nothing
    examined 1
    finds pcscd-tpm "error: pcscd \(as .*\) may not use"
    advises pcscd-tpm "install the drop-in"
    pcscd_as=(setpriv --reuid 65534 --regid 65534 --groups "$tss")
    pretend_pcscd nothing
    examined 1
    finds pcscd-tpm "error: pcscd \(as .*\) may not use"
    advises pcscd-tpm "give the group the right"
    TPMVSC_CONFIG=$work/tpmvsc.conf examined 1
    finds pcscd-tpm "error: pcscd \(as .*\) may not use $work/tpmrm0"
    advises pcscd-tpm "install tpm-udev, or copy the example 60-tpmvsc-tss.rules"
    chgrp tss "$work/tpmrm0"
    chmod 660 "$work/tpmrm0"
    TPMVSC_CONFIG=$work/tpmvsc.conf examined 1
    finds pcscd-tpm "ok: pcscd \(as .*\) may use $work/tpmrm0"
    chmod 755 "${TPMVSC_TCTI#*path=}"
fi
rm -f /run/pcscd/pcscd.pid

step "another TPM: the card belongs to the one before"
"$TPMVSC_RIG_CTL" stop-tpm
mv "$TPMVSC_RIG_DIR/tpm" "$work/first-tpm"
mkdir -m 700 "$TPMVSC_RIG_DIR/tpm"
"$TPMVSC_RIG_CTL" start-tpm
examined 1
finds card "^error: card \"card\": .*TPM"

step "no TPM"
"$TPMVSC_RIG_CTL" stop-tpm
rm -f "${TPMVSC_TCTI#*path=}"
examined 4
finds tpm "error: there is no TPM"
finds card "^ok: card \"card\" is there; without the TPM no more can be said"
exits 4 tpmvsc doctor
