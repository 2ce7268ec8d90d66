# SPDX-License-Identifier: Apache-2.0
# Programs that pass for pcscd. Sourced by scripts that run inside tests/rig.
# shellcheck shell=bash
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pid_file=$work/pid # the one that the command looks into, or what is mounted there
pcscd_as=()        # a command that starts it as somebody else

# pretend_pcscd MARK ARGUMENTS...: has a program with this in it pass for the pcscd that runs.
pretend_pcscd() {
    local mark=$1
    shift
    cp /bin/bash "$work/pcscd"
    sed -i 's/polkit/xxxxxx/g' "$work/pcscd"
    printf '%s' "$mark" >>"$work/pcscd"
    "${pcscd_as[@]}" "$work/pcscd" -c 'sleep 1000; true' "$@" &
    background+=("$!")
    echo "$!" >"$pid_file"
    # On a busy computer it is not there at once; until then it is this script, in its own process.
    until [[ $(readlink "/proc/$!/exe") == "$work/pcscd" ]]; do
        kill -0 "$!" || fail "the pretended pcscd does not start"
        sleep 0.05
    done
    rm -f "$work/pcscd" # it runs on; the next one has another file
}

# refuse_clients: whoever connects to pcscd's socket is refused, as by polkit, or by systemd where pcscd
# cannot be started: the connection is closed. The rig's pcscd has been stopped before.
refuse_clients() {
    python3 "$here/closing_pcscd.py" /run/pcscd/pcscd.comm &
    background+=("$!")
    until [[ -S /run/pcscd/pcscd.comm ]]; do
        kill -0 "$!" || fail "nobody listens in pcscd's place"
        sleep 0.05
    done
}
