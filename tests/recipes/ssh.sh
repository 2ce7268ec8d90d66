#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/ssh.md, with an sshd on this machine as the server and an agent as a desktop session has one.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

step "an sshd"
port=$(free_port)
run ssh-keygen -q -t ed25519 -N '' -f "$work/host"
SERVER_KEYS=$work/authorized
SERVER_AUTHORITY=$work/authority.pub
SERVER_REVOKED=$work/revoked
: >"$SERVER_KEYS"
: >"$SERVER_AUTHORITY"
: >"$SERVER_REVOKED"
cat >"$work/sshd_config" <<END
ListenAddress 127.0.0.1
Port $port
HostKey $work/host
AuthorizedKeysFile $SERVER_KEYS
TrustedUserCAKeys $SERVER_AUTHORITY
RevokedKeys $SERVER_REVOKED
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
END
# OpenSSH 10 of Debian 13 turns away who has failed a few times, as a recipe does that shows what goes wrong.
[[ $(sshd -V 2>&1) != OpenSSH_1[0-9]* ]] || echo "PerSourcePenalties no" >>"$work/sshd_config"
mkdir -p /run/sshd
/usr/sbin/sshd -D -e -f "$work/sshd_config" 2>"$work/sshd.log" &
background+=($!)
until_true listens "$port"

step "a user who knows the server"
mkdir -m 700 "$HOME/.ssh"
printf '%s\n' "Host server" "    HostName 127.0.0.1" "    Port $port" "    HostKeyAlias server" \
    "Host *" >"$HOME/.ssh/config"
echo "server $(cut -d' ' -f1,2 "$work/host.pub")" >"$HOME/.ssh/known_hosts"
eval "$(ssh-agent -s)" >/dev/null
background+=("$SSH_AGENT_PID")
export SERVER_KEYS SERVER_AUTHORITY SERVER_REVOKED SERVER_LOG=$work/sshd.log

step "the recipe"
recipe ssh
