#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# manual.sh BUILD: the manual pages say what --help says, of every command, and are well-formed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
pages=$1/manual/man

fail() {
    echo "FAIL: $*" >&2
    exit 1
}

echo "-- the pages are well-formed"
for page in "$pages"/man?/*; do
    complaints=$(mandoc -T lint -W warning "$page") || fail "$complaints"
    [[ -z $complaints ]] || fail "$complaints"
    if command -v man >/dev/null; then # groff's opinion
        complaints=$(MANWIDTH=80 man --warnings=w -l "$page" 2>&1 >/dev/null)
        [[ -z $complaints ]] || fail "${page##*/}: $complaints"
    fi
done

echo "-- they say what --help says"
python3 "$here/manual.py" "$pages" "$1/cli/tpmvsc" "$1/cli/tpmvsc-admin"

echo "-- every setting is in tpmvsc.conf(5)"
settings=$(sed -n 's/^#\([a-z0-9_]*\) =.*/\1/p' "$here/../../conf/tpmvsc.conf" | sort)
described=$(sed -n 's/^\.It Ic "\([a-z0-9_]*\)".*/\1/p' "$pages/man5/tpmvsc.conf.5" | sort)
[[ -n $settings && $settings == "$described" ]] || fail "settings $settings, described $described"
