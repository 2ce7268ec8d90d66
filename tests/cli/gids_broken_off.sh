#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Commands that write to a GIDS card are killed before each of their APDUs: OpenSC reads what is there then, nothing that
# was there before is lost, and the next command clears up.
# shellcheck source=tests/cli/gids.sh
. "$(dirname "$0")/gids.sh"

strace -o /dev/null true || {
    echo "strace cannot trace here"
    exit 77
}

# sound: what a host must find at any time. The first pair is there, and whatever is listed can be read.
cat >"$work/sound" <<END
#!/bin/bash
set -e
problems=\$("$here/gids_files.py" '"; ".join(files.dangers())')
[[ -z \$problems ]] || { echo "\$problems"; exit 1; }
tpmvsc cert export 0 2>/dev/null | cmp - "$work/first.pem"
state=\$("$here/gids_files.py" 'files.digest()')
grep -qs "\$state" "$work/seen" || pkcs15-tool --reader "$TPMVSC_READER" --read-certificate 00 |
    openssl x509 | cmp - "$work/first.pem"
echo "\$state" >>"$work/seen"
END
# bare: nothing but the first pair, by way of a key that is made and deleted: then all is in order again.
cat >"$work/bare" <<END
#!/bin/bash
set -e
tpmvsc key generate --algorithm p256 ${pin[@]}
for container in 1 2 3; do
    tpmvsc key delete \$container ${pin[@]} --force 2>/dev/null || true
done
problems=\$("$here/gids_files.py" '"; ".join(files.problems())')
[[ -z \$problems ]] || { echo "\$problems"; exit 1; }
[[ \$(tpmvsc info --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["keys"]))') == 1 ]]
END
# second: the first pair and another one.
cat >"$work/second" <<END
#!/bin/bash
set -e
"$work/bare"
tpmvsc key generate --algorithm p256 ${pin[@]}
tpmvsc cert self-sign 1 --subject CN=second ${pin[@]}
END
# certificate: that of the first pair is what it was.
cat >"$work/certificate" <<END
#!/bin/bash
set -e
"$work/bare"
tpmvsc cert import 0 "$work/first.pem" ${pin[@]}
END
# either: the first pair's certificate is the former one or the new one, and OpenSC reads it.
cat >"$work/either" <<END
#!/bin/bash
set -e
problems=\$("$here/gids_files.py" '"; ".join(files.dangers())')
[[ -z \$problems ]] || { echo "\$problems"; exit 1; }
tpmvsc cert export 0 >"$work/now.pem" 2>/dev/null
cmp "$work/now.pem" "$work/first.pem" || cmp "$work/now.pem" "$work/other.pem"
END
chmod +x "$work"/{sound,bare,second,certificate,either}

# killed CHECK REPAIR COMMAND...
killed() {
    local check=$1 repair=$2
    shift 2
    run python3 "$here/broken_off.py" "$work/$check" "$work/$repair" "$@"
    echo "$output"
}

exits 0 tpmvsc key generate --label first "${pin[@]}"
exits 0 tpmvsc cert self-sign 0 --subject CN=other "${pin[@]}"
exits 0 tpmvsc cert export 0 --out "$work/other.pem"
exits 0 tpmvsc cert self-sign 0 --subject CN=first "${pin[@]}"
exits 0 tpmvsc cert export 0 --out "$work/first.pem"

step "key generate"
killed sound bare tpmvsc key generate --algorithm p256 "${pin[@]}"

step "cert import, in place of another one"
killed either certificate tpmvsc cert import 0 "$work/other.pem" "${pin[@]}"

step "cert renew --new-key"
killed sound bare tpmvsc cert renew 0 --new-key "${pin[@]}" --out "$work/renewal.csr"

step "key delete, with its certificate"
"$work/second" >/dev/null 2>&1
killed sound second tpmvsc key delete 1 "${pin[@]}" --force

step "afterwards OpenSC makes keys as ever"
run "$work/bare"
provision_gids 2048 theirs
equal "its id" 01 "$id"
consistent "$(looked 'len(files.containers)')"
