# SPDX-License-Identifier: Apache-2.0
# What the tests of the tpmvsc command on GIDS cards share. Sourced by scripts that run inside tests/rig.
# shellcheck shell=bash
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/clients/gids_lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../clients/gids_lib.sh"

# shellcheck disable=SC2034 # for the scripts
{
    pin=(--pin "file:$TPMVSC_PIN_FILE")
    admin=(--admin-key "file:$TPMVSC_ADMIN_KEY_FILE")
}
echo hello >"$work/hello"

# looked EXPRESSION: a Python expression on `files`, which gids_files.py has read off the card.
looked() { "$here/gids_files.py" "$1"; }

# consistent N: container map and key map have N records and agree on each; every certificate is one of a container
# that there is, can be unpacked, and no file is listed twice.
consistent() {
    equal "the records of the container map" "$1" "$(looked 'len(files.containers)')"
    equal "what is wrong with the card's files" "" "$(looked '"; ".join(files.problems())')"
}

# containers: those that there are. freshness: the counters of containers and files.
containers() { looked '" ".join(str(i) for i, c in enumerate(files.containers) if c.valid)'; }
freshness() { looked 'f"{files.freshness[0]} {files.freshness[1]}"'; }

# signs ID PUBLIC-KEY: OpenSC's PKCS#11 module signs with it.
signs() {
    run p11 --login --sign --mechanism SHA256-RSA-PKCS --id "$1" --input-file "$work/hello" --output-file "$work/sig"
    run openssl dgst -sha256 -verify "$2" -signature "$work/sig" "$work/hello"
}

# remember, unchanged WORDS: keys, certificates and the files' contents, but not the counters, as the card tells them.
state() {
    tpmvsc key info --json
    looked 'files.digest()'
}
remember() { known=$(state 2>/dev/null); }
unchanged() { equal "the card after $1" "$known" "$(state 2>/dev/null)"; }

# one_sentence_at_the_end: the last line on standard error is the program's.
one_sentence_at_the_end() { grep -q '^tpmvsc: ' <<<"${output##*$'\n'}" || fail "not a sentence: $output"; }
says_nothing() { [[ -z $output ]] || fail "it says: $output"; }

# matches_result PATTERN: standard output has it, an extended regular expression.
matches_result() { grep -qE -- "$1" <<<"$result" || fail "standard output lacks /$1/: $result"; }
