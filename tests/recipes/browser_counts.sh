#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# browser_counts.sh chromium|firefox: how many APDUs a browser sends until its first page, and for the next ones
# (doc/recipes/browsers.md has the table). Runs in a rig whose pcscd logs APDUs.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/recipes/desktop.sh
. "$scripts/desktop.sh"
# shellcheck source=tests/recipes/browsers.sh
. "$scripts/browsers.sh"
# shellcheck source=tests/clients/counting.sh
. "$scripts/../clients/counting.sh"
use_browser "$1"
have_certificate "Make a key and a request"
have_server
start_desktop
set_up_browser

# counts NAME MOST COMMAND...: what it sends, and no more than that.
counts() {
    local name=$1 most=$2 before used
    shift 2
    before=$(apdus)
    "$@"
    sleep 1 # for what comes behind
    used=$(($(apdus) - before))
    echo "   $name: $used APDUs"
    ((used > 0)) || fail "no APDUs are seen: the log is not what it was"
    ((used <= most)) || fail "$name took more than $most APDUs"
}

# OpenSC 0.26 of Debian 13 asks the card who it is before each thing that the browser asks of OpenSC, but reads less later.
before_pin=45 before_page=45
[[ $release == 12 ]] || before_pin=150 before_page=30
# Firefox, on a busy machine, has at times to look for its certificate again, by 13 more questions whether the card is there,
# or 18 of OpenSC 0.26.
further_page=8
[[ $browser == chromium ]] || further_page=30

start() {
    start_browser https://localhost:8443/
    comes_to_pin 1
}
gives_pin() {
    gives_right_pin 1
    sees "Welcome, CN=Jane Doe"
}
reload() {
    local before
    before=$(pages)
    presses F5
    until_true more_pages "$before"
}
pages() { grep -c '"GET / .* 200 ' access.log; }
more_pages() { (($(pages) > $1)); }

"$TPMVSC_RIG_CTL" restart-pcscd >/dev/null
"$TPMVSC_RIG_CTL" wait-cards 1 >/dev/null
for state in cold warm; do
    step "$state"
    counts "until it asks for the PIN" "$before_pin" start
    counts "until the first page" "$before_page" gives_pin
    to_window "$title"
    for page in second third; do counts "the $page page" "$further_page" reload; done
    end_browser
done
