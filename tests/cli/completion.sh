#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What bash completes: each case is a command line, the cursor at its end, and what there is to choose
# from. Bash's own function is called as bash calls it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

scripts=$TPMVSC_BUILD/manual/completions
for script in tpmvsc tpmvsc-admin; do
    # shellcheck source=/dev/null
    . "$scripts/$script"
    shellcheck "$scripts/$script" || fail "shellcheck complains about the completion of $script"
    complete -p "$script" | grep -q "_${script//-/_} $script\$" || fail "$script is not completed"
done

# completes LINE CANDIDATE...: exactly these.
cases=0
completes() {
    local line=$1 expected
    shift
    expected=$(printf '%s\n' "$@" | sort)
    read -ra COMP_WORDS <<<"${line//[=:]/ & }" # as bash breaks words
    [[ $line != *' ' ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    "_${COMP_WORDS[0]//-/_}"
    equal "the completion of \"$line\"" "$expected" "$(printf '%s\n' "${COMPREPLY[@]}" | sort)"
    cases=$((cases + 1))
}

# offers LINE CANDIDATE: this among others.
offers() {
    read -ra COMP_WORDS <<<"${1//[=:]/ & }"
    [[ $1 != *' ' ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    "_${COMP_WORDS[0]//-/_}"
    grep -qFx -- "$2" <<<"$(printf '%s\n' "${COMPREPLY[@]}")" ||
        fail "\"$1\" does not offer $2: ${COMPREPLY[*]}"
    cases=$((cases + 1))
}

step "commands, and verbs below them"
completes "tpmvsc cre" create
offers "tpmvsc key " attest
completes "tpmvsc key g" generate
completes "tpmvsc lockout " reset set status
completes "tpmvsc-admin auth" authority
completes "tpmvsc-admin authority " new show
offers "tpmvsc " doctor
completes "tpmvsc nothing-like-this"

step "options"
completes "tpmvsc list --" --help --json --verbose
completes "tpmvsc key generate --al" --algorithm
completes "tpmvsc key generate 9a --force --pu" --public-key-out
completes "tpmvsc-admin respond --es" --escrow
offers "tpmvsc create --" --pin-no-trivial
completes "tpmvsc list --frob"

step "values"
completes "tpmvsc create --profile " gids piv
completes "tpmvsc create --profile=g" gids
completes "tpmvsc create --name x --profile=" gids piv
completes "tpmvsc key generate --algorithm p" p256 p384
completes "tpmvsc create --puk n" none
completes "tpmvsc create --admin-key d" default derived discard
completes "tpmvsc pin change --new-pin r" random
completes "tpmvsc-admin admin-key derive --algorithm a" aes128 aes192 aes256
completes "tpmvsc cert request 9a --key-usage k" key-agreement key-encipherment
completes "tpmvsc cert request 9a --key-usage key-agreement,n" key-agreement,non-repudiation
completes "tpmvsc create --name "

step "slots and objects"
completes "tpmvsc key generate 9" 9a 9c 9d 9e 90 91 92 93 94 95
completes "tpmvsc key move authentication card-a" card-authentication
completes "tpmvsc cert export f" f9
completes "tpmvsc cert renew --retire-to retired-2" retired-2 retired-20
completes "tpmvsc object read ch" chuid

step "files"
mkdir "$work/files"
touch "$work/files/jane.pem" "$work/files/jane.csr"
files=$work/files
completes "tpmvsc cert import 9a $files/jane.p" "$files/jane.pem"
completes "tpmvsc cert request 9a --out $files/j" "$files/jane.csr" "$files/jane.pem"
completes "tpmvsc object write chuid $files/jane.p" "$files/jane.pem"
completes "tpmvsc-admin respond --key=$files/jane.p" "$files/jane.pem"
touch "$files/two words"
completes "tpmvsc cert import 9a $files/t" "$files/two words" # which bash itself then quotes
completes "tpmvsc cert import 9a --passphrase file:$files/t" "$files/two words"
completes "tpmvsc pin change --pin file:$files/jane.c" "$files/jane.csr" # what follows the colon
completes "tpmvsc create --pin=file:$files/jane.c" "$files/jane.csr"
completes "tpmvsc pin change --pin f" file: fd:

step "the cards there are"
name=$(printf '%q' "$(card_fact 'card["name"]')")
completes "tpmvsc info " "$name"
completes "tpmvsc destroy ${name:0:2}" "$name"
completes "tpmvsc key info --card " "$name"
completes "tpmvsc key info --reader " "$(printf '%q' "$TPMVSC_READER")"
completes "tpmvsc info $name " # there is no second argument

step "names that the shell would run"
mkdir "$work/bin"
cat >"$work/bin/tpmvsc" <<'LIST'
#!/bin/sh
cat <<'JSON'
      "name": "a`id`b",
      "name": "Anna \"A\"",
      "name": "c|d>e"
JSON
LIST
chmod +x "$work/bin/tpmvsc"
path=$PATH
PATH=$work/bin:$PATH
# shellcheck disable=SC2016 # that it is not expanded is the point
completes "tpmvsc info a" 'a\`id\`b'
completes "tpmvsc info A" 'Anna\ \"A\"'
completes "tpmvsc info c" 'c\|d\>e'
PATH=$path
equal "the number of cases" 47 "$cases"
