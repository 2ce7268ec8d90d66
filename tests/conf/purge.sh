#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# purge.sh SOURCE: what a purge of the Debian packages removes, and what a removal puts away and an installation brings
# back. Of /etc and /var/lib they get folders of this test's own.
set -euo pipefail

root=$(mktemp -d "${TMPDIR:-/tmp}/tpmvsc-purge.XXXXXX")
trap 'rm -rf "$root"' EXIT

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# own_script NAME FILE: the package's script, with this test's folders in it.
own_script() {
    sed "s,/etc/,$root/etc/,g; s,/var/lib/,$root/var/lib/,g; s,/run/systemd/system,/nonexistent,
        s,deb-systemd-helper,none,g" "$debian/$1" >"$2"
    if grep -E '(^|[ "])/(etc|var|srv|home)' "$2"; then
        fail "the script would touch this computer's own files"
    fi
}
debian=$1/debian
own_script libifd-tpmvsc.postrm "$root/postrm"
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
    unshare --mount "${map[@]}" sh -c "mount --bind '$root/data/cards' '$1' && sh '$root/${2:-postrm}' purge" \
        >"$root/said" 2>&1 || fail "status $?: $(cat "$root/said")"
    [[ -d $root/data/cards/$here ]] || fail "a card on a mount went"
    [[ -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a card on a mount is not its owner's any more"
    grep -q "something may be mounted" "$root/said" || fail "it says: $(cat "$root/said")"
}
with_mount "$cards"
with_mount "$root/var/lib/tpmvsc"
for disk in elsewhere 'a disk\with\040marks'; do
    mv "$root/var" "$root/$disk"
    ln -s "$disk" "$root/var"
    with_mount "$cards"
    rm "$root/var"
    mv "$root/$disk" "$root/var"
done

# A name that is no id names no rules.
mkdir -p "$cards/x"$'\n'"\"card\":\"$here\""
purge
[[ ! -e $cards && -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a folder's name has removed another card's rule"
rm -r "$root/data"

# Upon removal nothing of it goes.
card "$cards" 00 "$here"
sh "$root/postrm" remove || fail "remove ended with $?"
[[ -d $cards/$here && -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a removal has deleted a card"

# What was moved to another folder, by a copy: that is the card now.
mkdir -p "$root/etc/tpmvsc" "$root/srv/moved"
cp -a "$cards" "$root/srv/moved"
printf '# state_dir = /nowhere\n  state_dir=%s \t\n' "$root/srv/moved" >"$root/etc/tpmvsc/tpmvsc.conf"
sh "$root/postrm" remove || fail "remove ended with $?"
rm "$root/etc/tpmvsc/tpmvsc.conf" # as dpkg does
purge
[[ ! -e $cards && -d $root/srv/moved/cards/$here ]] || fail "the copy is still there, or the card went"
[[ -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a card that was moved is not its owner's any more"
! grep -q "ARE DELETED" "$root/said" || fail "it says that cards were deleted which are there"
card "$cards" 00 "$here"
mkdir "$root/etc/tpmvsc"
printf 'state_dir = %s\n' "$root/srv/away" >"$root/etc/tpmvsc/tpmvsc.conf"
sh "$root/postrm" remove || fail "remove ended with $?"
purge
[[ -e $rules/00-tpmvsc-slot-00.rules ]] || fail "a card that may be on a disk which is away is not its owner's any more"

# The software TPM's package.
own_script tpmvsc-swtpm.postrm "$root/swtpm"
purge_swtpm() { sh "$root/swtpm" purge >"$root/said" 2>&1 || fail "status $?: $(cat "$root/said")"; }
state=$root/var/lib/tpmvsc-swtpm
purge_swtpm
[[ ! -s $root/said ]] || fail "it says of a computer without one: $(cat "$root/said")"
mkdir -p "$state/tpm2" "$root/data/cards/$here"
with_mount "$state/tpm2" swtpm
with_mount "$state" swtpm
purge_swtpm
[[ ! -e $state ]] || fail "the software TPM is still there"
grep -q "THE SOFTWARE TPM IS REMOVED" "$root/said" || fail "it does not say that keys are lost"
ln -s "$root/data" "$state"
purge_swtpm
[[ ! -L $state && -d $root/data/cards/$here ]] || fail "of a link, what it leads to went"
! grep -q "IS REMOVED" "$root/said" || fail "it says that a software TPM was removed which is there"

# The entry for pcscd: a removal puts it away, and it comes back; unless there is another, then and later.
own_script libifd-tpmvsc.preinst "$root/preinst"
own_script libifd-tpmvsc.prerm "$root/prerm"
own_script libifd-tpmvsc.postinst "$root/postinst"
entry=$root/etc/reader.conf.d/tpmvsc
remove() {
    sh "$root/prerm" remove || fail "prerm ended with $?"
    sh "$root/postrm" remove || fail "postrm ended with $?"
}
install() {
    sh "$root/preinst" install 1 || fail "preinst ended with $?"
    sh "$root/postinst" configure 1 || fail "postinst ended with $?"
}
echo changed >"$entry"
remove
[[ ! -e $entry ]] || fail "an entry without its driver is left"
install
[[ $(<"$entry") == changed ]] || fail "the administrator's changes are gone"
remove
echo another >"$entry"
install
[[ $(<"$entry") == another ]] || fail "an entry of the administrator's is gone"
rm "$entry"
install
[[ ! -e $entry ]] || fail "an entry that the administrator has removed is back"
