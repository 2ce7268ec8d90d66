#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install.sh CMAKE BUILD: what is installed fits together. Installs into a folder of its own.
set -euo pipefail

root=$(mktemp -d "${TMPDIR:-/tmp}/tpmvsc-install.XXXXXX")
trap 'rm -rf "$root"' EXIT

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

# installed NAME: the one installed file of this name.
installed() {
    local found
    found=$(find "$root" -path "*/$1" -type f)
    [[ $(wc -w <<<"$found") -eq 1 ]] || fail "not one file $1: $found"
    echo "$found"
}

DESTDIR=$root "$1" --install "$2" >"$root/log" || {
    cat "$root/log"
    fail "cmake --install"
}

"$(installed bin/tpmvsc)" --version >/dev/null || fail "the tool does not start"
"$(installed bin/tpmvsc-admin)" --version >/dev/null || fail "the help desk's tool does not start"
installed tpmvsc/tpmvsc.conf >/dev/null

# Each program has its page and its completion, under the names that are looked for.
for name in tpmvsc tpmvsc-admin tpmvsc-create tpmvsc-cert-request tpmvsc-admin-respond; do
    installed "share/man/man1/$name.1" >/dev/null
done
installed share/man/man5/tpmvsc.conf.5 >/dev/null
for name in tpmvsc tpmvsc-admin; do
    bash -n "$(installed "share/bash-completion/completions/$name")"
done

driver=$(sed -n 's/^LIBPATH *//p' "$(installed reader.conf.d/tpmvsc)")
[[ -f $root$driver ]] || fail "the entry names $driver, which is not installed"

# A unit that names a group which is not there does not start.
drop_in=$(installed pcscd.service.d/50-tpmvsc.conf)
service=$(installed tpmvsc-swtpm.service)
groups=$(sed -n 's/^\(Supplementary\)\?Groups\?=//p' "$drop_in" "$service" | sort -u)
made=$(sed -n 's/^g \([^ ]*\) .*/\1/p' "$(installed sysusers.d/tpmvsc.conf)" | sort -u)
[[ -n $groups && $groups == "$made" ]] || fail "the units want the groups $groups, made are $made"
user=$(sed -n 's/^User=//p' "$service")
made=$(sed -n 's/^u \([^ ]*\) .*/\1/p' "$(installed sysusers.d/tpmvsc-swtpm.conf)")
[[ -n $user && $user == "$made" ]] || fail "the software TPM wants the user $user, made is $made"

if command -v systemd-sysusers >/dev/null; then
    # On a system that has no users yet.
    mkdir -p "$root/etc"
    systemd-sysusers --root="$root" "$(installed sysusers.d/tpmvsc.conf)" \
        "$(installed sysusers.d/tpmvsc-swtpm.conf)" 2>"$root/log" ||
        fail "systemd-sysusers: $(cat "$root/log")"
    grep -q "^tss:" "$root/etc/group" || fail "systemd-sysusers has made no group tss"
    grep -q "^$user:.*:/usr/sbin/nologin$" "$root/etc/passwd" || fail "systemd-sysusers has made no user $user"
else
    echo "no systemd-sysusers here: the group was not made to see"
fi

# The software TPM stays away where there is a chip, and not for the TPM of a container, which has no hardware above it.
pattern=$(sed -n 's/^ConditionPathExistsGlob=!//p' "$service")
[[ -n $pattern ]] || fail "the software TPM would start beside a chip"
# device NAME PARENT: what the kernel shows of a TPM.
device() {
    mkdir -p "$root/sys/devices/$2/tpmrm/$1" "$root/sys/class/tpmrm"
    ln -s "../../devices/$2/tpmrm/$1" "$root/sys/class/tpmrm/$1"
    [[ $2 == virtual ]] || ln -s ../.. "$root/sys/devices/$2/tpmrm/$1/device"
}
device tpmrm0 virtual
! compgen -G "$root$pattern" >/dev/null || fail "the TPM of a container counts as a chip"
device tpmrm1 platform/MSFT0101:00
compgen -G "$root$pattern" >/dev/null || fail "a chip does not count"
