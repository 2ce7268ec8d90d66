#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "tpmvsc cert renew --new-key" on a PIV card: whatever goes away on the way, the former key and its certificate are
# there afterwards.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

secrets=(--pin "file:$TPMVSC_PIN_FILE" --admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
strace -o /dev/null true || {
    echo "strace cannot trace here"
    exit 77
}

# pair: in which slots there is the key of $work/former.pem with its certificate.
cat >"$work/pair" <<END
#!/bin/bash
tpmvsc key info --json 2>/dev/null | python3 -c '
import json, sys
print(" ".join(key["slot"] for key in json.load(sys.stdin)["keys"] if key["certificate"] and
    key["certificate"]["matches_key"] and key["certificate"]["subject"] == "CN=former"))'
END
# home: the former pair in 9D and nothing else, wherever it was.
cat >"$work/home" <<END
#!/bin/bash
set -e
place=\$("$work/pair")
if [[ " \$place " != *" 9D "* ]]; then
    tpmvsc key delete 9d ${secrets[@]} --force 2>/dev/null || true
    tpmvsc cert delete 9d ${secrets[@]} --force 2>/dev/null || true
    tpmvsc key move \${place%% *} 9d ${secrets[@]}
fi
for slot in 82 83; do
    tpmvsc key delete \$slot ${secrets[@]} --force 2>/dev/null || true
    tpmvsc cert delete \$slot ${secrets[@]} --force 2>/dev/null || true
done
[[ \$("$work/pair") == 9D ]]
END
chmod +x "$work/pair" "$work/home"

step "the command is killed before each of its APDUs"
exits 0 tpmvsc key generate 9d --algorithm p256 "${secrets[@]}"
exits 0 tpmvsc cert self-sign 9d --subject CN=former "${secrets[@]}"
exits 0 tpmvsc cert export 9d --out "$work/former.pem"
run python3 "$here/broken_off.py" "[[ -n \$('$work/pair') ]]" "$work/home" \
    tpmvsc cert renew 9d --new-key "${secrets[@]}" --out "$work/renewal.csr"
echo "$output"
exits 0 tpmvsc cert renew 9d --new-key "${secrets[@]}" --out "$work/renewal.csr"
run openssl req -in "$work/renewal.csr" -verify -noout
equal "where the former pair is" 82 "$("$work/pair")"
run "$work/home"

step "the TPM goes away while it makes the new key"
exits 0 tpmvsc key generate 9d --algorithm rsa3072 "${secrets[@]}" --force
exits 0 tpmvsc cert self-sign 9d --subject CN=former "${secrets[@]}"
status=0
tpmvsc cert renew 9d --new-key "${secrets[@]}" --out "$work/none" 2> >(
    while IFS= read -r line; do
        echo "$line" >>"$work/said"
        # As soon as it says that it makes the key; then the TPM does not get any further.
        [[ $line != "The TPM makes"* ]] || kill -STOP "$TPMVSC_SWTPM_PID"
    done
) &
renewal=$!
for _ in $(seq 100); do
    grep -q "^The TPM makes" "$work/said" 2>/dev/null && break
    sleep 0.1
done
"$TPMVSC_RIG_CTL" kill-tpm >/dev/null
wait "$renewal" || status=$?
output=$(cat "$work/said")
[[ $status -ne 0 ]] || fail "it says that it made a key without a TPM"
[[ ! -e $work/none ]] || fail "an empty request was left"
"$TPMVSC_RIG_CTL" stop-pcscd >/dev/null
"$TPMVSC_RIG_CTL" start-tpm >/dev/null
"$TPMVSC_RIG_CTL" start-pcscd >/dev/null
"$TPMVSC_RIG_CTL" wait-cards 1 >/dev/null
place=$("$work/pair")
[[ $place == 9D || $place == 82 ]] || fail "the former pair is in \"$place\""
[[ $place == 9D ]] || says "the former key and its certificate may be in slot 82"
exits 0 tpmvsc cert request "$place" --subject CN=still "${secrets[@]:0:2}" --out "$work/still.csr"
run openssl req -in "$work/still.csr" -verify -noout
