#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Login to an sshd on this machine with the card's keys, by ssh's own PKCS#11 support.
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/lib.sh"

module=$(pkcs11_module opensc-pkcs11.so)
sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || fail "needs the package openssh-server"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

setpriv --reuid 65534 --clear-groups true 2>/dev/null || {
    echo "skipped: an sshd becomes another user, which takes root"
    exit 77
}

provision 9a ECCP256 ec
provision 9d RSA2048 rsa

step "the card's public keys are what ssh-keygen says"
run ssh-keygen -D "$module"
grep -E '^(ssh|ecdsa)' <<<"$output" >"$work/authorized"
equal "the number of keys" 2 "$(wc -l <"$work/authorized")"

step "an sshd that lets in these keys alone"
run ssh-keygen -q -t ed25519 -N '' -f "$work/host"
cat >"$work/sshd_config" <<END
ListenAddress 127.0.0.1
Port $port
HostKey $work/host
AuthorizedKeysFile $work/authorized.now
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PidFile none
END
mkdir -p /run/sshd 2>/dev/null || true
"$sshd" -D -e -f "$work/sshd_config" 2>"$work/sshd.log" &
background+=($!)
printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$work/host.pub")" >"$work/known"

# shellcheck disable=SC2016 # the variable is for the script
printf '#!/bin/sh\necho "$TPMVSC_PIN"\n' >"$work/askpass"
chmod +x "$work/askpass"
export SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force
login() {
    timeout 60 ssh -F none -p "$port" -o "UserKnownHostsFile=$work/known" -o IdentitiesOnly=no \
        -o IdentityAgent=none -o IdentityFile=none -o "PKCS11Provider=$module" \
        -o NumberOfPasswordPrompts=1 127.0.0.1 "$@"
}
for _ in $(seq 100); do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    sleep 0.05
done

for kind in ecdsa ssh-rsa; do
    step "login with the $kind key"
    grep "^$kind" "$work/authorized" >"$work/authorized.now"
    run login echo "hello from inside"
    says "hello from inside"
done

step "no login for a key that sshd does not know"
: >"$work/authorized.now"
refused login true
says "Permission denied"
