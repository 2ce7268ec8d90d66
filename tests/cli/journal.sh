#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the tool tells the journal of a card's life, and what it keeps to itself.

# A journal of this test's own: the machine's /run stays as it is.
if [[ ${1:-} != inside ]]; then
    exec unshare --mount --propagation private "$0" inside
fi
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
mkdir "$work/pcscd"
mount --bind /run/pcscd "$work/pcscd"
mount -t tmpfs tmpfs /run
mkdir -p /run/pcscd /run/systemd/journal
mount --bind "$work/pcscd" /run/pcscd
umount "$work/pcscd" # what is in it must not go with the test's files
python3 "$here/journal_listener.py" /run/systemd/journal/socket "$work/journal" &
background+=($!)
until [[ -S /run/systemd/journal/socket ]]; do sleep 0.05; done

# entry FIELD: of the entry that came last; the journal has it before the command ends.
entry() { tail -n 1 "$work/journal" | python3 -c "import json,sys; print(json.loads(sys.stdin.read()).get('$1', ''))"; }
entries() { wc -l <"$work/journal"; }

step "no entry for what only looks"
exits 0 tpmvsc list
equal "entries" 0 "$(entries)"

step "create"
exits 0 create laptop --json
serial=$(json 'it["serial"]')
id=$(json 'it["id"]')
equal "entries" 1 "$(entries)"
equal "the action" create "$(entry TPMVSC_ACTION)"
equal "the text" "Card \"laptop\" is made: serial $serial, slot 0." "$(entry MESSAGE)"
equal "the id" "$id" "$(entry TPMVSC_CARD_ID)"
equal "the serial number" "$serial" "$(entry TPMVSC_CARD_SERIAL)"
equal "the name" laptop "$(entry TPMVSC_CARD_NAME)"
equal "the profile" piv "$(entry TPMVSC_CARD_PROFILE)"
equal "who says it" tpmvsc "$(entry SYSLOG_IDENTIFIER)"
grep -qF "MESSAGE_ID=$(entry MESSAGE_ID)" "$here/../../doc/inventory.md" ||
    fail "this is not the kind of entry that the documentation names: $(entry MESSAGE_ID)"

step "keys and certificates"
exits 0 tpmvsc key generate 9a --algorithm p256 --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" --public-key-out -
equal "entries" 2 "$(entries)"
equal "the action" "key generate" "$(entry TPMVSC_ACTION)"
equal "the slot" 9A "$(entry TPMVSC_KEY_SLOT)"
equal "the algorithm" P-256 "$(entry TPMVSC_ALGORITHM)"
exits 0 tpmvsc cert self-sign 9a --subject "CN=Jane Doe" --pin "file:$TPMVSC_PIN_FILE" \
    --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
equal "the subject" "CN=Jane Doe" "$(entry TPMVSC_CERTIFICATE_SUBJECT)"
[[ -n $(entry TPMVSC_CERTIFICATE_SERIAL) ]] || fail "the certificate's serial number is missing"
exits 0 tpmvsc key move 9a 82 --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
equal "from and to" "9A 82" "$(entry TPMVSC_KEY_SLOT) $(entry TPMVSC_TO_SLOT)"

step "secrets stay away"
exits 0 tpmvsc pin change --pin "file:$TPMVSC_PIN_FILE" --new-pin random --json
equal "the action" "pin change" "$(entry TPMVSC_ACTION)"
new_pin=$(json 'it["secrets"]["pin"]')
for secret in "$new_pin" "$(cat "$TPMVSC_PIN_FILE")" "$(cat "$TPMVSC_PUK_FILE")" \
    "$(cat "$TPMVSC_ADMIN_KEY_FILE")"; do
    [[ -n $secret ]] || fail "there is no secret to look for"
    # The default PUK is also the beginning of something public: whole words only.
    ! grep -qwF -- "$secret" "$work/journal" || fail "a secret is in the journal"
done

step "what failed, and what looked, is not there"
before=$(entries)
exits 3 tpmvsc pin change --pin "file:$TPMVSC_PIN_FILE" --new-pin random
exits 0 tpmvsc key info
exits 0 tpmvsc cert export 82
equal "entries" "$before" "$(entries)"

step "the TPM's own lockout, and the end"
exits 0 tpmvsc lockout reset
equal "the action" "lockout reset" "$(entry TPMVSC_ACTION)"
exits 0 tpmvsc destroy laptop --force
equal "the action" destroy "$(entry TPMVSC_ACTION)"
equal "the id" "$id" "$(entry TPMVSC_CARD_ID)"

step "a journal that takes nothing any more does not keep a new card's secrets back"
kill -STOP "${background[0]}"
python3 - <<'PYTHON'
import socket
filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
filler.setblocking(False)
filler.connect("/run/systemd/journal/socket")
try:
    while True:
        filler.send(b"MESSAGE=full\n")
except BlockingIOError:
    pass
PYTHON
exits 0 tpmvsc create --name quick --pin random --puk none --admin-key random --json
[[ $(json 'len(it["secrets"]["admin_key"])') -eq 48 ]] || fail "the admin key is lost"
exits 0 tpmvsc destroy quick --force
kill -CONT "${background[0]}"

step "without a journal all goes on"
rm /run/systemd/journal/socket
exits 0 create laptop
exits 0 tpmvsc destroy laptop --force
