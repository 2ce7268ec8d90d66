#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/ipsec.md, with the gateway on another network, by a cable between the two. The packets are encrypted by
# strongSwan itself (kernel-libipsec), as kernels that tests run on need not have IPsec.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

charon=/usr/lib/ipsec/charon
needs swanctl "$charon"
[[ -c /dev/net/tun ]] || {
    echo "skipped: there is no /dev/net/tun"
    exit 77
}

step "a gateway's network"
unshare --net sleep infinity &
gateway=$!
background+=("$gateway")
apart() { [[ $(readlink /proc/self/ns/net) != "$(readlink "/proc/$gateway/ns/net")" ]]; }
until_true apart
ip link add cable type veth peer name cable netns "$gateway"
ip address add 192.0.2.2/24 dev cable
ip link set cable up
in_gateway() { nsenter --target "$gateway" --net "$@"; }
in_gateway ip address add 192.0.2.1/24 dev cable
in_gateway ip link set cable up
in_gateway ip link set lo up
in_gateway ip address add 10.8.0.1/24 dev lo
echo "192.0.2.1 gateway" >>/etc/hosts
echo "kernel-libipsec { load = yes }" >/etc/strongswan.d/charon/kernel-libipsec.conf

# Both keep their sockets and numbers in a /run of their own; this side's has pcscd's.
for side in here there; do
    mkdir -p "$work/$side/pcscd"
done
mount --bind /run/pcscd "$work/here/pcscd"
export GATEWAY_LOG=$work/gateway.log
# start-gateway, start-charon: anew where it runs. page-through-tunnel: asks for one.
cat >"$work/bin/start-gateway" <<END
#!/bin/bash
end-charon $work/there
nsenter --target $gateway --net unshare --mount bash -ec '
    mount --bind $work/there /run
    mount --bind /etc/gateway /etc/swanctl
    echo "pkcs11 { load = no }" >$work/no-pkcs11
    mount --bind $work/no-pkcs11 /etc/strongswan.d/charon/pkcs11.conf
    mkdir -p /etc/swanctl/{x509ocsp,x509aa,x509ac,pubkey,rsa,ecdsa,bliss,pkcs8,pkcs12}
    stdbuf --output L $charon >>$GATEWAY_LOG 2>&1 &
    until [[ -S /run/charon.vici ]]; do sleep 0.05; done
    swanctl --load-all' >>$GATEWAY_LOG 2>&1
END
cat >"$work/bin/start-charon" <<END
#!/bin/bash
end-charon $work/here
unshare --mount bash -ec '
    mount --rbind $work/here /run
    $charon >>$work/charon.log 2>&1 &
    until [[ -S /run/charon.vici ]]; do sleep 0.05; done'
END
# swanctl looks for charon in /run.
cat >"$work/bin/swanctl" <<END
#!/bin/bash
[[ \$(readlink /proc/self/ns/net) == "$(readlink /proc/self/ns/net)" ]] || exec $(command -v swanctl) "\$@"
exec $(command -v swanctl) "\$@" --uri unix://$work/here/charon.vici
END
cat >"$work/bin/end-charon" <<'END'
#!/bin/bash
[[ -e $1/charon.pid ]] || exit 0
pid=$(<"$1/charon.pid")
kill "$pid"
while [[ -e /proc/$pid/exe ]]; do sleep 0.05; done
rm -f "$1"/charon.*
END
cat >"$work/bin/page-through-tunnel" <<'END'
#!/bin/bash
curl --silent --show-error --fail --max-time 20 http://10.8.0.1/ | grep "the firm's page"
END
chmod +x "$work"/bin/*
# end_both: ends the daemons, and keeps the status that the test has so far.
end_both() {
    local status=$?
    end-charon "$work/here"
    end-charon "$work/there"
    umount "$work/here/pcscd"
    return "$status"
}
trap 'end_both || end_of_test; end_of_test' EXIT
mkdir "$work/intranet"
echo "the firm's page" >"$work/intranet/index.html"
in_gateway python3 -m http.server --bind 10.8.0.1 --directory "$work/intranet" 80 >/dev/null 2>&1 &
background+=("$!")

step "the recipe"
recipe ipsec
