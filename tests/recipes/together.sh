#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several programs use one card in parallel: a browser, ssh-agent, curl and PC/SC programs. Nobody loses a login that he is
# promised, nobody waits for ever, and a wrong PIN costs one try. TPMVSC_SECONDS says how long (12).
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/recipes/desktop.sh
. "$scripts/desktop.sh"
# shellcheck source=tests/recipes/browsers.sh
. "$scripts/browsers.sh"
needs nginx
use_browser chromium
seconds=${TPMVSC_SECONDS:-12}
only_opensc
have_certificate "Make a key and a request"
have_server
start_desktop
set_up_browser

# ends_well PID...: all of them have.
ends_well() {
    local pid
    for pid in "$@"; do
        wait "$pid" || fail "one of those that share the card has failed"
    done
}

# over_and_over NAME COMMAND: until the time is over; it may not fail once.
over_and_over() {
    local rounds=0 until_end=$((SECONDS + seconds))
    while ((SECONDS < until_end)); do
        "$2" 2>"$1.log" || {
            sed "s/^/    $1, round $rounds: /" "$1.log" >&2
            return 1
        }
        rounds=$((rounds + 1))
        sleep 0.1
    done
    echo "   $1: $rounds rounds"
}

# browser_reads: the page once more, with a new signature. When the browser asks for the PIN, it is given and counted.
browser_reads() {
    local before rounds=600
    before=$(pages_of_browser)
    to_window "$title"
    presses F5
    until (($(pages_of_browser) > before)); do
        ((rounds-- > 0)) || {
            echo "the page did not come; there are: $(windows | paste -sd';')" >&2
            return 1
        }
        ! window "$pin_window" >/dev/null || {
            enters "$pin_window" "$TPMVSC_PIN"
            echo asked >>browser.asked
        }
        sleep 0.1
    done
}
pages_of_browser() { grep -c '"GET / .* 200 .*Chrome' access.log; }

step "a browser that was given the PIN"
start_browser https://localhost:8443/
signs_in 1
sees "Welcome, CN=Jane Doe"

step "who keeps to PIV and resets nothing takes nobody's login away"
"$scripts/sharing.py" keeper "$seconds" jane.pem &
keeper=$!
"$scripts/sharing.py" looker "$seconds" &
looker=$!
: >browser.asked
over_and_over chromium browser_reads &
surfer=$!
until_end=$((SECONDS + seconds))
while ((SECONDS < until_end)); do
    run tpmvsc info --reader "$TPMVSC_READER"
    run tpmvsc list
    sleep 0.5
done
ends_well "$keeper" "$looker" "$surfer"
[[ ! -s browser.asked ]] || fail "the browser has lost its login"

# agent_signs: with a PIN that the agent was given once.
agent_signs() {
    ssh-keygen -q -Y sign -f card.pub -n test <ca.pem >agent.signature &&
        ssh-keygen -q -Y check-novalidate -n test -s agent.signature <ca.pem >/dev/null
}

# curl_reads: a page, with its PIN.
curl_reads() {
    local uri="pkcs11:id=%01;pin-value=$TPMVSC_PIN"
    curl --silent --show-error --max-time 60 --cert "$uri;type=cert" --key "$uri;type=private" \
        --cacert ca.pem https://localhost:8443/ >curl.page && grep -q "<h1>Welcome, CN=Jane Doe" curl.page
}

step "an agent with the card in it"
eval "$(ssh-agent -s)" >/dev/null
background+=("$SSH_AGENT_PID")
module=$(pkcs11_module opensc-pkcs11.so)
types 0 "Enter passphrase for PKCS#11:" "$TPMVSC_PIN" -- ssh-add -s "$module"
run ssh-add -L
grep 'ecdsa-sha2-nistp256' <<<"$output" >card.pub

step "programs that log in and out, and one that gives wrong PINs"
# It ends before the others: after its last wrong PIN somebody has to give the right one.
"$scripts/sharing.py" clumsy "$((seconds - seconds / 3))" &
clumsy=$!
over_and_over ssh-agent agent_signs &
agent=$!
over_and_over curl curl_reads &
curl=$!
"$scripts/sharing.py" transactor "$seconds" jane.pem &
transactor=$!
"$scripts/sharing.py" looker "$seconds" &
looker=$!
over_and_over chromium browser_reads &
surfer=$!
ends_well "$agent" "$curl" "$transactor" "$looker" "$clumsy" "$surfer"
echo "   chromium: asked for the PIN $(wc -l <browser.asked) times"

step "the agent is still logged in, and a wrong PIN of curl's costs one try"
equal "the tries left" 3 "$(pin_tries)"
costs_tries 1 refused curl --silent --show-error --cert "pkcs11:id=%01;type=cert" \
    --key "pkcs11:id=%01;type=private;pin-value=999999" --cacert ca.pem https://localhost:8443/
run ssh-keygen -q -Y sign -f card.pub -n test <ca.pem
equal "the tries left" 3 "$(pin_tries)"

step "and one of the browser's, which asks again; nobody else gives the PIN meanwhile"
end_browser
"$scripts/sharing.py" looker 20 &
looker=$!
start_browser https://localhost:8443/
gives_wrong_pin 1
equal "the tries left" 2 "$(pin_tries)"
gives_right_pin 1
sees "Welcome, CN=Jane Doe"
equal "the tries left" 3 "$(pin_tries)"
ends_well "$looker"
run ssh-keygen -q -Y sign -f card.pub -n test <ca.pem
