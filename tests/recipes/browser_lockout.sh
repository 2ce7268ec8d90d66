#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# browser_lockout.sh chromium|firefox: what doc/recipes/browsers.md says of a card whose PIN the TPM's lockout guards,
# when the TPM is locked while the browser is at work.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/recipes/desktop.sh
. "$scripts/desktop.sh"
# shellcheck source=tests/recipes/browsers.sh
. "$scripts/browsers.sh"
use_browser "$1"

make_lockout_card jane
have_certificate "Make a key and a request"
have_server
start_desktop
set_up_browser

# locked_for_all: the TPM is, and has compared no more than the tries that it has.
locked_for_all() {
    run tpmvsc lockout status
    matches "^TPM +locked"
    matches "^Wrong tries +3 of 3"
}

step "the first page"
start_browser https://localhost:8443/
signs_in 1
sees "Welcome, CN=Jane Doe .TLSv1.3"

step "another card's wrong PINs lock the TPM: a browser that is logged in stays so"
make_lockout_card other
use_up_tries 1
run tpmvsc destroy other --force
locked_for_all
goes_to "$title" "https://localhost:8443/?locked"
until_true grep -q "GET /?locked .* 200 " access.log

step "one that is started now is refused the right PIN, which costs nothing"
end_browser
start_browser https://localhost:8443/
comes_to_pin 1
comes_to "$unsigned_page" 2
locked_for_all

step "the lockout ends, and a browser that is started then goes on"
end_browser
run tpmvsc lockout reset
start_browser https://localhost:8443/
signs_in 1
sees "Welcome, CN=Jane Doe .TLSv1.3"
