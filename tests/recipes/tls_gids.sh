#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What doc/recipes/tls.md says of GIDS cards: the right PIN, a wrong one, no card; and why there is a port for them.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
needs nginx
only_opensc
recipe tls
have_certificate "The same on a GIDS card"
have_server

prompt="PIN for" wrong="curl: (58) failed to load private key from crypto engine"
away="curl: (58) ssl engine cannot load client cert" invalid="Mechanism invalid"
if [[ $release != 12 ]]; then
    prompt="Enter pass phrase for" wrong="curl: (58) No private key found in the openssl store"
    away="curl: (58) No cert found in the openssl store" invalid="An invalid mechanism was specified"
    follow "Debian 13's provider"
fi

step "curl"
follow "On a GIDS card" "$prompt" "$TPMVSC_PIN"
says "Welcome, CN=Jane Doe (TLSv1.2)"

step "a wrong PIN"
costs_tries 1 follow_to other "On a GIDS card" "$prompt" 999999
quoted "$wrong"
right_pin

step "no certificate by TLS 1.3"
commands=$(commands_of "On a GIDS card")
types 35 "$prompt" "$TPMVSC_PIN" -- bash -c "${commands/8442/8443}"
quoted "$invalid"

step "without the card"
take_card_away
follow_to other "On a GIDS card"
quoted "$away"
