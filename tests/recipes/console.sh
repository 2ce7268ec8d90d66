# SPDX-License-Identifier: Apache-2.0
# For recipes whose `console` blocks are done as they stand (tests/walkthroughs/run.py): a home and an /etc that a
# recipe may change, and the commands that only the test has. Sourced by scripts that run inside tests/rig as root.
# shellcheck shell=bash
# shellcheck source=tests/clients/lib.sh
. "$(dirname "$0")/../clients/lib.sh"

recipes=$(cd "$(dirname "$0")/../../doc/recipes" && pwd)
here=$(cd "$(dirname "$0")" && pwd)

[[ $(id -u) -eq 0 && $(cat /proc/self/uid_map) == *" 4294967295" ]] || {
    echo "skipped: it takes root to run servers and to have an /etc of one's own"
    exit 77
}

# A network of the test's own, so that the recipes' servers have the ports that they have on a real computer.
if [[ -z ${TPMVSC_OWN_NETWORK:-} ]]; then
    rm -rf "$work"
    export TPMVSC_OWN_NETWORK=yes
    exec unshare --net -- "$0" "$@"
fi
ip link set lo up

# What the recipe writes to /etc and to its user's home is written to copies, which go with the test: the rig has mounts of
# its own. Some programs look for the home in /etc/passwd and some in HOME.
HOME=$work/home
mkdir -m 700 "$HOME"
cp -a /etc "$work/etc"
sed -i "s|^\(root:.*:\)[^:]*:\([^:]*\)$|\1$HOME:\2|" "$work/etc/passwd"
mount --bind "$work/etc" /etc
# Of the PKCS#11 modules that this machine may have for other tests only OpenSC's is for the recipes.
mkdir -p /etc/pkcs11/modules
for module in /usr/share/p11-kit/modules/*.module; do
    case ${module##*/} in
    opensc-pkcs11.module | p11-kit-trust.module) ;;
    *) echo "enable-in: none" >"/etc/pkcs11/modules/${module##*/}" ;;
    esac
done
export HOME USER=root LOGNAME=root
# Who logs in there is of no interest to this machine's records.
cp -a --attributes-only /var/log "$work/log"
mount --bind "$work/log" /var/log

# tries N: that many tries of the PIN are left. card-away, card-back: the card is not in its reader, and is again.
# block-pin, unblock-pin: nobody knows the PIN any more, and somebody knows the PUK.
mkdir "$work/bin"
PATH=$work/bin:$PATH
cat >"$work/bin/tries" <<'END'
#!/bin/bash
found=$(tpmvsc info --reader "$TPMVSC_READER" --json 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["pin"]["tries_left"])')
[[ $found == "$1" ]] || { echo "$found tries of the PIN are left, not $1"; exit 1; }
END
cat >"$work/bin/card-away" <<'END'
#!/bin/bash
mkdir "$TPMVSC_STATE/away" && mv "$TPMVSC_STATE"/cards/* "$TPMVSC_STATE/away" && "$TPMVSC_RIG_CTL" wait-cards 0
END
cat >"$work/bin/card-back" <<'END'
#!/bin/bash
mv "$TPMVSC_STATE"/away/* "$TPMVSC_STATE/cards" && rmdir "$TPMVSC_STATE/away" && "$TPMVSC_RIG_CTL" wait-cards 1
END
cat >"$work/bin/block-pin" <<'END'
#!/bin/bash
for _ in 1 2 3; do ! pkcs11-tool --login --pin 111111 --list-objects >/dev/null 2>&1 || exit 1; done
tries 0
END
cat >"$work/bin/unblock-pin" <<'END'
#!/bin/bash
tpmvsc unblock --puk fd:3 --new-pin fd:4 3<<<"$TPMVSC_PUK" 4<<<"$TPMVSC_PIN" && tries 3
END
chmod +x "$work"/bin/*

# The card of the recipes, whose PIN they type.
export TPMVSC_PIN=493817 TPMVSC_PUK=80412675 TPMVSC_ADMIN_KEY=6f1b0c8e7d2a394e5f60718293a4b5c6d7e8f9014a2b3c4d
printf %s "$TPMVSC_PIN" >"$work/pin"
printf %s "$TPMVSC_ADMIN_KEY" >"$work/admin-key"
# A test that is called with the word "gids" has a GIDS card, and follows the recipe as it is for one. With "locked" it is a PIV
# card whose PIN the TPM's lockout guards, and where the recipe has a PIN blocked, the TPM is locked: programs say the same then.
card=${1:-piv}
kind=()
case $card in
gids) kind=(--profile gids --generate) ;;
locked)
    kind=(--anti-hammering lockout)
    # A right PIN forgives the TPM's lockout nothing, so that the tries are forgiven here; what they cost other tests have counted.
    cat >"$work/bin/tries" <<'END'
#!/bin/bash
[[ $1 == 0 ]] || exec tpmvsc lockout reset
tpmvsc lockout status | grep "^TPM  *locked"
END
    cat >"$work/bin/block-pin" <<'END'
#!/bin/bash
tpmvsc lockout reset
for _ in 1 2 3; do ! pkcs11-tool --login --pin 111111 --list-objects >/dev/null 2>&1 || exit 1; done
tries 0
END
    printf '#!/bin/bash\ntpmvsc lockout reset' >"$work/bin/unblock-pin"
    ;;
esac
run tpmvsc create --name laptop "${kind[@]}" --pin "file:$work/pin" --puk fd:3 --admin-key "file:$work/admin-key" \
    3<<<"$TPMVSC_PUK"
"$TPMVSC_RIG_CTL" wait-cards 1

# recipe NAME: does what it says, and compares what comes out with what it shows; FOLLOW_SHOW=1 prints that as well.
recipe() {
    local text=$recipes/$1.md
    if [[ $card == gids ]]; then
        "$here/gids.py" "$text" >"$work/$1.md"
        text=$work/$1.md
    fi
    "$here/../walkthroughs/run.py" ${FOLLOW_SHOW:+--show} "$text" "admin-key=$TPMVSC_ADMIN_KEY"
}

# own_run: a /run of the test's own, with pcscd's folder.
own_run() {
    mkdir "$work/pcscd"
    mount --bind /run/pcscd "$work/pcscd"
    mount -t tmpfs tmpfs /run
    mkdir /run/pcscd
    mount --bind "$work/pcscd" /run/pcscd
    umount "$work/pcscd"
}

# needs PROGRAM...: the recipe cannot be tried where one of them is not installed.
needs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || {
            echo "skipped: $program is not installed"
            exit 77
        }
    done
}

# free_port: of this machine.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# until_true COMMAND...: waits for it, ten seconds at most.
until_true() {
    for _ in $(seq 200); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    fail "did not come true: $*"
}

# listens PORT
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }
