#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ssh: the card's public keys for authorized_keys, and an agent that signs with them.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

module=$(dirname "$(dirname "$(openssl version -e | sed 's/^ENGINESDIR: "\(.*\)"$/\1/')/pkcs11.so")")/opensc-pkcs11.so

provision 9a ECCP256 auth
provision 9d RSA2048 crypt

step "ssh-keygen lists the public keys"
run ssh-keygen -D "$module"
ssh-keygen -i -m PKCS8 -f "$work/auth.pub" >"$work/auth.ssh"
says "$(cut -d' ' -f1,2 "$work/auth.ssh")"
says "$(ssh-keygen -i -m PKCS8 -f "$work/crypt.pub" | cut -d' ' -f1,2)"

step "an agent takes the card, with its PIN"
eval "$(ssh-agent -s -P "$module")" >/dev/null
background+=("$SSH_AGENT_PID")
printf '#!/bin/sh\nprintenv TPMVSC_PIN\n' >"$work/askpass"
chmod +x "$work/askpass"
export SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force
run ssh-add -s "$module"
says "Card added"

step "and signs with both keys"
ssh-keygen -i -m PKCS8 -f "$work/crypt.pub" >"$work/crypt.ssh"
run ssh-add -T "$work/auth.ssh"
run ssh-add -T "$work/crypt.ssh"
ssh-keygen -Y sign -n file -f "$work/auth.ssh" <"$PIV_EXT_AUTH_KEY" >"$work/signature" 2>"$work/output"
printf 'alice %s\n' "$(cat "$work/auth.ssh")" >"$work/allowed"
run ssh-keygen -Y verify -n file -f "$work/allowed" -I alice -s "$work/signature" \
    <"$PIV_EXT_AUTH_KEY"
says "Good \"file\" signature"

step "a wrong PIN is refused"
run ssh-add -e "$module"
export TPMVSC_PIN=999999
refused ssh-add -s "$module"
equal "the PIN's tries" 2 "$(pin_tries)"
