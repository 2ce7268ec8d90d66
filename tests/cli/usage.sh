#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How the command takes its arguments: help, refusals, and that no secret is taken from or shown on the
# command line.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

step "help and version"
exits 0 tpmvsc --help
grep -q "Exit codes: 0 done" <<<"$result" || fail "no exit codes in the help"
exits 0 tpmvsc --version
for command in create list info destroy doctor; do
    exits 0 tpmvsc "$command" --help
    grep -q "^Examples:" <<<"$result" || fail "no examples in the help of $command"
    grep -q -- "--json" <<<"$result" || fail "no --json in the help of $command"
done

step "what is not understood ends with 2 and one sentence"
exits 2 tpmvsc
exits 2 tpmvsc frobnicate
exits 2 tpmvsc list --frobnicate
one_sentence
exits 2 tpmvsc destroy
one_sentence
exits 2 tpmvsc create --name x --profile frob
exits 2 tpmvsc create --name x --pin-tries 0
exits 2 tpmvsc create --name x --pin-tries 16
exits 2 tpmvsc create --name x --admin-algorithm des
exits 2 tpmvsc create --name x --pin
exits 2 tpmvsc info x --reader y

step "a secret on the command line is refused, and not repeated"
for option in --pin --puk --admin-key --owner-auth; do
    exits 2 tpmvsc create --name x "$option" 73916482
    one_sentence
    says "(ps)"
    says_not 73916482
    exits 2 tpmvsc create --name x "$option=73916482"
done

step "values that cannot be"
secrets=(--puk default --admin-key default)
exits_with_input 2 $'12345\n' tpmvsc create --name x --pin - "${secrets[@]}"
one_sentence
says "6 to 8 characters"
says_not 12345
exits_with_input 2 $'123456789\n' tpmvsc create --name x --pin - "${secrets[@]}"
exits_with_input 2 $'1234567\n' tpmvsc create --name x --puk - --pin default --admin-key default
says "8 characters"
exits_with_input 2 $'0102\n' tpmvsc create --name x --pin default --puk default --admin-key -
says "48 hexadecimal digits"
exits_with_input 2 $'xyz\n' tpmvsc create --name x --pin default --puk default --admin-key -
says "hexadecimal"
exits_with_input 1 "" tpmvsc create --name x --pin - "${secrets[@]}"
says "no line left on standard input"
exits 1 tpmvsc create --name x --pin "file:$work/none" "${secrets[@]}"
says "No such file"
printf '123456\n654321\n' >"$work/two-lines"
exits 1 tpmvsc create --name x --pin "file:$work/two-lines" "${secrets[@]}"
says "more than one line"
exits 1 tpmvsc create --name x --pin fd:77 "${secrets[@]}"

step "names that cannot be"
for name in " x" "x " $'a\nb' $'a\033[31mb' "$(printf 'x%.0s' $(seq 101))" $'\xff'; do
    exits 2 tpmvsc create --name "$name" --pin default "${secrets[@]}"
    one_sentence
done

step "where nobody can be asked nothing is asked"
exits 2 timeout 20 tpmvsc create --name x
one_sentence
says "no terminal to ask on"
exits 2 timeout 20 tpmvsc create --pin default "${secrets[@]}"
says "--name"

step "nothing was made on the way"
exits 0 tpmvsc list --json
equal "the cards" "[]" "$(json 'it["cards"]')"
