#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The library as programs have it: installed, found by pkg-config, compiled against in C and in C++, and run.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
programs=$source_dir/tests/library

step "installed, with a pkg-config file"
run cmake --install "$TPMVSC_BUILD" --prefix "$work/prefix" --component library
pc=$(find "$work/prefix" -name tpmvsc.pc)
export PKG_CONFIG_PATH=${pc%/*}
read -ra flags <<<"$(pkg-config --define-variable=prefix="$work/prefix" --cflags --libs tpmvsc)"
object=$(find "$work/prefix" -name libtpmvsc.so.0)
export LD_LIBRARY_PATH=${object%/*}

step "only its own symbols, all of them in the header, and a SONAME"
nm -D --defined-only "$object" | awk '$2 ~ /[A-Z]/ && $2 != "A" {sub("@.*", "", $3); print $3}' | sort >"$work/symbols"
grep -oE '\<tpmvsc_[a-z_]+\(' "$source_dir/library/tpmvsc.h" | tr -d '(' | sort -u >"$work/declared"
# clang and gcc leave sanitizers' own symbols there
grep -vE '^(__(asan|ubsan|odr)|_ZTI|_ZTS)' "$work/symbols" >"$work/exported" || true
equal "what is exported" "$(cat "$work/declared")" "$(cat "$work/exported")"
[[ $(wc -l <"$work/declared") -ge 20 ]] || fail "the header is not understood"
[[ $(readelf -d "$object") == *"SONAME"*"[libtpmvsc.so.0]"* ]] || fail "no SONAME"

sanitize=()
if readelf -d "$object" | grep -c libasan >"$work/sanitized"; then # not -q, which breaks the pipe
    sanitize=("-fsanitize=address,undefined")
fi
compile() { # COMPILER... PROGRAM SOURCE
    local source=${*: -1} program=${*: -2:1}
    run "${@:1:$#-2}" -Wall -Wextra -pedantic -Werror "${sanitize[@]}" -o "$program" "$source" "${flags[@]}"
}
# silent COMMAND...: without a word on either stream.
silent() {
    local status=0
    "$@" >"$work/output" 2>&1 || status=$?
    [[ ! -s $work/output ]] || fail "it says: $(cat "$work/output")"
    return "$status"
}

step "garbage"
compile cc -std=c99 "$work/garbage" "$programs/garbage.c"
silent "$work/garbage" || fail "status $?"
equal "no card" "" "$(ls -A "$TPMVSC_STATE/cards" 2>/dev/null)"

step "the example of doc/library.md"
awk '/^```c$/ {on = 1; next} /^```$/ {on = 0} on' "$source_dir/doc/library.md" >"$work/example.c"
compile cc -std=c99 "$work/example" "$work/example.c"
run "$work/example" alice 739164 "$work/keys"
says "alice is in reader TPM Virtual Smart Card 00 00"
exits 0 tpmvsc list --json
equal "the card" alice "$(json 'it["cards"][0]["name"]')"
id=$(json 'it["cards"][0]["id"]')
"$TPMVSC_RIG_CTL" wait-cards 1 >/dev/null
run yubico-piv-tool -r "TPM Virtual Smart Card 00 00" -a verify-pin -P 739164
equal "the key is kept for the card" "$id 24" \
    "$(head -c 32 "$work/keys") $(($(stat -c %s "$work/keys") - 33))"
tail -c 24 "$work/keys" | od -An -v -tx1 | tr -d ' \n' >"$work/admin-key"
exits 0 tpmvsc key generate 9a --algorithm p256 --card alice --admin-key "file:$work/admin-key"
refused "$work/example" alice 739164 "$work/keys"
says 'there is a card named "alice" already'

step "destroyed, and nothing left"
compile c++ -std=c++17 "$work/destroy" "$programs/destroy.cpp"
run "$work/destroy" alice
says "nothing"
equal "no folder" "" "$(ls -A "$TPMVSC_STATE/cards")"
status=0
"$work/destroy" alice >"$work/output" 2>&1 || status=$?
equal "the status for one that is not there" 1 "$status"

step "the life of a card in C++: PUK, and an authority's answer"
run openssl ecparam -name prime256v1 -genkey -noout -out "$work/authority.pem"
run openssl pkey -in "$work/authority.pem" -pubout -outform DER -out "$work/authority.der"
compile c++ -std=c++17 "$work/cards" "$programs/cards.cpp"
cat >"$work/answer" <<END
#!/bin/sh
tpmvsc-admin respond --yes --key "$work/authority.pem" "\$1" | grep -E '^ *([0-9A-Z]{4}-)+' | tr -d ' \n'
END
chmod +x "$work/answer"
run "$work/cards" "$work/authority.der" "$work/answer"
run yubico-piv-tool -r "TPM Virtual Smart Card 00 00" -a verify-pin -P 234267
exits 0 tpmvsc info program --json
equal "tries" 5 "$(json 'it["pin"]["tries"]')"

step "not root, no TPM, no settings"
if can_be_anybody; then
    chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR" "$work"
    chmod -R a+rX "$work/prefix" "$work/destroy"
    status=0
    as_anybody "$work/destroy" program >"$work/output" 2>&1 || status=$?
    equal "the status" 3 "$status"
fi
printf 'tcti = swtpm:path=/nonexistent\nstate_dir = %s\n' "$work/state" >"$work/tpmvsc.conf"
status=0
TPMVSC_CONFIG=$work/tpmvsc.conf "$work/example" bob 739164 "$work/keys" >"$work/output" 2>&1 || status=$?
equal "the status without a TPM" 4 "$status"
grep -q "there is no TPM" "$work/output" || fail "it does not say so"
echo "nonsense" >"$work/tpmvsc.conf"
status=0
TPMVSC_CONFIG=$work/tpmvsc.conf "$work/destroy" program >"$work/output" 2>&1 || status=$?
equal "the status without settings" 1 "$status"
run "$work/destroy" program
says "nothing"
