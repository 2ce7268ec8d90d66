#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# "create --owner": one user's card on a shared computer, by a rule of polkit's. polkit's own engine
# (duktape) judges the rule; the folders of polkit and pcscd's program are this test's own.

if [[ ${1:-} != inside ]]; then
    exec unshare --mount --propagation private "$0" inside
fi
# shellcheck source=tests/cli/pretended_pcscd.sh
. "$(dirname "$0")/pretended_pcscd.sh"

[[ -d /etc/polkit-1 ]] || {
    echo "no /etc/polkit-1 here to put a folder of this test's own over"
    exit 77
}
command -v duk >/dev/null || exit 77
mount -t tmpfs tmpfs /etc/polkit-1
user=$(id -nu 65534)

touch "$work/pid"
mount --bind "$work/pid" /run/pcscd/pcscd.pid
mkdir /etc/polkit-1/rules.d

step "a pcscd that does not ask polkit: said, and nothing made"
pretend_pcscd nothing
exits 5 create shared --owner "$user"
one_sentence
grep -q "does not ask polkit" <<<"$output" || fail "the reason is not told: $output"
exits 0 tpmvsc list --json
equal "cards" "[]" "$(json 'it["cards"]')"
pretend_pcscd polkit_authority_check_authorization --disable-polkit
exits 5 create shared --owner "$user"
one_sentence
grep -q "was started with --disable-polkit" <<<"$output" || fail "the reason is not told: $output"

step "one that does"
pretend_pcscd polkit_authority_check_authorization
exits 2 create shared --owner ""
one_sentence
exits 2 create shared --owner no-such-user
one_sentence
# Root is not led elsewhere by what polkit's user has put there.
echo untouched >"$work/target"
ln -s "$work/target" /etc/polkit-1/rules.d/00-tpmvsc-slot-00.rules.new
exits 0 create shared --owner "$user" --json
equal "what the link led to" untouched "$(cat "$work/target")"
reader=$(json 'it["reader"]')
rule=/etc/polkit-1/rules.d/00-tpmvsc-slot-00.rules
[[ -s $rule ]] || fail "there is no rule"
equal "its mode, polkit reads it as its own user" 644 "$(stat -c %a "$rule")"

# judge ACTION READER USER: what the rule answers.
judge() {
    {
        cat <<'JS'
var rules = [];
var polkit = { Result: { NO: "no", YES: "yes", NOT_HANDLED: "undecided" }, addRule: function (f) { rules.push(f); } };
JS
        cat "$rule"
        printf 'print(rules[0]({ id: "%s", lookup: function (name) { return name == "reader" ? %s : undefined; } }, { user: "%s", isInGroup: function () { return false; } }));\n' \
            "$1" "$2" "$3"
    } >"$work/judge.js"
    duk "$work/judge.js"
}
card=org.debian.pcsc-lite.access_card
equal "the owner, the card" yes "$(judge $card "\"$reader\"" "$user")"
equal "another, the card" no "$(judge $card "\"$reader\"" somebody)"
equal "another, another card" undecided "$(judge $card '"Some Other Reader 00 00"' somebody)"
equal "the owner, another card" undecided "$(judge $card '"Some Other Reader 00 00"' "$user")"
equal "the owner, pcscd" yes "$(judge org.debian.pcsc-lite.access_pcsc undefined "$user")"
equal "another, pcscd" undecided "$(judge org.debian.pcsc-lite.access_pcsc undefined somebody)"
equal "another, something else" undecided "$(judge org.freedesktop.login1.reboot undefined "$user")"

step "the inventory knows whose it is"
exits 0 tpmvsc inventory --json
equal "the owner" "$user" "$(json 'it["cards"][0]["owner"]')"
exits 0 tpmvsc inventory
grep -q "^shared .* $user " <<<"$result" || fail "the owner is not in the table: $result"

step "the rule goes with the card, and no later card inherits it"
exits 0 tpmvsc destroy shared --force
[[ ! -e $rule ]] || fail "the rule is still there"
touch "$rule"
exits 0 create nobodys
[[ ! -e $rule ]] || fail "a card without an owner got one"
exits 0 tpmvsc destroy nobodys --force

step "a card that could not be made leaves no rule"
echo wrong >"$work/wrong"
tpm2_changeauth -T "$TPMVSC_TCTI" -c owner secret
exits 3 create shared --owner "$user" --owner-auth "file:$work/wrong"
[[ ! -e $rule ]] || fail "the rule is still there"
tpm2_changeauth -T "$TPMVSC_TCTI" -c owner -p secret ""

step "destroying a card leaves another's rule alone"
exits 0 create first
cat >"$rule" <<RULE
// tpmvsc-owner: {"card":"00112233445566778899aabbccddeeff","slot":0,"user":"$user","reader":"$reader"}
RULE
exits 0 tpmvsc destroy first --force
[[ -e $rule ]] || fail "the rule of another card is gone"
rm "$rule"

step "the doctor sees what makes a rule worthless"
exits 0 create shared --owner "$user"
cp "$rule" "$work/rule"
# doctor_says TEXT
doctor_says() {
    tpmvsc doctor --json >"$work/result" 2>/dev/null || true
    grep -q "$1" "$work/result" || fail "the doctor does not say \"$1\""
}
doctor_says "the card in slot 0 is for user $user\""
echo 'polkit.addRule(function (action) { if (action.id == "org.debian.pcsc-lite.access_card") return "yes"; });' \
    >/etc/polkit-1/rules.d/00-all.rules
doctor_says "00-all.rules is asked before"
rm /etc/polkit-1/rules.d/00-all.rules
sed -i "s/TPM Virtual/Some Virtual/" "$rule"
doctor_says "others may use it: its reader is not called"
sed "s/$user/no-such-user/" "$work/rule" >"$rule"
doctor_says "others may use it: there is no such user any more"
: >"$rule"
doctor_says "should make a card its owner's, and does not"
cp "$work/rule" "$rule"
pretend_pcscd nothing
doctor_says "others may use it: the pcscd of this computer does not ask polkit"
exits 0 tpmvsc destroy shared --force

step "polkit lets a user not in: he is told, and scripts by the status"
chmod 711 "$(dirname "$TPMVSC_CONFIG")" "$TPMVSC_RIG_DIR" "$work"
exits 0 create shared
"$TPMVSC_RIG_CTL" stop-pcscd
refuse_clients
pid_file=/run/pcscd/pcscd.pid # pcscd has removed the one that was mounted
if can_be_anybody; then
    # His own, because nobody looks into the program of another's process.
    pcscd_as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    pretend_pcscd polkit_authority_check_authorization
    for command in list inventory info "info shared" "cert export 9a"; do
        # shellcheck disable=SC2086
        exits 3 as_anybody tpmvsc $command
        one_sentence
        says "a polkit rule has to allow it"
    done
    exits 1 as_anybody tpmvsc doctor --json
    grep -q "/examples/polkit.rules" <<<"$result" || fail "the doctor does not name the example"

    step "a pcscd that has nothing to do with polkit is no matter of polkit's"
    pretend_pcscd nothing
    exits 4 as_anybody tpmvsc list
    one_sentence
    says "pcscd does not start, or does not answer"
    says_not polkit
fi

step "nor is it where root is not let in"
pretend_pcscd polkit_authority_check_authorization
exits 4 tpmvsc info --reader "$reader"
one_sentence
says "journalctl -u pcscd"
says_not polkit
exits 4 tpmvsc info shared
exits 0 tpmvsc list
says "pcscd does not start, or does not answer"
