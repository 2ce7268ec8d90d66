#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A GIDS card in a remote desktop session: what Windows sends, by FreeRDP's smart card redirection. The
# argument is the program at the other end of it (freerdp/main.cpp).
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "$0")/gids_lib.sh"

session=$1
application=00A4040009A0000003974254465900
pin=0020008006$(hex "$TPMVSC_PIN")

# in_session APDU...: what the session hears, a line each, in $output.
in_session() {
    printf '%s\n' "$@" >"$work/commands"
    run timeout 60 "$session" "$TPMVSC_READER" <"$work/commands"
    equal "the number of answers" $# "$(wc -l <<<"$output")"
}

# answer NUMBER: the answer to that command.
answer() { sed -n "$1p" <<<"$output"; }

# data NUMBER FILE: its data, without tag, length and status, into the file.
data() {
    answer "$1" | python3 -c '
import sys
answer = bytes.fromhex(sys.stdin.read())
assert answer[-2:] == b"\x90\x00", answer[-2:].hex()
start = 3 + {0x81: 1, 0x82: 2}.get(answer[2], 0)
sys.stdout.buffer.write(answer[start:-2])' >"$work/$2"
}

# The PIN is six digits, as its length stands before it in the commands.
equal "the length of the PIN" 6 "${#TPMVSC_PIN}"
provision_gids 2048 alice
head -c 500 /dev/urandom >"$work/letter"
openssl dgst -sha256 -binary -out "$work/digest" "$work/letter"

step "the session looks for a PIV card, then finds a GIDS card"
in_session 00A4040009A0000003080000100000 00A4000C023FFF 00CB2F01025C0000 "$application" \
    00CB3FFF045C027F7300
equal "SELECT of PIV" 6a82 "$(answer 1)"
equal "SELECT of the application's file" 9000 "$(answer 2)"
equal "EF.ATR begins with the card's services" 4301f4 "$(answer 3 | cut -c1-6)"
equal "SELECT of GIDS" 61124f0ba00000039742544659020173034001c09000 "$(answer 4)"
equal "a PUK" 6a88 "$(answer 5)"

step "it reads the files, and the certificate in them"
in_session "$application" 00CBA000045C02DF1F00 00CBA012045C02DF2000 00CBA010045C02DF2300 \
    00CBA010045C02DF2400
equal "the card's identifier" "$(card_identifier)" "$(answer 3 | cut -c7-38)"
data 2 master_file
grep -qa kxc00 "$work/master_file" || fail "the master file has no certificate"
data 4 containers
equal "the size of the container map" 86 "$(wc -c <"$work/containers")"
data 5 certificate
python3 -c '
import sys, zlib
stored = sys.stdin.buffer.read()
plain = zlib.decompress(stored[4:])
assert stored[:2] == b"\1\0" and int.from_bytes(stored[2:4], "little") == len(plain)
sys.stdout.buffer.write(plain)' <"$work/certificate" >"$work/read.der"
run cmp "$work/read.der" <(openssl x509 -in "$work/alice.pem" -outform DER)

step "it signs, after the PIN only"
set_up=002241B6068001578401$(printf %02x $((0x81 + 0x$id)))
sign=002A9E9A333031300D060960864801650304020105000420$(od -An -v -tx1 "$work/digest" | tr -d ' \n')00
in_session "$application" 00200082 "$set_up" "$sign" "$pin" "$set_up" "$sign"
equal "setting up a key without the PIN" 6982 "$(answer 3)"
equal "the PIN" 9000 "$(answer 5)"
[[ $(answer 7) == *9000 ]] || fail "the signature was refused: $(answer 7)"
answer 7 | python3 -c '
import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read())[:-2])' >"$work/signature"
verify_with "$work/alice.pem" "$work/signature" "$work/letter"

step "a wrong PIN in the session costs a try, and the user here sees it"
in_session "$application" 0020008006393939393939
equal "a wrong PIN" 63c2 "$(answer 2)"
equal "the PIN's tries" 2 "$(pin_tries)"

step "a reader that is not there is not found"
refused timeout 60 "$session" "no such reader" <"$work/commands"
says "the session does not see the reader"
