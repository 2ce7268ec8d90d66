#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/openvpn.md, with the server on another network, by a cable between the two.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

[[ -c /dev/net/tun ]] || {
    echo "skipped: there is no /dev/net/tun"
    exit 77
}

step "a server's network"
unshare --net sleep infinity &
server=$!
background+=("$server")
apart() { [[ $(readlink /proc/self/ns/net) != "$(readlink "/proc/$server/ns/net")" ]]; }
until_true apart
ip link add cable type veth peer name cable netns "$server"
ip address add 192.0.2.2/24 dev cable
ip link set cable up
in_server() { nsenter --target "$server" --net "$@"; }
in_server ip address add 192.0.2.1/24 dev cable
in_server ip link set cable up
in_server ip link set lo up
echo "192.0.2.1 server" >>/etc/hosts

export SERVER_LOG=$work/server.log
# start-server. use-tunnel: when it is there, asks for a page through it, and ends the client. lose-card: takes the card away
# before that, and ends the client when it asks for the card, where it hears no SIGINT. end-client SIGNAL.
cat >"$work/bin/start-server" <<END
#!/bin/bash
nsenter --target $server --net openvpn --config /etc/openvpn/server/server.conf --daemon --writepid $work/server.pid \
    --log-append $SERVER_LOG
END
cat >"$work/bin/end-client" <<'END'
#!/bin/bash
for process in /proc/[0-9]*; do
    [[ $(<"$process/comm") != openvpn || $(readlink "$process/ns/net") != "$(readlink /proc/self/ns/net)" ]] ||
        kill "-$1" "${process#/proc/}"
done
END
cat >"$work/bin/use-tunnel" <<'END'
#!/bin/bash
rm -f page
{
    until curl --silent --fail --max-time 2 http://10.8.0.1/ >page; do sleep 0.2; done
    eval "${1:-end-client INT}"
} >/dev/null 2>&1 &
END
cat >"$work/bin/lose-card" <<'END'
#!/bin/bash
exec use-tunnel "card-away; sleep 8; end-client KILL"
END
chmod +x "$work"/bin/*
mkdir "$work/intranet"
echo "the firm's page" >"$work/intranet/index.html"
in_server python3 -m http.server --directory "$work/intranet" 80 >/dev/null 2>&1 &
background+=("$!")

step "the recipe"
recipe openvpn
