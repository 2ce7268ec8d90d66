#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's piv-tool, the administrator's side: admin key, key generation, certificates, objects.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

# key_in SLOT: what the card says of the key there.
key_in() {
    card_fact "[k['algorithm'] for k in card['keys'] if k['slot'] == '$1']"
}

# makes SLOT ALGORITHM: piv-tool has the card make a key. Version 0.23 cannot write the public key it
# got (it fails in OpenSSL 3 afterwards), and 0.26 writes it and ends with 1; that the card made it is seen in what
# the card says.
makes() {
    rm -f "$work/public.der"
    piv_admin --genkey "$1:$2" --out "$work/public.der" >"$work/output" 2>&1 ||
        grep -q "gen_key unable to gen" "$work/output" ||
        openssl pkey -pubin -inform DER -in "$work/public.der" -noout 2>/dev/null ||
        fail "piv-tool could not generate: $(cat "$work/output")"
}

step "without the admin key nothing is made"
refused piv-tool --genkey 9A:07
equal "the keys" "[]" "$(card_fact 'card["keys"]')"

step "with a wrong one neither"
sed 's/01:02/01:04/' "$PIV_EXT_AUTH_KEY" >"$work/wrong-key"
refused env PIV_EXT_AUTH_KEY="$work/wrong-key" piv-tool -A M:9B:03 --genkey 9A:07
says "admin_mode failed"
equal "the keys" "[]" "$(card_fact 'card["keys"]')"

step "with the right one: RSA and elliptic curves"
makes 9A 07
equal "the key in 9A" "['RSA-2048']" "$(key_in 9A)"
makes 9C 14
equal "the key in 9C" "['P-384']" "$(key_in 9C)"
makes 9E 11
equal "the key in 9E" "['P-256']" "$(key_in 9E)"
equal "the PIN policies" "['once', 'always', 'never']" \
    "$(card_fact "[k['pin_policy'] for k in card['keys']]")"

step "external authentication: a challenge of one block"
run piv-tool --send-apdu 00:87:03:9B:04:7C:02:81:00:00
says "SW1=0x90, SW2=0x00"
says "7C 0A 81 08"
step "a wrong answer to it"
run piv-tool --send-apdu 00:87:03:9B:04:7C:02:81:00:00 \
    --send-apdu 00:87:03:9B:0C:7C:0A:82:08:00:11:22:33:44:55:66:77
says "SW1=0x69, SW2=0x82"

# put ARGUMENTS...: piv-tool writes. Version 0.23 ends with the number of bytes written, modulo 256, as
# its status: whether it worked is seen by reading.
put() { piv_admin "$@" >"$work/output" 2>&1 || true; }

certificate_is_there() {
    run pkcs15-tool --read-certificate 01
    run openssl x509 -in <(sed -n '/-BEGIN/,/-END/p' <<<"$output") -noout -fingerprint
    equal "the certificate" "$(openssl x509 -in "$work/auth.pem" -noout -fingerprint)" "$output"
}

step "certificates"
generate_key 9a RSA2048 "$work/auth.pub"
issue_certificate "$work/auth.pub" auth "$work/auth.pem"
run opensc-tool --reset
refused piv-tool --cert 9A --in "$work/auth.pem"
refused pkcs15-tool --read-certificate 01
put --cert 9A --in "$work/auth.pem"
certificate_is_there

step "a compressed certificate"
openssl x509 -in "$work/auth.pem" -outform DER | gzip >"$work/auth.der.gz"
put --compresscert 9A --in "$work/auth.der.gz"
certificate_is_there

# object ID HEADER SIZE LABEL: written by piv-tool, read back through PKCS#11.
object() {
    step "an object of $3 bytes: $4"
    # shellcheck disable=SC2059 # the header is a format: it has the bytes of tag and length
    { printf "$2"; head -c "$3" /dev/urandom; } >"$work/object"
    run opensc-tool --reset # else the card still knows the administrator: programs leave it as it is
    refused piv-tool --object "$1" --in "$work/object"
    rm -f "$work/read"
    p11 --login --read-object --type data --label "$4" --output-file "$work/read" >/dev/null 2>&1 ||
        true
    [[ ! -s $work/read ]] || fail "the object is there already"
    put --object "$1" --in "$work/object"
    run p11 --login --read-object --type data --label "$4" --output-file "$work/read"
    run cmp "$work/object" "$work/read"
}
object 9000 '\x53\x82\x05\x14' 1300 "Security Object"
object 6030 '\x53\x82\x31\x9c' 12700 "Cardholder Facial Image"
