#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A key's attestation up to the maker of the TPM, on TPMs that a maker has vouched for: bundle, challenge,
# answer, verdict. Runs in a rig without cards; the TPM is made anew.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
command -v swtpm_setup >/dev/null || exit 77

shows() { grep -qE -- "$1" <<<"$result" || fail "the result lacks /$1/: $result"; }
state() { json '[c["state"] for c in it["checks"] if c["check"] == "'"$1"'"][0]'; }
verifier="$here/../clients/attestation_verifier.py"

# --- A maker of TPMs ----------------------------------------------------------------------------------

maker=$work/maker
mkdir "$maker"
cat >"$maker/localca.conf" <<END
statedir = $maker
signingkey = $maker/signkey.pem
issuercert = $maker/issuercert.pem
certserial = $maker/certserial
END
: >"$maker/options"
cat >"$maker/setup.conf" <<END
create_certs_tool = $(command -v swtpm_localca)
create_certs_tool_config = $maker/localca.conf
create_certs_tool_options = $maker/options
END
# Root first, as the other verifier wants them.
roots=("$maker/swtpm-localca-rootca-cert.pem" "$maker/issuercert.pem")

# new_tpm: one with the maker's certificate for its RSA endorsement key, and a card in each profile.
new_tpm() {
    "$TPMVSC_RIG_CTL" stop-tpm
    rm -rf "$TPMVSC_RIG_DIR/tpm"
    mkdir -m 700 "$TPMVSC_RIG_DIR/tpm"
    run swtpm_setup --tpm2 --tpmstate "$TPMVSC_RIG_DIR/tpm" --create-ek-cert --config "$maker/setup.conf"
    "$TPMVSC_RIG_CTL" start-tpm
    exits 0 create piv
    exits 0 create gids --profile gids --generate
    "$TPMVSC_RIG_CTL" wait-cards 2
    exits 0 tpmvsc key generate 9a --card piv --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" --algorithm p256 \
        --public-key-out "$work/9a.pub"
}

# bundle FILE [ARGUMENTS...]: of the PIV card's key.
bundle() {
    local file=$1
    shift
    exits 0 tpmvsc key attest 9a --card piv --bundle "$file" "$@"
}

# challenged BUNDLE NAME: $work/NAME.{challenge,secret}
challenged() {
    rm -f "$work/$2.challenge" "$work/$2.secret"
    exits 0 tpmvsc-admin attest challenge "$1" --out "$work/$2.challenge" --secret-out "$work/$2.secret"
}
answered() { exits 0 tpmvsc attest answer "$work/$1.challenge" --card piv --out "$work/$1.answer"; }

# verified STATUS BUNDLE NAME [ARGUMENTS...]: with the answer of that name, as JSON.
verified() {
    local expected=$1 file=$2 name=$3
    shift 3
    exits "$expected" tpmvsc-admin attest verify "$file" --roots "${roots[@]}" --answer "$work/$name.answer" \
        --secret "$work/$name.secret" --json "$@"
}

step "all of it, from the maker's root to the PIN's tries"
new_tpm
nonce=5f1c09a3d2b84e67
bundle "$work/bundle" --nonce $nonce
equal "warnings" "" "$output"
challenged "$work/bundle" first
equal "the mode of the secret" 600 "$(stat -c %a "$work/first.secret")"
answered first
verified 0 "$work/bundle" first --nonce $nonce --require tpm,pin,tries,nonce
equal "the states" "proved proved proved proved proved proved proved" "$(json '" ".join(c["state"] for c in it["checks"])')"
equal "the tries" "3 0" "$(json 'it["key"]["tries"]["limit"], it["key"]["tries"]["used"]' | tr -d '(),')"
equal "the key" "$(cat "$work/9a.pub")" "$(json 'it["key"]["public_key"].strip()')"
equal "the model" swtpm "$(json 'it["tpm"]["model"]')"
exits 0 tpmvsc attest verify "$work/bundle" --roots "${roots[@]}" --answer "$work/first.answer" --secret "$work/first.secret"
shows "^proved +tpm +the key was made in that TPM and cannot leave it"
shows "^proved +tries +.*blocked after 3 wrong ones"
shows "^not done +nonce"
shows "^Proved: tpm, pin\.$"

step "another verifier says the same"
run "$verifier" --bundle "$work/bundle" --roots "${roots[@]}" --nonce $nonce
says "key: secp256r1"
says "pin: counted by the TPM, wanted once"
says "tries: 0 of 3 used"
refused "$verifier" --bundle "$work/bundle" --nonce 00
says "another nonce"

step "what is missing is said, and not proved"
exits 1 tpmvsc attest verify "$work/bundle"
says "not proved: tpm"
shows "^not done +activation"
shows "no roots were given"
exits 0 tpmvsc attest verify "$work/bundle" --require pin,tries
exits 1 tpmvsc attest verify "$work/bundle" --roots "${roots[@]}"
exits 2 tpmvsc attest verify "$work/bundle" --answer "$work/first.answer"
one_sentence
verified 1 "$work/bundle" first --require nonce
verified 1 "$work/bundle" first --nonce 00
equal "the nonce" failed "$(state nonce)"

step "a wrong root; a root without the issuer between"
make_ca
exits 1 tpmvsc attest verify "$work/bundle" --roots "$work/ca.pem" --answer "$work/first.answer" --secret "$work/first.secret" --json
equal "the maker" failed "$(state endorsement)"
exits 1 tpmvsc attest verify "$work/bundle" --roots "${roots[0]}" --answer "$work/first.answer" --secret "$work/first.secret" --json
equal "the maker" failed "$(state endorsement)"

step "each field changed is refused"
python3 - "$work" <<'END'
import base64, json, sys, os
work = sys.argv[1]
os.mkdir(f"{work}/changed")
with open(f"{work}/bundle") as file:
    bundle = json.load(file)

def flipped(data, place):
    changed = bytearray(data)
    changed[place] ^= 0x01
    return bytes(changed)

def pem(text, place):
    lines = text.strip().split("\n")
    der = flipped(base64.b64decode("".join(lines[1:-1])), place)
    body = base64.b64encode(der).decode()
    return "\n".join([lines[0], *(body[i:i + 64] for i in range(0, len(body), 64)), lines[-1]]) + "\n"

def change(path, how, place):
    copy = json.loads(json.dumps(bundle))
    *inner, last = path.split(".")
    at = copy
    for name in inner:
        at = at[name]
    at[last] = how(at[last], place)
    with open(f"{work}/changed/{path}.{place}", "w") as file:
        json.dump(copy, file)

base = lambda text, place: base64.b64encode(flipped(base64.b64decode(text), place)).decode()
for path in ("certificate", "authority", "endorsement.certificate"):
    for place in (60, 100, 200, 300, -1, -40):
        change(path, pem, place)
for path in ("tries.attest", "tries.signature", "endorsement.public"):
    for place in (0, 5, 20, 60, -1):
        change(path, base, place)
change("format", lambda text, place: text + "0", 0)
for name in ("extra", "nonce"):
    with open(f"{work}/changed/{name}", "w") as file:
        json.dump({**bundle, name: "00"}, file)
END
count=0
for changed in "$work"/changed/*; do
    status=0
    tpmvsc-admin attest verify "$changed" --roots "${roots[@]}" --answer "$work/first.answer" \
        --secret "$work/first.secret" --nonce $nonce --require tpm,pin,tries,nonce >"$work/result" 2>"$work/output" || status=$?
    [[ $status == 1 || $status == 5 ]] || fail "status $status for ${changed##*/}: $(cat "$work/result")"
    grep -qE "^tpmvsc-admin: .{10}" "$work/output" || fail "nothing is said of ${changed##*/}"
    count=$((count + 1))
done
equal "the changes" 36 "$count"
for part in tries endorsement; do
    python3 -c 'import json,sys; it=json.load(open(sys.argv[1])); del it[sys.argv[2]]; json.dump(it, open(sys.argv[3], "w"))' \
        "$work/bundle" $part "$work/less"
    verified 1 "$work/less" first --require tpm,tries
done

step "an answer to another challenge; a secret of another bundle"
challenged "$work/bundle" second
exits 1 tpmvsc attest verify "$work/bundle" --roots "${roots[@]}" --answer "$work/first.answer" --secret "$work/second.secret" --json
equal "the answer" failed "$(state activation)"
exits 0 tpmvsc key generate 9c --card piv --admin-key "file:$TPMVSC_ADMIN_KEY_FILE" --algorithm p256
exits 1 tpmvsc key attest 9d --card piv --bundle "$work/none"
says "there is no key"
exits 3 tpmvsc attest answer "$work/first.challenge" --card gids
one_sentence
says "not for this card in this TPM"

step "an attestation key in software: no TPM opens what is made for it"
python3 "$here/software_attestation.py" "$work/bundle" "$work/forged" $nonce
exits 0 tpmvsc attest verify "$work/forged" --nonce $nonce --require pin,nonce # its words are right,
exits 1 tpmvsc attest verify "$work/forged" --roots "${roots[@]}"              # and prove nothing
says "not proved: tpm"
challenged "$work/forged" forged
exits 3 tpmvsc attest answer "$work/forged.challenge" --card piv
verified 1 "$work/forged" first
equal "the answer" failed "$(state activation)"

step "the attestation key's point under another generator of its curve"
python3 "$here/other_generator.py" "$work/bundle" "$work/forged" $nonce
exits 1 tpmvsc attest verify "$work/forged" --nonce $nonce --require pin,nonce
says "the authority has another key than the statement's attestation key"

step "a GIDS card's key"
run pkcs15-init --reader "TPM Virtual Smart Card 00 01" --verify-pin --auth-id 80 --pin "$TPMVSC_PIN" \
    --generate-key rsa/2048
exits 0 tpmvsc info gids --json
slot=$(json 'it["keys"][0]["slot"]')
exits 0 tpmvsc key attest "$slot" --card gids --bundle "$work/gids" --nonce $nonce
challenged "$work/gids" gids
exits 0 tpmvsc attest answer "$work/gids.challenge" --card gids --out "$work/gids.answer"
verified 0 "$work/gids" gids --nonce $nonce --require tpm,pin,tries,nonce
equal "the key" RSA-2048 "$(json 'it["key"]["algorithm"]')"
run "$verifier" --bundle "$work/gids" --roots "${roots[@]}"
exits 5 tpmvsc key attest 9a --card gids

step "the ECC endorsement key, where the maker vouches for it"
run tpm2_createek -G ecc -c "$work/ek.ctx" -u "$work/ek.pem" -f pem -T "$TPMVSC_TCTI"
tpm2_flushcontext --transient-object -T "$TPMVSC_TCTI"
cat >"$work/ek.ext" <<'END'
basicConstraints = critical, CA:FALSE
keyUsage = critical, keyAgreement
extendedKeyUsage = 2.23.133.8.1
subjectAltName = critical, dirName:tpm
[tpm]
1.2.23.133.2.1 = id:49465800
2.2.23.133.2.2 = SLB 9672
3.2.23.133.2.3 = id:0010
END
run openssl x509 -new -force_pubkey "$work/ek.pem" -subj / -days 2 -CA "$work/ca.pem" -CAkey "$work/ca.key" \
    -extfile "$work/ek.ext" -outform DER -out "$work/ek.der"
run tpm2_nvdefine 0x1c0000a -C o -s "$(stat -c %s "$work/ek.der")" -a "ownerread|ownerwrite|authread|no_da" -T "$TPMVSC_TCTI"
run tpm2_nvwrite 0x1c0000a -C o -i "$work/ek.der" -T "$TPMVSC_TCTI"
bundle "$work/ecc"
roots=("$work/ca.pem")
challenged "$work/ecc" ecc
grep -q '"ecc"' "$work/ecc.challenge" || fail "it is not the ECC key"
answered ecc
verified 0 "$work/ecc" ecc
equal "the make" "Infineon SLB 9672" "$(json 'it["tpm"]["maker"], it["tpm"]["model"]' | tr -d "(),'")"
run "$verifier" --bundle "$work/ecc" --roots "$work/ca.pem"
bundle "$work/rsa" --endorsement rsa
roots=("$maker/swtpm-localca-rootca-cert.pem" "$maker/issuercert.pem")
challenged "$work/rsa" rsa
answered rsa
verified 0 "$work/rsa" rsa
verified 1 "$work/rsa" ecc
equal "the answer" failed "$(state activation)"

step "nothing stays in the TPM"
equal "transient objects" "" "$(tpm2_getcap handles-transient -T "$TPMVSC_TCTI")"

step "the endorsement hierarchy has a password"
run tpm2_changeauth -c endorsement ocelot -T "$TPMVSC_TCTI"
exits 3 tpmvsc attest answer "$work/rsa.challenge" --card piv
one_sentence
says "the TPM's endorsement hierarchy has a password"
bundle "$work/without" --endorsement ecc
says "the bundle does not say which TPM"
exits 5 tpmvsc-admin attest challenge "$work/without" --out "$work/x" --secret-out "$work/y"

step "bad input"
exits 5 tpmvsc attest verify "$work/first.secret"
exits 1 tpmvsc attest verify "$work/9a.pub"
exits 1 tpmvsc attest verify "$work/nothing"
exits 5 tpmvsc attest answer "$work/bundle" --card piv
exits 2 tpmvsc key attest 9a --nonce 00
exits 2 tpmvsc key attest 9a --card piv --bundle - --nonce xyz
exits 2 tpmvsc attest verify "$work/bundle" --require everything
exits 1 tpmvsc-admin attest challenge "$work/bundle" --out "$work/first.challenge" --secret-out "$work/z"
