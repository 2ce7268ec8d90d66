#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# libreoffice.sh piv|gids: doc/recipes/libreoffice.md, with the keyboard and the windows that a person has.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/recipes/desktop.sh
. "$scripts/desktop.sh"
needs soffice modutil certutil
if [[ $1 == piv ]]; then
    have_certificate "Make a key and a request" libreoffice
else
    have_certificate "The same on a GIDS card" libreoffice
fi
recipe libreoffice
start_desktop
# As desktops differ, LibreOffice draws by itself here, and shows nothing that is for its first start.
export SAL_USE_VCLPLUGIN=gen
no_greeting=(--norestore --nologo)
echo "I owe you ten." >letter.txt
run soffice "${no_greeting[@]}" --headless --convert-to odt letter.txt
cp letter.odt unsigned.odt
follow "Set up LibreOffice"

# start_office FILE: as the recipe says, but for the file.
start_office() {
    local command
    command=$(commands_of "Start LibreOffice")
    bash -c "exec env ${command/letter.odt/"${no_greeting[*]} $1"}" >>office.log 2>&1 &
    office=$!
    background+=("$office")
}
end_office() {
    remove_sockets
    kill "$office"
    wait "$office" || true
}

# remove_sockets: what LibreOffice would leave in /tmp when it is killed. Only the test's own are seen in its network.
remove_sockets() {
    local status=$?
    grep -o '/tmp/OSL_PIPE_.*' /proc/net/unix | xargs -r rm -f
    return "$status"
}
trap 'remove_sockets || end_of_test; end_of_test' EXIT

# quoted_window TITLE: waits for it, and the recipe has its name.
quoted_window() {
    grep -qF -- "\`$1\`" "$recipe" || fail "${recipe##*/} does not name the window \"$1\""
    sees "$1"
}

# What the list of certificates is called, in each release.
list="Select X.509 Certificate"
[[ $release == 12 ]] || list="Select Certificate"

# asks_for_certificate FILE: opens the document, and goes as far as the recipe's list of certificates.
asks_for_certificate() {
    start_office "$1"
    to_window "$1"
    sleep 1
    presses alt+f Up Up Right Return # the last but one in the menu File, and the first in that
    quoted_window "Digital Signatures"
    sleep 1
    presses alt+s
    quoted_window "$list"
}

# remember NAME: what the screen shows, where somebody wants to see it.
remember() { [[ -z ${TPMVSC_PICTURES:-} ]] || picture "$TPMVSC_PICTURES/libreoffice-$1.png"; }

# sign_with_first: by the first certificate of the list, which is the only one.
sign_with_first() {
    to_window "$list"
    presses Down Return
}

# shows FILE COLOURS: opens the document, and sees bars of these colours above it, and no others. What it calls a document
# that is as it was signed, only that is called.
shows() {
    start_office "$1"
    limit=20 until_true has_bars "$2"
    remember "${2// /-}-${1%.odt}"
    if [[ $2 == blue ]]; then
        sees "$1 .Signed. .+ LibreOffice"
    else
        sees "$1 [^(]+ LibreOffice"
    fi
    end_office
}
has_bars() { [[ $(bars 700) == "$1" ]]; }

# has_signature FILE: the document, whatever it is worth. (A list of signatures without any may be left of an attempt.)
has_signature() {
    python3 - "$1" <<'END'
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as document:
    name = "META-INF/documentsignatures.xml"
    sys.exit(name not in document.namelist() or b"<Signature " not in document.read(name))
END
}

# offers_nothing: there is no PIN to enter, and nothing to sign with in the list.
offers_nothing() {
    sleep 2
    no_window "Enter Password" || fail "there is a PIN to enter"
    sign_with_first
    sleep 1
    sees "$list"
}

step "a wrong PIN costs one try, and LibreOffice asks again"
asks_for_certificate letter.odt
quoted_window "Enter Password"
enters "Enter Password" 999999
quoted_window Warning
equal "the tries left" 2 "$(pin_tries)"
remember wrong
presses Return

step "the right one: the certificate is in the list, and signs"
enters "Enter Password" "$TPMVSC_PIN"
equal "the tries left" 3 "$(pin_tries)"
remember list
sign_with_first
until_true no_window "$list"
remember signed
to_window "Digital Signatures"
presses alt+c
quoted_window "(Signed)"
end_office

step "the PIN is blocked"
use_up_tries 0
asks_for_certificate unsigned.odt
enters "Enter Password" "$TPMVSC_PIN"
offers_nothing
remember blocked
equal "the tries left" 0 "$(pin_tries)"
end_office

step "without the card the signature is checked as well, and a document that was changed is found out"
take_card_away
shows letter.odt blue
python3 - <<'END'
import zipfile

with zipfile.ZipFile("letter.odt") as signed, zipfile.ZipFile("forged.odt", "w") as forged:
    assert b"you ten" in signed.read("content.xml")
    for entry in signed.infolist():
        forged.writestr(entry, signed.read(entry).replace(b"you ten", b"you two"))
END
# Whoever signed it might have signed macros as well, which Debian 13's shuts off with a bar of its own.
forged=red
[[ $release == 12 ]] || forged="yellow red"
shows forged.odt "$forged"

step "without the card there is nothing in the list"
asks_for_certificate unsigned.odt
offers_nothing
remember empty
end_office
put_card_back

step "the card is taken away while there is a choice"
unblock_pin
asks_for_certificate unsigned.odt
enters "Enter Password" "$TPMVSC_PIN"
sleep 3 # for the list to be filled
mkdir away
mv "$TPMVSC_STATE"/cards/* away
run "$TPMVSC_RIG_CTL" wait-cards 0
sign_with_first
sleep 3
remember away
# The window of Debian 13's stays, with the certificate that it cannot sign with.
if window "$list" >/dev/null; then presses Escape; fi
to_window "Digital Signatures"
presses alt+c
until_true no_window "Digital Signatures"
no_window Warning
end_office
has_signature letter.odt
! has_signature unsigned.odt || fail "a document was signed without the card"
mv away/* "$TPMVSC_STATE/cards"
run "$TPMVSC_RIG_CTL" wait-cards 1

step "a certificate that has ended"
run openssl x509 -req -in jane.csr -CA ca.pem -CAkey ca.key -copy_extensions copyall -days 0 -out ended.pem
sleep 1 # its time is over in the second after it was made
run tpmvsc cert import ended.pem --force --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
cp unsigned.odt ended.odt
asks_for_certificate ended.odt
enters "Enter Password" "$TPMVSC_PIN"
sign_with_first
until_true no_window "$list"
to_window "Digital Signatures"
presses alt+c
until_true no_window "Digital Signatures"
end_office
shows ended.odt yellow

step "a certificate that was revoked"
recipe server
follow "Make a list of certificates taken back"
run openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke jane.pem
run openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out crl.pem
recipe libreoffice
shows letter.odt blue
follow "Take in a list of revoked certificates"
shows letter.odt yellow
