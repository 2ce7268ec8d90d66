#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A new PIN by those who may set one: the PUK's holder, the authority and the admin key's holder, from
# challenge to answer, through pcscd and with nothing but what a help desk has.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# secret NAME TEXT: a file with a secret in it; gives the source to say.
secret() {
    (umask 077 && printf '%s\n' "$2" >"$work/$1")
    echo "file:$work/$1"
}

# parties: of the last result, whether PUK, admin key and authority may reset the PIN.
parties() {
    json '*map(lambda party: bool(it["pin_reset"][party]), ("puk", "admin_key", "authority"))'
}

# block CARD: three wrong PINs.
block() {
    local try
    for try in 1 2 3; do
        tpmvsc pin change --card "$1" --pin "$(secret wrong 99999999)" \
            --new-pin "$(secret unused 24681357)" >"$work/block" 2>&1 && fail "try $try was right"
    done
    equal "tries of $1" 0 "$(tpmvsc info "$1" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["pin"]["tries_left"])')"
}

# pin_is CARD PIN: the card takes it.
pin_is() {
    run tpmvsc pin change --card "$1" --pin "$(secret right "$2")" --new-pin "$(secret same "$2")"
}

openssl ecparam -name prime256v1 -genkey -noout -out "$work/desk.pem"
openssl ec -in "$work/desk.pem" -pubout -out "$work/desk.pub" 2>/dev/null
openssl genrsa -out "$work/rsa.pem" 2048 2>/dev/null
openssl rsa -in "$work/rsa.pem" -pubout -out "$work/rsa.pub" 2>/dev/null

step "a card with an authority"
run tpmvsc create --name desk --pin "file:$TPMVSC_PIN_FILE" --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" \
    --authority "$work/desk.pub"
exits 0 tpmvsc info desk --json
equal "who may reset" "False False True" "$(parties)"
fingerprint=$(openssl pkey -pubin -in "$work/desk.pub" -outform DER | sha256sum | cut -d' ' -f1)
equal "its key" "$fingerprint" "$(json 'it["pin_reset"]["authority"]["fingerprint"]')"
block desk

step "challenge and answer, carried by people"
exits 0 tpmvsc unblock --card desk --challenge
challenge=$(grep -oE '([0-9A-Z]{4}-){9}[0-9A-Z]{4}' <<<"$result") || fail "no challenge: $result"
answer=$(tpmvsc-admin respond --yes --key "$work/desk.pem" "$challenge" | grep -E '^ *([0-9A-Z]{4}-)+') ||
    fail "the help desk gives no answer"
as_read_aloud=$(tr -d ' \n' <<<"$answer" | tr 'A-Z-' 'a-z ')

step "an answer with a slip is noticed, and costs nothing"
first=${as_read_aloud:0:1}
slip=$([[ $first == 0 ]] && echo 1 || echo 0)${as_read_aloud:1}
exits_with_input 2 "$slip" tpmvsc unblock --card desk --response - --new-pin "$(secret new 24681357)"
one_sentence
exits 2 tpmvsc unblock --card desk --response "$as_read_aloud" --new-pin "$(secret new 24681357)"
says_not "$as_read_aloud"
exits_with_input 0 "$as_read_aloud" tpmvsc unblock --card desk --response - --new-pin "$(secret new 24681357)"
equal "the sentence" 'The PIN of card "desk" is set, and its tries are restored.' "$result"
pin_is desk 24681357

step "an answer is good once"
exits_with_input 1 "$as_read_aloud" tpmvsc unblock --card desk --response - --new-pin "$(secret new2 13572468)"
says "no challenge of this card waits"
exits 0 tpmvsc unblock --card desk --challenge --json
exits_with_input 2 "$as_read_aloud" tpmvsc unblock --card desk --response - --new-pin "file:$work/new2"
pin_is desk 24681357

step "another key answers nothing"
exits 0 tpmvsc unblock --card desk --challenge --json
challenge=$(json 'it["challenge"]')
openssl ecparam -name prime256v1 -genkey -noout -out "$work/other.pem"
forged=$(tpmvsc-admin respond --yes --key "$work/other.pem" "$challenge" | tr -d ' \n')
exits_with_input 3 "$forged" tpmvsc unblock --card desk --response - --new-pin "file:$work/new2"
says "not the right answer"

step "on a terminal in one go, as any user"
if can_be_anybody; then
    chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
    # shellcheck disable=SC2016 # expanded by the inner shell
    python3 - "$work/desk.pem" <<'EOP' || fail "the terminal's way"
import os, pty, re, subprocess, sys
child, terminal = pty.fork()
if child == 0:
    os.setgroups([])
    os.setresuid(65534, 65534, 65534)
    os.execvp("tpmvsc", ["tpmvsc", "unblock", "--card", "desk", "--no-qr"])
shown = ""
def until(what):
    global shown
    while not (found := re.search(what, shown)):
        try:
            piece = os.read(terminal, 1000).decode(errors="replace")
        except OSError:
            piece = ""
        if not piece:
            sys.exit("ended with: " + shown)
        shown += piece
    shown = shown[found.end():]
    return found.group(0)
challenge = until(r"([0-9A-Z]{4}-){9}[0-9A-Z]{4}")
for question in ("New PIN", "again"):
    until(question)
    os.write(terminal, b"86421357\n")
until("answer")
answer = subprocess.run(["tpmvsc-admin", "respond", "--yes", "--key", sys.argv[1], challenge],
                        capture_output=True, text=True, check=True).stdout
os.write(terminal, "".join(answer.split()).encode() + b"\n")
until("tries are restored")
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
EOP
    pin_is desk 86421357
fi
run tpmvsc destroy desk --force

step "an RSA key as authority, beside a PUK"
create rsa --authority "$work/rsa.pub"
exits 0 tpmvsc info rsa --json
equal "who may reset" "True False True" "$(parties)"
block rsa
exits 0 tpmvsc unblock --card rsa --by authority --challenge --json
answer=$(tpmvsc-admin respond --yes --key "$work/rsa.pem" "$(json 'it["challenge"]')" | tr -d ' ')
printf '%s' "$answer" | tr -d '\n' >"$work/answer"
exits_with_input 0 "$(cat "$work/answer")"$'\n' \
    tpmvsc unblock --card rsa --by authority --response - --new-pin "file:$work/new"
pin_is rsa 24681357
block rsa
exits 3 tpmvsc unblock --card rsa --puk "$(secret puk2 87651234)" --new-pin "file:$work/new2"
says "wrong PUK: 2 tries left"
exits 0 tpmvsc unblock --card rsa --puk "file:$TPMVSC_PUK_FILE" --new-pin "file:$work/new2"
pin_is rsa 13572468
run tpmvsc destroy rsa --force

for profile in piv gids; do
    step "the admin key's holder, $profile"
    more=()
    [[ $profile == piv ]] || more=(--generate)
    run tpmvsc create --name far --profile $profile --pin "file:$TPMVSC_PIN_FILE" --puk none \
        --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" "${more[@]}"
    exits 0 tpmvsc info far --json
    equal "who may reset" "False True False" "$(parties)"
    exits 0 tpmvsc unblock --card far --challenge --json
    challenge=$(json 'it["challenge"]')
    equal "its length" 29 "${#challenge}"
    answer=$(tpmvsc-admin respond --yes --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" "$challenge" | tr -d ' \n')
    exits_with_input 0 "$answer" tpmvsc unblock --card far --response - --new-pin "file:$work/new"
    exits_with_input 1 "$answer" tpmvsc unblock --card far --response - --new-pin "file:$work/new2"
    [[ $profile == gids ]] || pin_is far 24681357
    run tpmvsc destroy far --force
done

step "nobody"
run tpmvsc create --name alone --pin "file:$TPMVSC_PIN_FILE" --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" --unmanaged
exits 5 tpmvsc unblock --card alone
says "nobody can set a new PIN"
exits 5 tpmvsc unblock --card alone --by authority --challenge
exits 5 tpmvsc unblock --card alone --by admin-key --challenge
