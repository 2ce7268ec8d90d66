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

# second_certificate: an RSA key beside the first one, so that there is something to choose from. Chromium lists first what
# ends last.
second_certificate() {
    local admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
    run tpmvsc key generate 9d --algorithm rsa2048 "${admin[@]}"
    run tpmvsc cert request 9d --subject "CN=RSA of Jane" --extended-key-usage client-auth \
        --key-usage digital-signature --pin "file:$TPMVSC_PIN_FILE" --out rsa.csr
    run openssl x509 -req -in rsa.csr -CA ca.pem -CAkey ca.key -days 366 -copy_extensions copyall \
        -out rsa.pem
    run tpmvsc cert import 9d rsa.pem "${admin[@]}"
}

if [[ $kind == piv ]]; then
    have_certificate "Make a key and a request"
    second_certificate
    first=https://localhost:8443/
else
    have_certificate "The same on a GIDS card"
    first=https://localhost:8442/
fi
have_server
start_desktop
set_up_browser

jane=(2 j) rsa=(1 r)

choice=()
[[ $kind == gids ]] || choice=("${jane[@]}")

# remember NAME: what the screen shows, where somebody wants to see it.
remember() { [[ -z ${TPMVSC_PICTURES:-} ]] || picture "$TPMVSC_PICTURES/$browser-$kind-$1.png"; }

step "a wrong PIN costs one try, and the browser asks again"
start_browser "$first"
gives_wrong_pin "${choice[@]}"
equal "the tries left" 2 "$(pin_tries)"

step "the right one: the first page"
gives_right_pin "${choice[@]}"
if [[ $kind == gids ]]; then
    sees "Welcome, CN=Jane Doe .TLSv1.2"
    equal "the tries left" 3 "$(pin_tries)"
    exit 0
fi
sees "Welcome, CN=Jane Doe .TLSv1.3"
equal "the tries left" 3 "$(pin_tries)"
remember 1

step "the other certificate, other versions of TLS"
goes_to "$title" https://127.0.0.1:8442/
choose_certificate "${rsa[@]}"
sees "Welcome, CN=RSA of Jane .TLSv1.2"
goes_to "$title" https://127.0.0.1:8443/
[[ $browser == firefox ]] || choose_certificate "${rsa[@]}"
sees "Welcome, CN=RSA of Jane .TLSv1.3"
goes_to "$title" https://localhost:8442/
[[ $browser == firefox ]] || choose_certificate "${jane[@]}"
sees "Welcome, CN=Jane Doe .TLSv1.2"

step "a certificate that was taken back"
recipe server
follow "Take a certificate back"
until_true grep -q "gracefully shutting down" nginx.log
recipe browsers
goes_to "$title" https://localhost:8443/
sees_quoted "400 The SSL certificate error"
until_true grep -q "certificate revoked" nginx.log

step "the PIN is blocked while the browser is at work"
for _ in 1 2 3; do refused pkcs11-tool --login --pin 999999 --list-objects; done
goes_to "$title" https://127.0.0.1:8443/
signs_nothing
equal "the tries left" 0 "$(pin_tries)"
remember blocked

step "and unblocked: the browser, started again, asks for it"
end_browser
run tpmvsc unblock --puk "file:$TPMVSC_PUK_FILE" --new-pin "file:$TPMVSC_PIN_FILE"
start_browser https://127.0.0.1:8443/
signs_in "${rsa[@]}"
sees "Welcome, CN=RSA of Jane .TLSv1.3"
equal "the tries left" 3 "$(pin_tries)"

step "the card is destroyed while the browser is at work"
run tpmvsc destroy "Card 1" --force
goes_to "$title" https://127.0.0.1:8443/
signs_nothing
remember destroyed
