#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tls.sh [locked]: doc/recipes/tls.md on a PIV card, with either kind of key: the right PIN, a wrong one, no card. Or with a card
# whose PIN the TPM's lockout guards, and a TPM that is locked: programs say the same as when the PIN is blocked.
# shellcheck source=tests/recipes/lib.sh
. "$(dirname "$0")/lib.sh"
needs nginx gnutls-cli stunnel
only_opensc
recipe tls
kind=${1:-}
[[ $kind != locked ]] || make_lockout_card jane
have_certificate "Make a key and a request"
have_server

pin=("PIN for Jane Doe:" "$TPMVSC_PIN")
wrong_pin=("PIN for Jane Doe:" 999999)
# What OpenSSL's part of each release asks and says: the engine, and the provider.
if [[ $release == 12 ]]; then
    prompt="PIN for Jane Doe:"
    curl_wrong="curl: (58) failed to load private key from crypto engine"
    curl_away="curl: (58) ssl engine cannot load client cert"
    openssl_wrong="PIN incorrect"
    openssl_away="No matching initialized token was found for private key"
    openssl_blocked="PIN locked"
else
    prompt="Enter pass phrase for PKCS#11 Token"
    curl_wrong="curl: (58) No private key found in the openssl store"
    curl_away="curl: (58) No cert found in the openssl store"
    openssl_wrong="Could not find client certificate private key"
    openssl_away=$openssl_wrong openssl_blocked=$openssl_wrong
    follow "Debian 13's provider"
fi
openssl_pin=("$prompt" "$TPMVSC_PIN")
openssl_wrong_pin=("$prompt" 999999)

# greeted VERSION: the server has let in the card's owner, by this version of TLS.
greeted() { says "Welcome, CN=Jane Doe ($1)"; }

# wrong_pin HEADING QUOTE PROMPT ANSWER...: with a wrong PIN it fails, at the cost of one try, and the recipe quotes
# what is said.
wrong_pin() {
    local heading=$1 quote=$2
    shift 2
    costs_tries 1 follow_to other "$heading" "$@"
    quoted "$quote"
    right_pin
}

# refuse_right_pin: the programs, as the recipe says.
refuse_right_pin() {
    follow_to other curl "${openssl_pin[@]}"
    quoted "$curl_wrong"
    follow_to other OpenSSL "${openssl_pin[@]}"
    quoted "$openssl_blocked"
    follow_to other GnuTLS "Enter PIN:" "$TPMVSC_PIN"
    quoted "PKCS #11 PIN locked"
    follow_to other "Start stunnel" "${pin[@]}"
    quoted "PIN locked"
}

if [[ $kind == locked ]]; then
    step "a TPM that is locked"
    follow stunnel
    use_up_tries 0
    refuse_right_pin
    run tpmvsc lockout status
    matches "^TPM +locked"
    run tpmvsc lockout reset
    follow curl "${openssl_pin[@]}"
    greeted TLSv1.3
    exit 0
fi

step "curl"
follow curl "${openssl_pin[@]}"
greeted TLSv1.3
wrong_pin curl "$curl_wrong" "${openssl_wrong_pin[@]}"

step "OpenSSL"
follow OpenSSL "${openssl_pin[@]}"
greeted TLSv1.3
wrong_pin OpenSSL "$openssl_wrong" "${openssl_wrong_pin[@]}"

step "GnuTLS"
follow GnuTLS "Enter PIN:" "$TPMVSC_PIN"
greeted TLSv1.3
wrong_pin GnuTLS "Wrong PIN has been provided" "Enter PIN:" 999999 "Enter PIN:" ""

step "stunnel: one PIN, several pages"
follow stunnel
page='curl --silent --show-error http://localhost:8080/'
# shellcheck disable=SC2016 # the shell that ends it expands this
end='kill "$(pgrep --parent $PPID stunnel)"'
follow "Start stunnel" "${pin[@]}" "Configuration successful" "run:$page >page && $page >>page && $end"
output=$(<page)
greeted TLSv1.3
equal "the number of pages" 2 "$(grep -c "<h1>" page)"
wrong_pin "Start stunnel" "Failed to initialize TLS context" "${wrong_pin[@]}"

step "stunnel, when the card goes and comes back"
# shellcheck disable=SC2016 # the shell that does it expands these
away='mkdir "$TPMVSC_STATE/away" && mv "$TPMVSC_STATE"/cards/* "$TPMVSC_STATE/away" && "$TPMVSC_RIG_CTL" wait-cards 0'
# shellcheck disable=SC2016
back='mv "$TPMVSC_STATE"/away/* "$TPMVSC_STATE/cards" && "$TPMVSC_RIG_CTL" wait-cards 1'
follow "Start stunnel" "${pin[@]}" "Configuration successful" \
    "run:$page >page && $away && ! $page && $back && ! $page && $end"
grep -q "<h1>Welcome" page || fail "there was no page while the card was there"
quoted "Device removed"
right_pin

step "a PIN that is blocked"
use_up_tries 0
refuse_right_pin
unblock_pin

step "without the card"
take_card_away
follow_to other curl
quoted "$curl_away"
follow_to other OpenSSL
quoted "$openssl_away"
follow_to other GnuTLS
quoted "Error loading cert file"
follow_to other "Start stunnel"
quoted "Failed to initialize TLS context"
put_card_back

step "with RSA, by TLS 1.3 and 1.2"
run tpmvsc key delete 9a --force --admin-key "file:$TPMVSC_ADMIN_KEY_FILE"
recipe certificate
follow "The same with RSA" "Admin key" "$TPMVSC_ADMIN_KEY" "PIN:" "$TPMVSC_PIN"
follow "Make the certificate"
follow "Put it on the card" "Admin key" "$TPMVSC_ADMIN_KEY"
recipe tls
for version in 1.3 1.2; do
    echo "tls-max = $version" >"$HOME/.curlrc"
    follow curl "${openssl_pin[@]}"
    greeted "TLSv$version"
done

# server_says PAGE REASON: what the server has shown and logged, as the recipe quotes it.
server_says() {
    quoted "$1"
    grep -qF -- "$2" nginx.log || fail "nginx.log does not say \"$2\""
    grep -qF -- "\`$2\`" "$recipe" || fail "${recipe##*/} does not quote \"$2\""
}

step "no certificate, one that has ended, one that was taken back"
run openssl x509 -req -in jane.csr -CA ca.pem -CAkey ca.key -days 0 -out ended.pem
commands=$(commands_of curl)
recipe server
run curl --silent --cacert ca.pem https://localhost:8443/
server_says "No required SSL certificate was sent" "client sent no required SSL certificate"
sleep 1 # its time is over in the second after it was made
ended=${commands/pkcs11:id=%01;type=cert/ended.pem}
types 0 "${openssl_pin[@]}" -- bash -c "${ended/--cert-type PROV/}"
server_says "The SSL certificate error" "certificate has expired"
follow "Take a certificate back"
until_true grep -q "gracefully shutting down" nginx.log
types 0 "${openssl_pin[@]}" -- bash -c "$commands"
server_says "The SSL certificate error" "certificate revoked"
