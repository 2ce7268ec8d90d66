# SPDX-License-Identifier: Apache-2.0
# What build-debs and scripts/check-in share: a root of a release of Debian, made once by debootstrap from the
# mirror that the machine's own apt has, and kept in ${TPMVSC_CACHE:-~/.cache/tpmvsc}. To be sourced. Wants root.
#
# Nothing stays mounted: whoever sources this goes on in a mount namespace of its own, which ends with it.
# shellcheck shell=bash

program=${0##*/}
[[ $(id -u) -eq 0 ]] || {
    echo "$program: a root of another release wants root (sudo)" >&2
    exit 1
}
command -v debootstrap >/dev/null || {
    echo "$program: needs debootstrap (apt-get install debootstrap)" >&2
    exit 1
}
if [[ -z ${TPMVSC_OWN_MOUNTS:-} ]]; then
    TPMVSC_OWN_MOUNTS=yes exec unshare --mount --propagation private -- "$0" "$@"
fi
unset TPMVSC_OWN_MOUNTS

cache=${TPMVSC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tpmvsc}
ccache=${CCACHE_DIR:-$cache/ccache}
mkdir -p "$cache" "$ccache"
cache=$(realpath "$cache")

# make_root RELEASE: debootstrap's work, in $root.
make_root() {
    local mirror
    # shellcheck disable=SC2016 # apt's own words
    mirror=$(apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" "Label: Debian" \
        "Component: main" | sed -n 1p)
    [[ -n $mirror ]] || {
        echo "$program: this machine's apt has no sources of Debian's main" >&2
        exit 1
    }
    rm -rf "$root.unfinished"
    debootstrap --variant=buildd --include=ca-certificates "$1" "$root.unfinished" "$mirror" \
        >"$root.log" || {
        tail -n 20 "$root.log" >&2
        exit 1
    }
    # No service starts in here.
    printf '#!/bin/sh\nexit 101\n' >"$root.unfinished/usr/sbin/policy-rc.d"
    chmod 755 "$root.unfinished/usr/sbin/policy-rc.d"
    mv "$root.unfinished" "$root"
}

# have_root RELEASE NAME: sets $root, which is called NAME in the cache, and $work, an empty folder that the root
# has as /build until this script ends. One script at a time has a root.
have_root() {
    root=$cache/$2
    exec {lock}>"$root.lock"
    flock "$lock"
    [[ -e $root ]] || make_root "$1"
    work=$(mktemp -d "$root/tmp/build.XXXXXX")
    chmod 755 "$work" # other users than root read it
    trap 'rm -rf "$work"' EXIT
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mkdir -p "$root/ccache"
    mount --bind "$ccache" "$root/ccache"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    # Always in the same place, for the compiler's cache; the mount keeps two runs' trees apart.
    mkdir -p "$root/build"
    mount --bind "$work" "$root/build"
}

# What programs find set inside.
inside_environment=(HOME=/root "PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8
    DEBIAN_FRONTEND=noninteractive CCACHE_DIR=/ccache CCACHE_COMPILERCHECK=content CCACHE_NOHASHDIR=1
    ${http_proxy:+http_proxy="$http_proxy"})

inside() { env -i "${inside_environment[@]}" chroot "$root" "$@"; }

quietly() {
    inside "$@" >"$work/log" 2>&1 || {
        tail -n 30 "$work/log" >&2
        return 1
    }
}
