#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pcscd is killed in the middle of GENERATE and of PUT DATA, and the TPM in the middle of GENERATE: the card
# has the old state or the new one afterwards, nothing else.
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

admin() {
    timeout 60 yubico-piv-tool -r "$TPMVSC_READER" -k"$TPMVSC_ADMIN_KEY" "$@"
}

# key_in_9a: the algorithm of the key there, as the card has it.
key_in_9a() {
    tpmvsc info --json | python3 -c '
import json, sys
def keys(node):
    if isinstance(node, dict):
        if str(node.get("slot", "")).upper() == "9A" and "algorithm" in node:
            yield node["algorithm"]
        for child in node.values():
            yield from keys(child)
    elif isinstance(node, list):
        for child in node:
            yield from keys(child)
print(*keys(json.load(sys.stdin)))'
}

# works_9a: the key in 9A really signs (P-256) or decrypts (RSA-2048).
works_9a() {
    pin=$(printf %s "$TPMVSC_PIN" | od -An -tx1 | tr -d ' \n')
    verify=$(printf '0020008008%-16s' "$pin" | tr ' ' F)
    zeros=$(printf '%0510d' 0)
    case $(key_in_9a) in
    P-256)
        digest=$(printf '%064d' 7)
        send 0 00A404000BA000000308000010000100 "$verify" "0087119A267C2482008120${digest}00" |
            grep -qi "^7C.*9000$"
        ;;
    RSA-2048)
        # 7C 82 0106 82 00 81 82 0100, then the block: 255 bytes in the first part, 11 in the second.
        send 0 00A404000BA000000308000010000100 "$verify" \
            "1087079AFF7C820106820081820100$(printf %s "$zeros" | cut -c1-490)" \
            "0087079A0B$(printf '%020d' 0)0200" | grep -qi "^7C.*\(9000\|61..\)$"
        ;;
    *)
        return 1
        ;;
    esac
}

admin -a generate -s 9a -A ECCP256 -o "$work/key" >/dev/null
works_9a || fail "the first key does not work"

seen=""
for delay in 0.05 0.3 0.6 0.9 1.3; do
    admin -a generate -s 9a -A RSA2048 -o "$work/key" >/dev/null 2>&1 &
    client=$!
    sleep "$delay"
    rig kill-pcscd >/dev/null
    wait "$client" || true
    rig start-pcscd >/dev/null
    rig wait-cards 1
    works_9a || fail "after a kill $delay s into GENERATE the key in 9A is $(key_in_9a) and does not work"
    seen="$seen $(key_in_9a)"
done
echo "after kills in GENERATE:$seen"

# The TPM is killed in the middle as well; what was acknowledged stays.
before=$(key_in_9a)
admin -a generate -s 9a -A RSA2048 -o "$work/key" >/dev/null 2>&1 &
client=$!
sleep 0.3
rig kill-tpm >/dev/null
wait "$client" || true
rig start-tpm >/dev/null
rig wait-cards 1
works_9a || fail "after the TPM was killed the key is $(key_in_9a), before it was $before"

head -c 3000 /dev/zero | tr '\0' A >"$work/A"
head -c 3000 /dev/zero | tr '\0' B >"$work/B"
object() { admin -a "$1" --id 0x5f0001 -f binary "$2" "$3"; }
object write-object -i "$work/A" >/dev/null
for round in 1 2 3 4 5 6; do
    (while :; do
        object write-object -i "$work/B" && object write-object -i "$work/A" || exit 0
    done >/dev/null 2>&1) &
    client=$!
    sleep "0.$round"
    rig kill-pcscd >/dev/null
    wait "$client" || true
    rig start-pcscd >/dev/null
    rig wait-cards 1
    object read-object -o "$work/read" >/dev/null
    cmp -s "$work/read" "$work/A" || cmp -s "$work/read" "$work/B" ||
        fail "after kill $round in PUT DATA the object is neither the old nor the new one"
done
