# SPDX-License-Identifier: Apache-2.0
# A certification authority of two steps, and what nobody should accept from one. Sourced beside lib.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # $work, $pin

make_authority() {
    make_ca
    run openssl req -newkey rsa:2048 -nodes -keyout "$work/issuer.key" -subj "/CN=Issuing authority" -out "$work/issuer.csr"
    run openssl x509 -req -in "$work/issuer.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 2 -out "$work/issuer.pem" \
        -extfile <(echo basicConstraints=critical,CA:TRUE)
    cat "$work/issuer.pem" "$work/ca.pem" >"$work/authorities.pem"
}

# sign_request REQUEST CERTIFICATE: with the extensions that are asked for.
sign_request() {
    run openssl x509 -req -in "$1" -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -days 2 \
        -copy_extensions copyall -out "$2"
}

# sign_for_future REQUEST CERTIFICATE: valid from tomorrow on.
sign_for_future() {
    mkdir -p "$work/future"
    : >"$work/future/index"
    cat >"$work/future/ca.cnf" <<END
[ca]
default_ca = one
[one]
database = $work/future/index
new_certs_dir = $work/future
rand_serial = yes
policy = any
[any]
commonName = optional
END
    run openssl ca -batch -notext -config "$work/future/ca.cnf" -cert "$work/issuer.pem" -keyfile "$work/issuer.key" \
        -md sha256 -startdate "$(date -u -d tomorrow +%Y%m%d%H%M%SZ)" -days 3 -in "$1" -out "$2"
}

# bad_input SLOT SECRETS...: certificates that are not imported, and names that are none. The slot holds a key, the
# secrets are for an import, $pin for a request.
bad_input() {
    local slot=$1 text=$2 status arguments
    shift
    run openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/other.key"
    run openssl req -x509 -key "$work/other.key" -subj /CN=other -days 2 -out "$work/other.pem"
    refuses 1 "is for another key" tpmvsc cert import "$slot" "$work/other.pem" "$@"
    refuses 1 "is for another key" tpmvsc cert import "$work/other.pem" "$@"
    cat "$work/other.pem" "$work/issuer.pem" "$work/ca.pem" >"$work/others.pem"
    refuses 1 "none of the 3 certificates" tpmvsc cert import "$slot" "$work/others.pem" "$@"
    sed '6d' "$work/other.pem" >"$work/torn.pem"
    refuses 1 "torn.pem" tpmvsc cert import "$slot" "$work/torn.pem" "$@"
    printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n' >"$work/cut.pem"
    refuses 1 "cut.pem" tpmvsc cert import "$slot" "$work/cut.pem" "$@"
    openssl x509 -in "$work/other.pem" -outform DER | head -c 300 >"$work/torn.der"
    refuses 1 "holds no certificate" tpmvsc cert import "$slot" "$work/torn.der" "$@"
    refuses 1 "No such file" tpmvsc cert import "$slot" "$work/nothing" "$@"
    run openssl x509 -req -in "$work/issuer.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 2 -out "$work/large.pem" \
        -extfile <(echo "nsComment=$(head -c 60000 /dev/urandom | base64 -w0 | head -c 66000)")
    refuses 1 "is for another key" tpmvsc cert import "$slot" "$work/large.pem" "$@"
    while IFS='|' read -r status text arguments; do
        # shellcheck disable=SC2086 # words
        refuses "$status" "$text" tpmvsc cert request "$slot" --subject CN=x $arguments "${pin[@]}"
    done <<'END'
2|user principal name|--upn jane
2|user principal name|--upn jane@corp@example
2|user principal name|--upn @corp.example
2|user principal name|--upn jane@
2|user principal name|--upn CORP\jane
2|mail address|--email jane
2|mail address|--email jane@@example.org
2|mail address|--email j@-x
2|DNS|--dns -host
2|DNS|--dns a..b
2|DNS|--dns host_with_a_slash/
2|URI|--uri example
2|--key-usage takes|--key-usage frob
2|--extended-key-usage takes|--extended-key-usage frob
2|--subject cannot be read|--subject Jane
2|--subject cannot be read|--subject CN=x,,O=y
END
}
