#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# browser.sh chromium|firefox piv|gids: doc/recipes/browsers.md, with the keyboard and the windows that a person has.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/recipes/desktop.sh
. "$scripts/desktop.sh"
# shellcheck source=tests/recipes/browsers.sh
. "$scripts/browsers.sh"
use_browser "$1"
kind=$2

admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
pin=(--pin "file:$TPMVSC_PIN_FILE")

# signs_certificate NAME DAYS: the authority makes NAME.pem, which ends so many days later.
signs_certificate() {
    run openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days "$2" -copy_extensions copyall -out "$1.pem"
}

# has_certificates DAYS OTHERS-DAYS: the card has them anew. Of two, Chromium lists first what ends last.
has_certificates() {
    signs_certificate jane "$1"
    if [[ $kind == piv ]]; then
        run tpmvsc cert import 9a jane.pem --force "${admin[@]}"
        signs_certificate rsa "$2"
        run tpmvsc cert import 9d rsa.pem --force "${admin[@]}"
    else
        run tpmvsc cert import 0 jane.pem --force "${pin[@]}"
    fi
}

# With a PIV card there is an RSA key beside the first one, so that there is something to choose from.
if [[ $kind == piv ]]; then
    have_certificate "Make a key and a request"
    run tpmvsc key generate 9d --algorithm rsa2048 "${admin[@]}"
    run tpmvsc cert request 9d --subject "CN=RSA of Jane" --extended-key-usage client-auth \
        --key-usage digital-signature "${pin[@]}" --out rsa.csr
    has_certificates 365 366
    jane=(2 j) other=(1 r) port=8443
    jane_page="Welcome, CN=Jane Doe .TLSv1.3" other_page="Welcome, CN=RSA of Jane .TLSv1.3"
else
    have_certificate "The same on a GIDS card"
    jane=() other=() port=8442
    jane_page="Welcome, CN=Jane Doe .TLSv1.2" other_page=$jane_page
fi
have_server
start_desktop
set_up_browser

no_certificate="400 No required SSL certificate was sent"

# remember NAME: what the screen shows, where somebody wants to see it.
remember() { [[ -z ${TPMVSC_PICTURES:-} ]] || picture "$TPMVSC_PICTURES/$browser-$kind-$1.png"; }

step "a wrong PIN costs one try, and the browser asks again"
start_browser "https://localhost:$port/"
gives_wrong_pin "${jane[@]}"
equal "the tries left" 2 "$(pin_tries)"

step "the right one: the first page"
gives_right_pin "${jane[@]}"
sees "$jane_page"
equal "the tries left" 3 "$(pin_tries)"
remember 1

if [[ $kind == piv ]]; then
    step "the other certificate, other versions of TLS"
    goes_to "$title" https://127.0.0.1:8442/
    choose_certificate "${other[@]}"
    sees "Welcome, CN=RSA of Jane .TLSv1.2"
    goes_to "$title" https://127.0.0.1:8443/
    [[ $browser == firefox ]] || choose_certificate "${other[@]}"
    sees "$other_page"
    goes_to "$title" https://localhost:8442/
    [[ $browser == firefox ]] || choose_certificate "${jane[@]}"
    sees "Welcome, CN=Jane Doe .TLSv1.2"
fi

# By TLS 1.2 Chromium itself says that there is no signature, and Firefox waits for a minute, for which no test waits.
refused=$unsigned_page
[[ $kind == piv ]] || refused="$no_certificate|127.0.0.1 - Chromium"
if [[ $kind-$browser != gids-firefox ]]; then
    step "the PIN is blocked while the browser is at work"
    use_up_tries 0
    goes_to "$title" "https://127.0.0.1:$port/?blocked"
    comes_to "$refused" 2
    remember blocked
    unblock_pin
fi
end_browser

step "certificates that have ended, which browsers do not offer"
has_certificates 0 0
sleep 1 # their time is over in the second after they were made
start_browser "https://127.0.0.1:$port/"
comes_to "$no_certificate" 1
remember ended
end_browser

step "new ones, and the unblocked PIN: the browser, started again, asks for it"
has_certificates 365 366
start_browser "https://127.0.0.1:$port/"
signs_in "${other[@]}"
sees "$other_page"
equal "the tries left" 3 "$(pin_tries)"

step "a certificate that was taken back"
recipe server
follow "Take a certificate back"
until_true grep -q "gracefully shutting down" nginx.log
recipe browsers
goes_to "$title" "https://localhost:$port/"
choose_certificate "${jane[@]}"
sees_quoted "400 The SSL certificate error"
until_true grep -q "certificate revoked" nginx.log

step "the card is destroyed while the browser is at work"
run tpmvsc destroy "Card 1" --force
goes_to "$title" "https://127.0.0.1:$port/?destroyed"
comes_to "$refused" 1
remember destroyed
end_browser

step "the browser is started without a card"
start_browser "https://localhost:$port/"
comes_to "$no_certificate" 0
