#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A program stays logged in by PKCS#11 longer than the TPM lets a login last: what OpenSC makes of it.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

session=6
run tpmvsc create --name short --pin "file:$TPMVSC_PIN_FILE" --puk "file:$TPMVSC_PUK_FILE" \
    --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" --pin-session "$session"
equal "the login's life" "$session card" \
    "$(card_fact '"%s %s" % (card["pin_session"]["seconds"], card["pin_session"]["from"])')"
module=$(pkcs11_module opensc-pkcs11.so)

# stays KEY-ID [again|consent]: logs in, signs, waits until the login is over, and signs again.
stays() {
    local key=$1
    shift
    run timeout 60 python3 "$(dirname "$0")/pkcs11_login.py" "$module" "$TPMVSC_PIN" $((session + 3)) "$key" "$@"
    equal "the tries that are left" 3 "$(pin_tries)"
}

provision 9a ECCP256 auth
step "OpenSC gives the PIN that it remembers again: the program does not notice"
stays 01 again
equal "the answers" "login OK,sign OK,sign OK" "$(paste -sd, <<<"$output")"

step "told not to remember it, it tells the program, which logs in again"
printf 'app default {\n framework pkcs15 { use_pin_caching = false; }\n}\n' >"$work/forgetful.conf"
OPENSC_CONF=$work/forgetful.conf stays 01 again
equal "the answers" "login OK,sign OK,sign USER_NOT_LOGGED_IN,login OK,sign OK" "$(paste -sd, <<<"$output")"

provision 9c ECCP256 signature
step "with a key in 9C it remembers no PIN, and does the same"
stays 01 again
equal "the answers" "login OK,sign OK,sign USER_NOT_LOGGED_IN,login OK,sign OK" "$(paste -sd, <<<"$output")"

step "unless it is told to"
printf 'app default {\n framework pkcs15 { pin_cache_ignore_user_consent = true; }\n}\n' >"$work/carefree.conf"
OPENSC_CONF=$work/carefree.conf stays 01 again
equal "the answers" "login OK,sign OK,sign OK" "$(paste -sd, <<<"$output")"

step "the key in 9C is given its PIN for each use, login or not"
stays 02 consent
equal "the answers" "login OK,sign OK,sign OK" "$(paste -sd, <<<"$output")"
