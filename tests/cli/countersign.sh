#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# countersign.sh SLOT: "tpmvsc cert countersign" with the key of an enrolment agent in this slot of the card; OpenSSL
# verifies it and gives the request back, and what is refused.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/authority.sh
. "$here/authority.sh"

slot=$1
pin=(--pin "file:$TPMVSC_PIN_FILE")
secrets=("${pin[@]}" --admin-key "file:$TPMVSC_ADMIN_KEY_FILE")

# refuses STATUS TEXT COMMAND...: with this sentence, and nothing else is said.
refuses() {
    local status=$1 text=$2
    shift 2
    exits "$status" "$@"
    one_sentence
    says "$text"
}

# verified MESSAGE OUT: by OpenSSL, from the agent up to the authority; OUT is what was signed.
verified() {
    run openssl cms -verify -inform PEM -in "$1" -CAfile "$work/authorities.pem" -purpose any -binary \
        -out "$2"
    says "Verification successful"
}

# holds FILE TEXT ENCODING: the bytes of the text are in the file; holds FILE OTHER: those of another file.
holds() {
    python3 -c '
import sys
whole = open(sys.argv[1], "rb").read()
part = sys.argv[2].encode(sys.argv[3]) if len(sys.argv) > 3 else open(sys.argv[2], "rb").read()
sys.exit(part not in whole)' "$@" || fail "$1 does not hold $2"
}

make_authority
run openssl req -newkey rsa:2048 -nodes -keyout "$work/alice.key" -subj "/CN=alice" -out "$work/alice.csr"
run openssl req -in "$work/alice.csr" -outform DER -out "$work/alice.der"

step "help"
exits 0 tpmvsc cert countersign --help
grep -q "^Examples:" <<<"$result" || fail "no examples"

step "without key, without certificate"
refuses 1 "there is no key in" tpmvsc cert countersign "$slot" "$work/alice.csr" "${pin[@]}"
exits 0 tpmvsc key generate "$slot" "${secrets[@]}"
refuses 1 "there is no certificate in" tpmvsc cert countersign "$slot" "$work/alice.csr" "${pin[@]}"

step "an agent of the wrong kind is warned, one out of its time refused"
exits 0 tpmvsc cert request "$slot" --subject CN=agent "${pin[@]}" --out "$work/agent.csr"
sign_request "$work/agent.csr" "$work/nobody.pem"
exits 0 tpmvsc cert import "$slot" "$work/nobody.pem" "${secrets[@]}"
exits 0 tpmvsc cert countersign "$slot" "$work/alice.csr" "${pin[@]}" --json
says "is not one of an enrolment agent"
equal "warnings" 1 "$(json 'len(it["warnings"])')"
run openssl x509 -req -in "$work/agent.csr" -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -days 0 -out "$work/old.pem"
sleep 1 # it ends in the second in which it begins
exits 0 tpmvsc cert import "$slot" "$work/old.pem" "${secrets[@]}"
refuses 1 "has expired" tpmvsc cert countersign "$slot" "$work/alice.csr" "${pin[@]}"
sign_for_future "$work/agent.csr" "$work/future.pem"
exits 0 tpmvsc cert import "$slot" "$work/future.pem" "${secrets[@]}"
refuses 1 "is not valid before" tpmvsc cert countersign "$slot" "$work/alice.csr" "${pin[@]}"

step "on behalf of alice"
exits 0 tpmvsc cert request "$slot" --subject CN=agent --extended-key-usage enrolment-agent "${pin[@]}" \
    --out "$work/agent.csr"
sign_request "$work/agent.csr" "$work/agent.pem"
exits 0 tpmvsc cert import "$slot" "$work/agent.pem" "${secrets[@]}"
exits 0 tpmvsc cert countersign "$slot" "$work/alice.csr" --on-behalf-of 'CORP\alice' "${pin[@]}" --out "$work/alice.p7b"
grep -q '^Countersigned the request for CN=alice on behalf of CORP\\alice with the RSA-2048 key in ' <<<"$result" ||
    fail "$result"
verified "$work/alice.p7b" "$work/inner.der"
run cmp "$work/alice.der" "$work/inner.der"
run openssl cms -cmsout -print -inform PEM -in "$work/alice.p7b" -noout
for text in "eContentType: pkcs7-data (1.2.840.113549.1.7.1)" "(1.3.6.1.4.1.311.13.2.1)" \
    "sha256WithRSAEncryption"; do
    says "$text"
done
matches 'subject: +CN=agent$'
sed '1d;$d' "$work/alice.p7b" | base64 -d >"$work/message.der"
holds "$work/message.der" 'requestername' utf-16-be
holds "$work/message.der" 'CORP\alice' utf-16-be

step "as DER, from standard input, without a name, with another hash"
exits_with_input 0 "$(cat "$work/alice.csr")" tpmvsc cert countersign "$slot" - --format der --hash sha512 \
    --out "$work/plain.der" "${pin[@]}"
run openssl cms -verify -inform DER -in "$work/plain.der" -CAfile "$work/authorities.pem" \
    -purpose any -binary -out "$work/inner.der"
run cmp "$work/alice.der" "$work/inner.der"
run openssl cms -cmsout -print -inform DER -in "$work/plain.der" -noout
says_not "1.3.6.1.4.1.311.13.2.1"
says "sha512"

step "as a full PKI request of CMC"
exits 0 tpmvsc cert countersign "$slot" "$work/alice.der" --cmc --on-behalf-of alice@corp.example "${pin[@]}" \
    --out "$work/alice.cmc"
verified "$work/alice.cmc" "$work/data.der"
holds "$work/data.der" "$work/alice.der"
holds "$work/data.der" 'requestername=alice@corp.example' utf-8
run openssl asn1parse -inform DER -in "$work/data.der"
says ":id-cmc-regInfo"
equal "the parts of PKIData" 4 "$(grep -c ":d=1 " <<<"$output")"
run openssl cms -cmsout -print -inform PEM -in "$work/alice.cmc" -noout
says "1.3.6.1.5.5.7.12.2"

step "what is no request, and whose name is none"
run openssl x509 -in "$work/agent.pem" -out "$work/certificate.pem"
refuses 1 "holds no request" tpmvsc cert countersign "$slot" "$work/certificate.pem" "${pin[@]}"
refuses 1 "No such file" tpmvsc cert countersign "$slot" "$work/nothing" "${pin[@]}"
# The name is changed, the signature stays.
sed 's/alice/malli/' "$work/alice.der" >"$work/changed.der"
refuses 1 "is not signed by its own key" tpmvsc cert countersign "$slot" "$work/changed.der" "${pin[@]}"
for name in alice '\alice' "CORP\\" 'A\B\C' 'CORP/alice' 'alice@'; do
    refuses 2 "--on-behalf-of takes" tpmvsc cert countersign "$slot" "$work/alice.csr" --on-behalf-of "$name" "${pin[@]}"
done

step "a wrong PIN"
exits_with_input 3 $'999999\n' tpmvsc cert countersign "$slot" "$work/alice.csr" --pin - --out "$work/none"
one_sentence
says "wrong PIN: 2 tries left"
[[ ! -e $work/none ]] || fail "an empty file was left"
