#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who may reset the PIN, as chosen when a card is made: PUK, admin key, authority or nobody; and what
# becomes of the admin key: given, shown, discarded, derived, in escrow.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$work"
umask 077

printf '73916482\n' >pin
printf '28140963\n' >puk
printf '64028195\n' >new-pin
openssl rand -hex 24 >key
openssl rand -hex 32 >master
exits 0 tpmvsc-admin authority new --out desk.pem --passphrase none --json
fingerprint=$(json 'it["fingerprint"]')
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=Escrow" -keyout rsa.pem -out rsa.crt -days 2 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -subj "/CN=Escrow" -keyout ec.pem \
    -out ec.crt -days 2 2>/dev/null

# make STATUS ARGUMENTS...: a card named "card"; GIDS ones after the letter g.
make() {
    local expected=$1
    shift
    exits "$expected" tpmvsc create --name card --pin file:pin "$@"
}
gids=(--profile gids --generate)

# can_reset EXPECTED: what info says of PUK, admin key and authority.
can_reset() {
    exits 0 tpmvsc info card --json
    equal "who can reset" "$1" "$(json 'it["pin_reset"]["puk"], it["pin_reset"]["admin_key"],
        (it["pin_reset"]["authority"] or {}).get("fingerprint")' | tr -d "(),'")"
}

# info_says TEXT: in the report for people.
info_says() {
    exits 0 tpmvsc info card
    grep -qE -- "^Reset by +$1\$" <<<"$result" || fail "info lacks /Reset by $1/: $result"
}

gone() {
    exits 0 tpmvsc destroy card --force
    exits 0 tpmvsc list --json
    equal "the cards left" 0 "$(json 'len(it["cards"])')"
}

# helped ARGUMENTS...: tpmvsc-admin, with these, answers the card's challenge, and the PIN is reset.
helped() {
    local challenge answer
    exits 0 tpmvsc unblock --card card --challenge --json
    challenge=$(json 'it["challenge"]')
    exits 0 tpmvsc-admin respond "$challenge" --yes "$@"
    answer=$result
    exits_with_input 0 "$answer" tpmvsc unblock --card card --response - --new-pin file:new-pin
}

step "a PUK: the admin key resets no PIN"
make 0 --puk file:puk --admin-key file:key
can_reset "True False None"
info_says "the PUK"
gone
make 0 "${gids[@]}" --puk file:puk --admin-key file:key
can_reset "True False None"
gone

step "no PUK: the admin key, on both profiles"
for profile in "--profile piv" "--profile gids --generate"; do
    # shellcheck disable=SC2086
    make 0 $profile --puk none --admin-key file:key
    says "only the admin key's holder can reset the PIN"
    can_reset "False True None"
    info_says "the admin key"
    helped --admin-key file:key
    gone
done

step "an authority: it is not asked for a PUK then; the admin key resets no PIN"
for profile in "--profile piv" "--profile gids --generate"; do
    # shellcheck disable=SC2086
    make 0 $profile --authority desk.pub.pem --admin-key file:key
    can_reset "False False $fingerprint"
    info_says "the authority $fingerprint"
    helped --key desk.pem
    gone
done

step "an authority beside a PUK"
make 0 --authority desk.pem --puk file:puk --admin-key file:key
can_reset "True False $fingerprint"
info_says "the PUK, or the authority $fingerprint"
helped --key desk.pem
exits 0 tpmvsc unblock --card card --puk file:puk --new-pin file:pin
gone

step "an authority's RSA key, from a certificate"
make 0 --authority rsa.crt --admin-key file:key
can_reset "False False $(openssl x509 -in rsa.crt -noout -pubkey | openssl pkey -pubin -outform DER |
    sha256sum | cut -d' ' -f1)"
helped --key rsa.pem
gone

step "an authority's key in a file that is not there: the reason is told"
exits 1 tpmvsc create --name card --pin default --authority none.pem --admin-key random
one_sentence
says "cannot read none.pem: No such file or directory"

step "nobody"
make 0 --unmanaged --admin-key file:key
says "nobody can reset the PIN of this card"
can_reset "False False None"
info_says "nobody"
exits 5 tpmvsc unblock --card card --challenge
reader="TPM Virtual Smart Card 00 00"
run ykpiv "-k$(cat key)" -a set-chuid
gone
make 0 "${gids[@]}" --unmanaged --json
equal "what is shown" "" "$(json '" ".join(it.get("secrets", {}))')"
can_reset "False False None"
gone

step "a key that is discarded"
make 0 "${gids[@]}" --puk file:puk --admin-key discard --json
equal "what is shown" "" "$(json '" ".join(it.get("secrets", {}))')"
can_reset "True False None"
gone

step "a key that is derived"
for algorithm in tdes aes256; do
    make 0 --puk none --admin-key derived --admin-master file:master --admin-algorithm "$algorithm" --json
    equal "what is shown" "" "$(json '" ".join(it.get("secrets", {}))')"
    id=$(json 'it["id"]')
    helped --master file:master --card-id "$id"
    exits 0 tpmvsc-admin admin-key derive --master file:master --card "$id" --algorithm "$algorithm"
    [[ $algorithm != tdes ]] || run ykpiv "-k${result##* }" -a set-chuid
    gone
done
make 0 --puk random --admin-master file:master --json
equal "what is shown" "puk" "$(json '" ".join(it["secrets"])')"
gone

step "a key in escrow, for each of two recipients; nothing of it is shown"
make 0 --puk none --escrow-to rsa.crt --escrow-to ec.crt --json
equal "what is shown" "" "$(json '" ".join(it.get("secrets", {}))')"
serial=$(json 'it["serial"]')
equal "the file" "card-$serial.cms" "$(json 'it["escrow_file"]')"
equal "who may read it" 600 "$(stat -c %a "card-$serial.cms")"
openssl asn1parse -in "card-$serial.cms" | grep -q "id-smime-ct-authEnvelopedData" ||
    fail "it is no AuthEnvelopedData"
for recipient in rsa ec; do
    run openssl cms -decrypt -inform PEM -in "card-$serial.cms" -inkey "$recipient.pem" -out "$recipient.json"
    helped --escrow "card-$serial.cms" --key "$recipient.pem"
done
cmp rsa.json ec.json || fail "the recipients read different things"
exits 0 tpmvsc info card --json
id=$(json 'it["id"]')
created=$(json 'it["created"]')
result=$(cat rsa.json)
equal "the record" "tpmvsc escrow 1 $id $serial card piv $created tdes" "$(json '" ".join(str(it[m]) for m in
    ("format", "id", "serial", "name", "profile", "created")) + " " + it["admin_key"]["algorithm"]')"
run ykpiv "-k$(json 'it["admin_key"]["value"]')" -a set-chuid
equal "the PUK" False "$(json '"puk" in it')"
gone

step "a random PUK goes into escrow as well; what was given is the holder's"
make 0 --puk random --escrow-to rsa.crt --escrow-file kept.cms
grep -qF "kept.cms" <<<"$result" || fail "the file is not named: $result"
[[ $result != *"Write this down"* ]] || fail "secrets are shown: $result"
exits 0 tpmvsc-admin admin-key open kept.cms --key rsa.pem --json
run ykpiv -a unblock-pin "-P$(json 'it["secrets"]["puk"]')" -N 739164
gone
make 0 --puk file:puk --admin-key file:key --escrow-to rsa.crt --escrow-file given.cms
exits 0 tpmvsc-admin admin-key open given.cms --key rsa.pem --json
equal "what is kept" "admin_key $(cat key)" "$(json '" ".join(it["secrets"]) + " " + it["secrets"]["admin_key"]')"
gone

step "a file that is there is not overwritten, and no card is made"
before=$(sha256sum kept.cms)
make 1 --puk none --escrow-to rsa.crt --escrow-file kept.cms
says "not overwritten"
equal "the file" "$before" "$(sha256sum kept.cms)"
exits 0 tpmvsc list --json
equal "the cards" "[]" "$(json 'it["cards"]')"

step "a command that keeps it: the record comes on standard input, and nowhere else"
make 0 --puk none --escrow-command 'tr "\0" "\n" </proc/$$/cmdline >argv; env >environment; cat >record; echo heard' --json
result_of_create=$result
equal "the words on standard output" 0 "$(grep -c heard <<<"$result")"
says "heard"
result=$(cat record)
value=$(json 'it["admin_key"]["value"]')
run ykpiv "-k$value" -a set-chuid
! grep -q "$value" argv environment || fail "the key is among the words of a command"
[[ $result_of_create != *"$value"* ]] || fail "the key is shown"
result=$result_of_create
equal "the escrow file" False "$(json '"escrow_file" in it')"
gone

step "a command that fails: no card, no file, nothing in the TPM"
# indices: how many the TPM has.
indices() {
    exits 0 tpmvsc doctor --json
    json 'it["tpm"]["nv_indices"]'
}
before=$(indices)
for command in 'exit 3' 'exec <&-; sleep 0.1; exit 1' 'kill -9 $$' 'no-such-command-anywhere'; do
    make 1 --puk none --escrow-to rsa.crt --escrow-file failed.cms --escrow-command "$command"
    says "the command of --escrow-command"
    [[ ! -e failed.cms ]] || fail "a file of a card that is not was left"
done
equal "the TPM's indices" "$before" "$(indices)"
exits 0 tpmvsc list --json
equal "the cards" "[]" "$(json 'it["cards"]')"

step "a card that cannot be made after all leaves no file"
exits 0 tpmvsc create --name other --pin file:pin --puk file:puk --admin-key file:key
make 3 --puk none --escrow-to rsa.crt --escrow-file failed.cms --owner-auth file:pin
[[ ! -e failed.cms ]] || fail "a file of a card that is not was left"
equal "the cards" other "$(exits 0 tpmvsc list --json && json '" ".join(c["name"] for c in it["cards"])')"
exits 0 tpmvsc destroy other --force

step "what contradicts itself is refused, with the reason"
# refusal TEXT ARGUMENTS...
refusal() {
    local text=$1
    shift
    make 2 "$@"
    one_sentence
    says "$text"
}
refusal "who has the PUK can" --unmanaged --puk file:puk
refusal "the authority can" --unmanaged --authority desk.pub.pem
refusal "only the admin key's holder can make keys" --puk file:puk --admin-key discard
refusal "say --unmanaged if that is meant" "${gids[@]}" --puk none --admin-key discard
refusal "known to nobody" "${gids[@]}" --puk file:puk --admin-key discard --escrow-to rsa.crt
refusal "everybody knows that key" --puk file:puk --admin-key default --escrow-to rsa.crt
refusal "derived anew" --puk file:puk --admin-master file:master --escrow-to rsa.crt
refusal "--escrow-file wants --escrow-to" --puk file:puk --admin-key file:key --escrow-file x.cms
refusal "comes from no master secret" --puk file:puk --admin-key file:key --admin-master file:master
refusal "wants --generate" --profile gids --unmanaged --admin-key file:key
refusal "wants --generate" --profile gids --authority desk.pub.pem --admin-key file:key
refusal "whoever personalises it" --profile gids --puk file:puk --escrow-to rsa.crt
refusal "whoever personalises it" --profile gids --puk file:puk --admin-master file:master
refusal "at least 64 hexadecimal digits" --puk file:puk --admin-key derived --admin-master file:key

step "keys and certificates that will not do"
refusal "P-256, or RSA" --authority ec.crt --admin-key file:key
refusal "holds no public key" --authority puk --admin-key file:key
openssl pkey -in desk.pem -aes256 -passout pass:secret -out locked.pem
refusal "the public key or a certificate is enough" --authority locked.pem --admin-key file:key
refusal "holds no certificate" --puk none --escrow-to desk.pub.pem
openssl req -x509 -newkey ed25519 -nodes -subj "/CN=Escrow" -keyout ed.pem -out ed.crt -days 2 2>/dev/null
make 5 --puk none --escrow-to ed.crt
make 1 --puk none --escrow-to nowhere.crt
exits 0 tpmvsc list --json
equal "the cards" "[]" "$(json 'it["cards"]')"
