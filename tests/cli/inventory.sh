#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc inventory": who has what, in its three forms.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"

step "no card"
exits 0 tpmvsc inventory
equal "the text" "No cards." "$result"
exits 0 tpmvsc inventory --json
equal "format and cards" "tpmvsc inventory 1 []" "$(json 'it["format"], it["cards"]' | tr -d "(),'")"

exits 0 create 'Anna "A", 1' --json
id=$(json 'it["id"]')
serial=$(json 'it["serial"]')
admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
pin=(--pin "file:$TPMVSC_PIN_FILE")

step "keys and certificates, as JSON"
exits 0 tpmvsc key generate 9a --algorithm p256 "${admin[@]}"
exits 0 tpmvsc cert self-sign 9a --subject "CN=Anna,O=Example" --days 10 "${pin[@]}" "${admin[@]}"
exits 0 tpmvsc key generate 9d --algorithm p256 "${admin[@]}"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key.pem" 2>/dev/null
exits 0 tpmvsc key import 82 "$work/key.pem" "${admin[@]}"
exits 0 tpmvsc inventory --json
equal "the card" "$id $serial 0 True" "$(json 'it["cards"][0]["id"], it["cards"][0]["serial"], it["cards"][0]["slot"], it["complete"]' | tr -d "(),'")"
equal "the keys" "82 imported 9A generated 9D generated" \
    "$(json '*[x for k in it["cards"][0]["keys"] for x in (k["slot"], k["origin"])]')"
equal "the certificate" "CN=Anna,O=Example" \
    "$(json '[k["certificate"]["subject"] for k in it["cards"][0]["keys"] if k["slot"] == "9A"][0]' | sed 's/O=Example,CN=Anna/CN=Anna,O=Example/')"
equal "who vouches for the keys" True "$(json 'it["cards"][0]["attestation"]["by_the_card_alone"]')"
fingerprint=$(json '[k["fingerprint"] for k in it["cards"][0]["keys"] if k["slot"] == "9A"][0]')
tpmvsc key info 9a --public-key-out - | openssl pkey -pubin -outform DER | openssl dgst -sha256 |
    grep -qi "$(tr -d ':' <<<"${fingerprint#*:}")" || fail "the fingerprint is not that of the key: $fingerprint"

step "what ends soon"
equal "expiring, whole days" "9A True" \
    "$(json 'it["expiring"][0]["slot"], it["expiring"][0]["days_left"] in (9, 10)' | tr -d "(),'")" # 10: in the same second
exits 0 tpmvsc inventory --expires-within 5 --json
equal "expiring within five days" "[]" "$(json 'it["expiring"]')"
exits 0 tpmvsc inventory
grep -qE '^Expiring: .*CN=Anna.* in slot 9A of card "Anna "A", 1" ends on .* in (9|10) days\.$' <<<"$result" ||
    fail "the end is not told: $result"
exits 2 tpmvsc inventory --csv --json
one_sentence

step "as a table of values, which a reader of such tables reads back"
tpmvsc inventory --csv >"$work/cards.csv"
python3 - "$work/cards.csv" "$id" <<'PYTHON'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert len(rows) == 3, rows
assert {row["card_name"] for row in rows} == {'Anna "A", 1'}, rows
assert {row["card_id"] for row in rows} == {sys.argv[2]}, rows
assert {row["key_slot"] for row in rows} == {"9A", "9D", "82"}, rows
assert [row["not_after"] != "" for row in rows if row["key_slot"] == "9A"] == [True], rows
assert all(None not in row for row in rows), "a row with more fields than the heading has"
PYTHON

step "a result that cannot be written is a failure"
for form in --csv --json; do
    status=0
    tpmvsc inventory $form >/dev/full 2>"$work/output" || status=$?
    equal "status with $form" 1 "$status"
done

step "as anybody: what programs see"
if can_be_anybody; then
    exits 0 as_anybody tpmvsc inventory --json
    equal "the card" "$id False 3" "$(json 'it["cards"][0]["id"], it["complete"], len(it["cards"][0]["keys"])' | tr -d "(),'")"
fi

step "a GIDS card"
exits 0 create windows --profile gids --generate
exits 0 tpmvsc key generate --card windows --algorithm p256 --pin "file:$TPMVSC_PIN_FILE"
exits 0 tpmvsc cert self-sign 0 --card windows --subject "CN=Windows" --days 10 --pin "file:$TPMVSC_PIN_FILE"
exits 0 tpmvsc inventory --json
equal "key and certificate" "81 generated CN=Windows" \
    "$(json '*[(k["slot"], k["origin"], k["certificate"]["subject"]) for c in it["cards"] if c["name"] == "windows" for k in c["keys"]]' | tr -d "(),'")"
equal "what ends soon" "['Anna \"A\", 1', 'windows']" "$(json '[one["card"] for one in it["expiring"]]')"
exits 0 tpmvsc destroy windows --force

step "a card that cannot be asked is in it all the same"
"$TPMVSC_RIG_CTL" stop-pcscd
exits 0 tpmvsc inventory --json
equal "the card" "$id False" "$(json 'it["cards"][0]["id"], it["cards"][0]["inserted"]' | tr -d "(),'")"
grep -q "pcscd" <<<"$output" || fail "it does not say that pcscd is away"
exits 0 tpmvsc inventory --csv
equal "lines" 2 "$(wc -l <<<"$result")"
