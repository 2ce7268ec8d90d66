#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A card that is made anew in its place, what is to be revoked then, and what is left of a destroyed one.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

tpm_indices() { tpm2_getcap -T "$TPMVSC_TCTI" handles-nv-index | sort; }
info() { # EXPRESSION
    exits 0 tpmvsc info laptop --json
    json "$1"
}
fresh=(--pin "file:$work/new-pin" --puk "file:$work/new-puk" --admin-key random)
printf '73916482\n' >"$work/new-pin"
printf '62840517\n' >"$work/new-puk"
chmod 600 "$work"/new-p*
verify() { # PIN: what yubico-piv-tool says to it
    run yubico-piv-tool -r "TPM Virtual Smart Card 00 00" -a verify-pin -P "$1"
}

before=$(tpm_indices)
exits 0 create laptop --pin-tries 5 --pin-min-length 6 --pin-history 3 --json
serial=$(json 'it["serial"]')
id=$(json 'it["id"]')
equal "nothing is left of others" "" "$(find "$TPMVSC_STATE/cards" -name '.*')"
with_card=$(tpm_indices | wc -l)

step "the checklist: a certificate with all that there is to say, a key of ssh, and one that was imported"
cat >"$work/ca.cnf" <<'CNF'
[req]
distinguished_name = name
prompt = no
[name]
CN = Authority of the test
[leaf]
keyUsage = digitalSignature
extendedKeyUsage = clientAuth, emailProtection, 1.3.6.1.4.1.311.20.2.2
crlDistributionPoints = URI:http://crl.example/one.crl
authorityInfoAccess = OCSP;URI:http://ocsp.example, caIssuers;URI:http://ca.example/ca.cer
CNF
run openssl req -x509 -newkey rsa:2048 -nodes -config "$work/ca.cnf" -keyout "$work/ca.key" -out "$work/ca.pem"
card=(--card laptop --admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
exits 0 tpmvsc key generate 9a --algorithm p256 --public-key-out "$work/9a.pub" "${card[@]}"
exits 0 tpmvsc key generate 9e --algorithm p256 --public-key-out "$work/9e.pub" "${card[@]}"
run openssl genrsa -out "$work/mail.key" 2048
exits 0 tpmvsc key import 9d "$work/mail.key" "${card[@]}"
run openssl x509 -new -force_pubkey "$work/9a.pub" -subj "/CN=alice/O=Test" -days 30 -set_serial 0x1234ABCD \
    -CA "$work/ca.pem" -CAkey "$work/ca.key" -extfile "$work/ca.cnf" -extensions leaf -out "$work/9a.pem"
exits 0 tpmvsc cert import 9a "$work/9a.pem" "${card[@]}"
run openssl req -x509 -key "$work/mail.key" -subj "/CN=mail" -days 30 -addext keyUsage=keyEncipherment -out "$work/9d.pem"
exits 0 tpmvsc cert import 9d "$work/9d.pem" "${card[@]}"
ssh_of() { # PUBLIC-KEY: as ssh-keygen has it
    ssh-keygen -i -m PKCS8 -f "$1" >"$work/ssh.pub"
    ssh-keygen -l -f "$work/ssh.pub" | cut -d ' ' -f 2
}
exits 0 tpmvsc destroy laptop --checklist --json
equal "the certificates" "['CN=alice', 'CN=mail']" \
    "$(json '[c["subject"].split(",")[-1] for c in it["checklist"]["certificates"]]')"
first='it["checklist"]["certificates"][0]'
equal "the serial number" 1234abcd "$(json "$first"'["serial"].lower()')"
equal "the issuer" "CN=Authority of the test" "$(json "$first"'["issuer"]')"
equal "what for" "['clientAuth', 'emailProtection', 'msSmartcardLogin']" "$(json "$first"'["usages"]')"
equal "where" "['http://crl.example/one.crl'] ['http://ocsp.example'] ['http://ca.example/ca.cer']" \
    "$(json '*[" ".join(str('"$first"'[k]) for k in ("crl", "ocsp", "authority"))]')"
equal "the key in ssh" "$(ssh_of "$work/9a.pub")" "$(json "$first"'["key"]["ssh_fingerprint"]')"
equal "no notes on it" "[]" "$(json "$first"'["notes"]')"
second='it["checklist"]["certificates"][1]'
equal "the imported one" "imported True True" \
    "$(json '*[" ".join(map(str, ('"$second"'["key"]["origin"], '"$second"'["key"]["decrypts"],
        any("copy of it may be elsewhere" in n for n in '"$second"'["notes"]))))]')"
equal "the key of ssh alone" "9e $(ssh_of "$work/9e.pub")" \
    "$(json '*[k["slot"] + " " + k["ssh_fingerprint"] for k in it["checklist"]["keys"]]')"
openssl rsa -in "$work/mail.key" -pubout -out "$work/mail.pub" 2>/dev/null
equal "RSA in ssh" "$(ssh_of "$work/mail.pub")" "$(json "$second"'["key"]["ssh_fingerprint"]')"
list=$(json 'it["checklist"]')
if can_be_anybody; then
    chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR"
    exits 0 as_anybody tpmvsc destroy laptop --checklist --json
    equal "the list for anybody" "$list" "$(json 'it["checklist"]')"
fi

step "reissue asks back"
types 1 'Type "laptop" to reissue it' no -- tpmvsc reissue laptop
says "Its 3 private keys will be gone for good"
says "certificate O=Test,CN=alice"
says "not confirmed: the card is as it was"
equal "the card" "$serial" "$(info 'it["serial"]')"
exits 2 timeout 20 tpmvsc reissue laptop
says "--force"

step "made anew: the same name and slot, another id and serial, the old settings, new secrets"
exits 0 tpmvsc reissue laptop --force --json "${fresh[@]}"
equal "name, slot" "laptop 0" "$(json 'it["name"] + " " + str(it["slot"])')"
equal "the one replaced" "$id $serial" "$(json 'it["replaced"]["id"] + " " + str(it["replaced"]["serial"])')"
[[ $(json 'it["id"]') != "$id" && $(json 'it["serial"]') != "$serial" ]] || fail "it is the same card"
equal "verified" "True [] ['9e'] {'undefined'} 3" "$(json '*[" ".join(map(str, (it["verified"]["nothing_left"],
    it["replaced"]["remains"], it["verified"]["copies_usable_for"],
    {i["state"] for i in it["verified"]["indices"]}, len(it["verified"]["indices"]))))]')"
equal "the checklist" "$list" "$(json 'it["checklist"]')"
equal "programs see it" True "$(json 'it["inserted"]')"
equal "the TPM's indices" "$with_card" "$(tpm_indices | wc -l)"
equal "one folder" 1 "$(find "$TPMVSC_STATE/cards" -mindepth 1 -maxdepth 1 | wc -l)"
equal "the serial that programs see" "$(info 'it["serial"]')" \
    "$(yubico-piv-tool -r "TPM Virtual Smart Card 00 00" -a status | sed -n 's/^Serial Number:[[:space:]]*//p')"
verify 73916482
refused yubico-piv-tool -r "TPM Virtual Smart Card 00 00" -a verify-pin -P "$TPMVSC_PIN"
equal "tries" 5 "$(info 'it["pin"]["tries"]')"
equal "rules" "6 3" "$(info '*[str(it["pin_rules"]["min_length"]) + " " + str(it["pin_rules"]["history"])]')"
equal "no keys" "[]" "$(info 'it["keys"]')"
exits 0 tpmvsc destroy laptop --checklist
says_in_result() { grep -qF -- "$1" <<<"$result" || fail "the result lacks \"$1\": $result"; }
says_in_result "There is nothing to revoke"

step "another party may reset the PIN from now on, and other tries"
exits 0 tpmvsc reissue laptop --force --json --pin "file:$work/new-pin" --puk none --admin-key random --pin-tries 4
equal "the parties" "False True" "$(info '*[str(it["pin_reset"][k]) for k in ("puk", "admin_key")]')"
equal "tries" 4 "$(info 'it["pin"]["tries"]')"
exits 0 tpmvsc reissue laptop --force --json --pin "file:$work/new-pin" --admin-key random
equal "the parties stay" "False True" "$(info '*[str(it["pin_reset"][k]) for k in ("puk", "admin_key")]')"

step "no space for a second card: the old one stays"
filler=0x01900000
fillers=()
while tpm2_nvdefine -T "$TPMVSC_TCTI" -C o -s 1024 "$filler" >/dev/null 2>&1; do
    fillers+=("$filler")
    filler=$(printf '0x%x' $((filler + 1)))
done
while tpm2_nvdefine -T "$TPMVSC_TCTI" -C o -s 1 "$filler" >/dev/null 2>&1; do
    fillers+=("$filler")
    filler=$(printf '0x%x' $((filler + 1)))
done
old=$(info 'it["serial"]')
exits 1 tpmvsc reissue laptop --force --pin "file:$work/new-pin" --admin-key random
for index in "${fillers[@]}"; do tpm2_nvundefine -T "$TPMVSC_TCTI" -C o "$index"; done
equal "the card" "$old" "$(info 'it["serial"]')"
verify 73916482
equal "the TPM's indices" "$with_card" "$(($(tpm_indices | wc -l) + 1))"

step "destroyed: what was looked for afterwards"
exits 0 tpmvsc destroy laptop --force --json
equal "verified" "True True {'undefined'} []" "$(json '*[" ".join(map(str, (it["verified"]["nothing_left"],
    it["verified"]["folder_gone"], {i["state"] for i in it["verified"]["indices"]},
    it["verified"]["copies_usable_for"])))]')"
equal "the TPM's indices" "$before" "$(tpm_indices)"

step "a GIDS card, and one of another TPM"
exits 0 create laptop --profile gids --generate --json
exits 0 tpmvsc key generate --label login --card laptop --pin "file:$TPMVSC_PIN_FILE"
exits 0 tpmvsc cert self-sign 0 --subject CN=gids --card laptop --pin "file:$TPMVSC_PIN_FILE"
exits 0 tpmvsc cert export 0 --card laptop --out "$work/gids.pem"
for way in as_root as_user; do # from the card's folder, and as its reader shows it
    checklist=(tpmvsc destroy laptop --checklist --json)
    [[ $way == as_root ]] || checklist=(env TPMVSC_CONFIG=/dev/null tpmvsc destroy 0 --checklist --json)
    exits 0 "${checklist[@]}"
    equal "the certificate, $way" "CN=gids $(openssl x509 -in "$work/gids.pem" -noout -serial | cut -d = -f 2)" \
        "$(json '*[" ".join((c["subject"], c["serial"].upper())) for c in it["checklist"]["certificates"]]')"
done
exits 0 tpmvsc reissue laptop --force --json "${fresh[@]}"
equal "profile" gids "$(json 'it["profile"]')"
id=$(json 'it["id"]')
cp -a "$TPMVSC_STATE/cards/$id" "$work/copy"
exits 0 tpmvsc destroy laptop --force
mv "$work/copy" "$TPMVSC_STATE/cards/$id"
exits 0 tpmvsc reissue laptop --force --json --pin "file:$work/new-pin" --admin-key random --puk none
equal "made" gids "$(json 'it["profile"]')"
exits 0 tpmvsc destroy laptop --force
equal "the TPM's indices" "$before" "$(tpm_indices)"
exits 1 tpmvsc reissue laptop --force
says "there is no card"
