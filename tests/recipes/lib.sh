# SPDX-License-Identifier: Apache-2.0
# What the tests of doc/recipes/ share. Sourced by scripts that run inside tests/rig. A test takes its commands from
# the recipe's own text, so that the two cannot drift apart.
# shellcheck shell=bash

# A network of its own, so that the ports of recipes are free.
if [[ -z ${TPMVSC_OWN_NETWORK:-} ]]; then
    export TPMVSC_OWN_NETWORK=yes
    exec unshare --net -- "$0" "$@"
fi
ip link set lo up

# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"

# shellcheck disable=SC2034 # for the scripts that source this
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recipes=$(cd "$here/../../doc/recipes" && pwd)
export HOME=$work/home
mkdir -p "$HOME" "$work/here"
cd "$work/here"

# needs PROGRAM...: the test cannot be run where one of them is not installed.
needs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || {
            echo "SKIPPED: $program is not installed"
            exit 77
        }
    done
}

# only_opensc: of the PKCS#11 modules that this machine may have for other tests, p11-kit sees OpenSC's.
only_opensc() {
    mkdir "$work/modules"
    cp /usr/share/p11-kit/modules/opensc-pkcs11.module "$work/modules"
    mount --bind "$work/modules" /usr/share/p11-kit/modules
}

# recipe NAME: which one the test follows.
recipe() {
    recipe=$recipes/$1.md
    [[ -e $recipe ]] || fail "there is no $recipe"
}

# The release whose programs are here: 12, or 13 and later.
# shellcheck disable=SC2034 # for the scripts that source this
release=$(. /etc/os-release && [[ ${VERSION_ID:-13} == 12 ]] && echo 12 || echo 13)

# commands_of HEADING: what the recipe's blocks marked "sh" under this heading say, for this computer; under that
# with " on Debian 13" behind it where there is one and this is such.
commands_of() {
    local commands heading=$1
    [[ $release == 12 ]] || ! grep -qx "#* $1 on Debian 13" "$recipe" || heading+=" on Debian 13"
    commands=$(awk -v heading="$heading" '
        /^```/ { block = !block && $0 == "```sh" && here; next }
        block { print; next }
        /^#+ / { sub(/^#+ /, ""); here = $0 == heading }' "$recipe")
    [[ -n $commands ]] || fail "${recipe##*/} has no commands under \"$1\""
    echo "${commands//x86_64-linux-gnu/$(uname -m)-linux-gnu}"
}

# follow HEADING [PROMPT ANSWER]...: does what the recipe says under this heading, in the folder of the test and
# on a terminal, and types the answers at the prompts; what was shown is in $output. It must succeed.
follow() { follow_to 0 "$@"; }

# follow_to STATUS HEADING [PROMPT ANSWER]...: likewise, and the last command ends with this status; "other"
# is any but 0.
follow_to() {
    local expected=$1 status=0 commands
    commands=$(commands_of "$2")
    shift 2
    python3 "$here/typist.py" "$@" -- bash -ec "$commands" >"$work/output" 2>&1 || status=$?
    output=$(tr -d '\r\0' <"$work/output")
    [[ $status -lt 90 || $status -gt 92 ]] || fail "a prompt did not come, status $status"
    [[ $expected == other && $status -ne 0 || $expected == "$status" ]] ||
        fail "status $status instead of $expected from: $commands"
}

# quoted: the recipe quotes what the last command has said.
quoted() {
    grep -qF -- "$1" "$recipe" || fail "${recipe##*/} does not quote \"$1\""
    says "$1"
}

# until_true WORDS...: waits until the command succeeds, ten seconds at most (or $limit).
until_true() {
    local rounds=$((${limit:-10} * 10))
    until "$@" >/dev/null 2>&1; do
        ((rounds-- > 0)) || fail "in vain: $*"
        sleep 0.1
    done
}

# costs_tries NUMBER COMMAND...: the command costs so many tries of the PIN.
costs_tries() {
    local number=$1 before
    before=$(pin_tries)
    shift
    "$@"
    equal "the tries left after: $*" $((before - number)) "$(pin_tries)"
}

# right_pin: the PIN's counter is full again.
right_pin() { run pkcs11-tool --pin "env:TPMVSC_PIN" --login --list-objects; }

# use_up_tries SLOT-INDEX: wrong PINs to this card (0 is the first), until no try is left.
use_up_tries() {
    for _ in 1 2 3; do refused pkcs11-tool --slot-index "$1" --login --pin 999999 --list-objects; done
}

# unblock_pin: by the PUK.
unblock_pin() { run tpmvsc unblock --puk "file:$TPMVSC_PUK_FILE" --new-pin "file:$TPMVSC_PIN_FILE"; }

# make_lockout_card NAME: a card whose PIN the TPM's lockout guards.
make_lockout_card() {
    run tpmvsc create --name "$1" --anti-hammering lockout --pin "file:$TPMVSC_PIN_FILE" \
        --puk "file:$TPMVSC_PUK_FILE" --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
}

# take_card_away, put_card_back: the card is gone, as if it were pulled out; and is there again.
take_card_away() {
    "$TPMVSC_RIG_CTL" stop-pcscd >/dev/null
    mv "$TPMVSC_STATE/cards" "$TPMVSC_STATE/cards.away"
    mkdir -m 700 "$TPMVSC_STATE/cards"
    "$TPMVSC_RIG_CTL" start-pcscd >/dev/null
}
put_card_back() {
    "$TPMVSC_RIG_CTL" stop-pcscd >/dev/null
    rm -rf "$TPMVSC_STATE/cards"
    mv "$TPMVSC_STATE/cards.away" "$TPMVSC_STATE/cards"
    "$TPMVSC_RIG_CTL" start-pcscd >/dev/null
    "$TPMVSC_RIG_CTL" wait-cards 1 >/dev/null
}

# --- The certificate and the server that most recipes begin with -----------------------------------------------

# have_certificate HEADING [RECIPE]: does what certificate.md says, with the key that the heading is about, which may be
# another recipe's; on a GIDS card when GIDS is in it.
have_certificate() {
    local kind=$1 asks=${2:-certificate} now=${recipe:-}
    local ask_pin=("PIN:" "$TPMVSC_PIN") ask_admin=("Admin key" "$TPMVSC_ADMIN_KEY")
    [[ $kind != *GIDS* ]] || ask_admin=("${ask_pin[@]}")
    recipe certificate
    follow "Be an authority"
    recipe "$asks"
    follow "$kind" "${ask_admin[@]}" "${ask_pin[@]}"
    recipe certificate
    follow "Make the certificate"
    follow "Put it on the card" "${ask_admin[@]}"
    recipe=$now
}

# have_server: does what server.md says. It ends with the test.
have_server() {
    local now=${recipe:-} part
    recipe server
    for part in "Make the server's certificate" "Make a list of certificates taken back" \
        "Write the settings" "Start it"; do
        follow "$part"
    done
    background+=("$(cat nginx.pid)")
    recipe=$now
}

# has_tries NUMBER: the PIN has so many tries left.
has_tries() { [[ $(pin_tries) == "$1" ]]; }
