#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# with_keys.sh BENCH-OPTIONS...: runs inside the rig with many cards; makes the keys, ours and those of
# tpm2-pkcs11, and measures.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/../clients/lib.sh"

second_reader() {
    tpmvsc list --json | python3 -c \
        'import json,sys; print(sorted(card["reader"] for card in json.load(sys.stdin)["cards"])[1])'
}

# tpm2-pkcs11's token is made by its own module. (tpm2_ptool is a row of programs that each leave their
# objects loaded, which a TPM without resource manager has no room for.)
export TPMVSC_BENCH_PEER_TOKEN=bench TPMVSC_BENCH_PEER_PIN=$TPMVSC_PIN
export TPM2_PKCS11_STORE=$work/store TPM2_PKCS11_TCTI=$TPMVSC_TCTI TPM2_PKCS11_BACKEND=esysdb
mkdir "$TPM2_PKCS11_STORE"
peer() { pkcs11-tool --module "$TPMVSC_BENCH_PEER" "$@"; }
peer_token() { peer --token-label "$TPMVSC_BENCH_PEER_TOKEN" --login "$@"; }

step "a token of tpm2-pkcs11"
run peer --slot-index 0 --init-token --label "$TPMVSC_BENCH_PEER_TOKEN" --so-pin "$TPMVSC_PUK"
run peer_token --so-pin "$TPMVSC_PUK" --init-pin --pin "$TPMVSC_BENCH_PEER_PIN"
for type in rsa:2048 EC:prime256v1; do
    run peer_token --pin "$TPMVSC_BENCH_PEER_PIN" --keypairgen --key-type "$type"
done

step "keys and certificates of ours"
provision 9a RSA2048 rsa
reader=$(second_reader) provision 9a ECCP256 p256

# A link, so that one process can reach two pcscds: see piv_client.cpp.
ln -s /run/pcscd/pcscd.comm "$work/pcscd.comm"
PCSCLITE_CSOCK_NAME=$work/pcscd.comm "$TPMVSC_BUILD/tests/bench/bench" "$@"
