#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# purge.sh SOURCE: what a purge of the Debian package removes. Of /etc and /var/lib it gets folders of this
# test's own.
set -euo pipefail

root=$(mktemp -d "${TMPDIR:-/tmp}/tpmvsc-purge.XXXXXX")
trap 'rm -rf "$root"' EXIT

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

sed "s,/etc/,$root/etc/,g; s,/var/lib/,$root/var/lib/,g" "$1/debian/libifd-tpmvsc.postrm" >"$root/postrm"
if grep -E '(^|[ "])/(etc|var|srv|home)' "$root/postrm"; then
    fail "the script would touch this computer's own files"
fi
rules=$root/etc/polkit-1/rules.d
cards=$root/var/lib/tpmvsc/cards

# card FOLDER SLOT ID: a card with an owner.
card() {
    mkdir -p "$1/$3" "$rules"
    printf '// Made by "tpmvsc create --owner"; "tpmvsc destroy" removes it.\n// tpmvsc-owner: %s\n' \
        "{\"card\":\"$3\",\"reader\":\"TPM Virtual Smart Card 00 $2\",\"slot\":${2#0},\"user\":\"alice\"}" \
        >"$rules/00-tpmvsc-slot-$2.rules"
}
purge() { sh "$root/postrm" purge >"$root/said" 2>&1 || fail "status $?: $(cat "$root/said")"; }

# Nothing there at all.
mkdir -p "$root/etc/tpmvsc" "$root/etc/reader.conf.d"
touch "$root/etc/reader.conf.d/.tpmvsc.removed" "$root/etc/reader.conf.d/other"
purge
[[ ! -s $root/said ]] || fail "it says of a computer without cards: $(cat "$root/said")"
[[ $(ls -A "$root/etc/reader.conf.d") == other ]] || fail "in reader.conf.d: $(ls -A "$root/etc/reader.conf.d")"
[[ ! -e $root/etc/tpmvsc ]] || fail "the empty folder of the settings is still there"

# A card here, one elsewhere, and a rule of the administrator's.
here=00112233445566778899aabbccddeeff elsewhere=ffeeddccbbaa99887766554433221100
card "$cards" 00 "$here"
card "$root/srv/cards" 01 "$elsewhere"
echo "polkit.addRule(function () {});" >"$rules/30-mine.rules"
purge
grep -q "ALL THEIR PRIVATE KEYS" "$root/said" || fail "it does not say that keys are lost"
[[ ! -e $root/var/lib/tpmvsc ]] || fail "the cards are still there"
[[ ! -e $rules/00-tpmvsc-slot-00.rules ]] || fail "the rule of a card that is gone is still there"
[[ -e $rules/00-tpmvsc-slot-01.rules ]] || fail "a card that is kept is not its owner's any more"
[[ -d $root/srv/cards/$elsewhere && -e $rules/30-mine.rules ]] || fail "it has removed what is none of its own"

# Behind a link, and on a mount of its own.
card "$root/data/cards" 00 "$here"
ln -s "$root/data" "$root/var/lib/tpmvsc"
purge
[[ ! -L $root/var/lib/tpmvsc && -d $root/data/cards/$here ]] || fail "of a link, what it leads to went"
[[ -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a card behind a link is not its owner's any more"
! grep -q "ARE DELETED" "$root/said" || fail "it says that cards were deleted which are there"
# with_mount FOLDER: purges with the data's folder mounted there, on the same file system.
with_mount() {
    local map=()
    [[ $(id -u) -eq 0 ]] || map=(--map-root-user)
    mkdir -p "$1"
    unshare --mount "${map[@]}" sh -c "mount --bind '$root/data/cards' '$1' && sh '$root/postrm' purge" \
        >"$root/said" 2>&1 || fail "status $?: $(cat "$root/said")"
    [[ -d $root/data/cards/$here ]] || fail "a card on a mount went"
    [[ -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a card on a mount is not its owner's any more"
    grep -q "something may be mounted" "$root/said" || fail "it says: $(cat "$root/said")"
}
with_mount "$cards"
with_mount "$root/var/lib/tpmvsc"
mv "$root/var" "$root/elsewhere"
ln -s elsewhere "$root/var"
with_mount "$cards"
rm "$root/var"
mv "$root/elsewhere" "$root/var"

# A name that is no id names no rules.
mkdir -p "$cards/x"$'\n'"\"card\":\"$here\""
purge
[[ ! -e $cards && -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a folder's name has removed another card's rule"
rm -r "$root/data"

# Upon removal nothing of it goes.
card "$cards" 00 "$here"
sed -i 's,/run/systemd/system,/nonexistent,' "$root/postrm"
sh "$root/postrm" remove || fail "remove ended with $?"
[[ -d $cards/$here && -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a removal has deleted a card"
