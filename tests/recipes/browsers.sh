# SPDX-License-Identifier: Apache-2.0
# What tests of browsers share. Sourced after lib.sh and desktop.sh.
# shellcheck shell=bash
: "${work:?source lib.sh first}" "${release:?}" "${recipe=}"

# use_browser chromium|firefox: which one the functions below are about.
# shellcheck disable=SC2034 # unsigned_page is for the tests
use_browser() {
    browser=$1
    recipe browsers
    needs modutil certutil
    if [[ $browser == chromium ]]; then
        needs chromium
        title=Chromium pin_window="Unlock Security Device" unsigned_page="400 No required SSL certificate was sent"
        wrap_chromium
    else
        needs firefox-esr
        title=Firefox pin_window="Password Required"
        unsigned_page="Warning: Security Risk|400 No required SSL certificate was sent"
    fi
    grep -qF "\`$pin_window\`" "$recipe" || fail "the recipe does not name the window \"$pin_window\""
}

# wrap_chromium: root, which a rig's command is, cannot have its sandbox, and may lock memory whatever the recipe's ulimit
# says. The other options have it look up nothing in the network. What the recipe writes to its settings goes with the test.
wrap_chromium() {
    mkdir -p "$work/bin" "$work/chromium.d"
    cp /etc/chromium.d/* "$work/chromium.d"
    mount --bind "$work/chromium.d" /etc/chromium.d
    cat >"$work/bin/chromium" <<END
#!/bin/sh
exec setpriv --bounding-set -ipc_lock $(command -v chromium) --no-sandbox --test-type --disable-gpu --no-first-run \
    --disable-component-update --disable-background-networking --password-store=basic \
    --window-position=0,0 --window-size=1000,700 "\$@"
END
    chmod +x "$work/bin/chromium"
    PATH=$work/bin:$PATH
}

# set_up_browser: as the recipe says; what it would tell others at its first start is turned off. So are connections that
# Firefox makes while an address is typed: one of them, made when the PIN was not blocked yet, would serve a later page.
set_up_browser() {
    follow "Set up $title"
    if [[ $browser == chromium ]]; then
        [[ $release != 12 ]] || follow "Let OpenSC lock no memory"
        return 0
    fi
    cat >"$HOME/.mozilla/card/user.js" <<'END'
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.policy.firstRunURL", "");
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.sessionstore.resume_from_crash", false);
user_pref("network.http.tls-handshake-timeout", 300);
user_pref("network.http.speculative-parallel-limit", 0);
user_pref("browser.urlbar.speculativeConnect.enabled", false);
user_pref("network.predictor.enabled", false);
END
}

# start_browser ADDRESS: as the recipe says, but for the address; $browser_pid is its process.
start_browser() {
    local command
    command=$(commands_of "Start $title")
    bash -c "exec ${command/https:*/$1}" >>"${TPMVSC_PICTURES:-$work}/$browser.log" 2>&1 &
    browser_pid=$!
    background+=("$browser_pid")
}

# choose_certificate [1|2 LETTER]: waits until the browser asks which certificate. Chromium has a row for each, and one
# goes to it; Firefox has no order, but takes a first letter. It asks once for each name of a server.
choose_certificate() {
    limit=30 until_true page_shaded
    sleep 1 # browsers take no key at once
    if [[ $browser == firefox ]]; then
        [[ -z ${2:-} ]] || presses "$2"
    elif [[ -n ${1:-} ]]; then
        until_true go_to_row "$((171 + 38 * $1))"
    fi
    until_true agree_to_it
}
go_to_row() { row_marked "$1" || { presses Down && sleep 0.3 && row_marked "$1"; }; }
agree_to_it() { page_bright || { presses Return && sleep 0.7 && page_bright; }; }

# comes_to_pin [1|2 LETTER]: a browser that was just started asks for the PIN. OpenSC 0.26 of Debian 13 lets it see before that
# what keys there are: it first asks which certificate.
comes_to_pin() {
    [[ $release == 12 ]] || choose_certificate "$@"
    sees "$pin_window"
}

# gives_wrong_pin [1|2 LETTER]: to a browser that was just started; it asks again.
gives_wrong_pin() {
    comes_to_pin "$@"
    enters "$pin_window" 999999
    until_true has_tries 2
    sees "$pin_window"
}

# gives_right_pin [1|2 LETTER]: to one that asks for it; and chooses the certificate where that comes behind.
gives_right_pin() {
    enters "$pin_window" "$TPMVSC_PIN"
    [[ $release != 12 ]] || choose_certificate "$@"
}

# signs_in [1|2 LETTER]: to a browser that was just started.
signs_in() {
    comes_to_pin "$@"
    gives_right_pin "$@"
}

# sees_quoted TITLE[|TITLE]: waits for a window with one of these titles, which the recipe quotes.
sees_quoted() {
    local quote quotes
    IFS='|' read -ra quotes <<<"$1"
    for quote in "${quotes[@]}"; do
        grep -qF -- "\`$quote\`" "$recipe" || fail "${recipe##*/} does not quote \"$quote\""
    done
    sees "$1"
}

# comes_to PAGES TIMES: answers whatever the browser asks, as somebody does who knows the PIN, until it is at one of these pages,
# which the recipe quotes. It may ask for the PIN so many times.
comes_to() {
    local rounds=100 asked=0
    until window "$1" >/dev/null; do
        ((rounds-- > 0)) || sees "$1"
        if window "$pin_window" >/dev/null; then
            ((asked++ < $2)) || fail "the browser asks for the PIN once more than $2 times"
            enters "$pin_window" "$TPMVSC_PIN"
        elif page_shaded; then
            choose_certificate
        fi
        sleep 0.3
    done
    echo "   $title: asked for the PIN $asked times"
    sees_quoted "$1"
}

# end_browser: by closing its window.
end_browser() {
    to_window "$title"
    presses alt+F4
    limit=20 until_true ended "$browser_pid"
}
ended() { ! kill -0 "$1" 2>/dev/null; }
