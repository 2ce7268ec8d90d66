#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Looking at a card disturbs nobody: the login of a program survives, and so does all it is in the middle of.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

exits 0 create "in use"
provision 9a ECCP256 alice
provision 9c ECCP256 sign

step "a program stays logged in while others look"
run python3 "$here/beside.py"

step "list sends the card nothing, info one command"
# Every byte that a card is sent is in pcscd's log.
commands_sent() { grep -c "APDU: " "$TPMVSC_RIG_LOG/pcscd" || true; }
before=$(commands_sent)
[[ $before -gt 0 ]] || fail "pcscd does not log the commands"
exits 0 tpmvsc list
exits 0 tpmvsc list --json
equal "the number of commands after list" "$before" "$(commands_sent)"
exits 0 tpmvsc info
equal "the number of commands after info" $((before + 1)) "$(commands_sent)"
