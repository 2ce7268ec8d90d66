#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Colours are for a person at a terminal that has them, and for nobody else.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

escape=$'\e['

# on_terminal STATUS COMMAND...: with standard output and error on a terminal that knows colours, unless VARIABLES say
# otherwise; the rest of the environment is as it is.
on_terminal() {
    local expected=$1
    shift
    types "$expected" -- env TERM=xterm-256color "${variables[@]}" "$@"
}
variables=()

marked() { grep -qF -- "$1" <<<"$output" || fail "\"$1\" is not in: $(cat -v <<<"$output")"; }
plain() { ! grep -qF -- "$escape" <<<"$output" || fail "there are colours in: $(cat -v <<<"$output")"; }

exits 0 create laptop

step "on a terminal headings, verdicts, warnings and errors are marked"
on_terminal 0 tpmvsc list
marked "${escape}1mSLOT${escape}m  ${escape}1mNAME${escape}m    ${escape}1mPROFILE${escape}m"
marked "0     laptop  piv"
on_terminal 0 tpmvsc inventory
marked "${escape}1mCARD${escape}m"
on_terminal 0 tpmvsc doctor
marked "${escape}32mok${escape}m       "
marked "${escape}33mwarning${escape}m  "
on_terminal 1 tpmvsc info nobody
marked "${escape}31mtpmvsc:${escape}m there is no card \"nobody\""
on_terminal 2 tpmvsc info --no-such-option
marked "${escape}31mtpmvsc:${escape}m "

step "columns stand as they do without"
on_terminal 0 tpmvsc list
coloured=${output//"${escape}1m"/}
coloured=${coloured//"${escape}m"/}
exits 0 tpmvsc list
equal "the list" "$result" "${coloured%$'\n'}"

step "who wants none gets none"
for variables in NO_COLOR=1 NO_COLOR=0 TERM=dumb TERM=; do
    on_terminal 0 tpmvsc list
    plain
    on_terminal 1 tpmvsc info nobody
    plain
done
variables=(NO_COLOR=) # set to nothing counts as not set
on_terminal 0 tpmvsc list
marked "${escape}1mSLOT"
variables=()

step "nor do files, pipes and programs, even beside a terminal"
on_terminal 0 tpmvsc list --json
plain
on_terminal 0 sh -c 'tpmvsc list >list; cat list; tpmvsc doctor | cat'
plain
on_terminal 0 sh -c 'tpmvsc info nobody 2>error; cat error; tpmvsc inventory --csv'
plain
on_terminal 1 sh -c 'tpmvsc list; tpmvsc info nobody 2>error; cat error >&2; exit 1'
marked "${escape}1mSLOT"
marked "tpmvsc: there is no card"
exits 0 env TERM=xterm-256color tpmvsc list
output=$result plain
