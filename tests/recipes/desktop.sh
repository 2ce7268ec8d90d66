# SPDX-License-Identifier: Apache-2.0
# A screen without a display, where a test sees windows and types as a person would. Sourced after lib.sh.
# shellcheck shell=bash
: "${work:?source lib.sh first}" "${scripts:?}"
needs Xvfb openbox xdotool

# start_desktop: from here on programs have a screen.
start_desktop() {
    mkdir "$work/screen"
    Xvfb -displayfd 3 -fbdir "$work/screen" -screen 0 1000x700x24 -nolisten tcp 3>"$work/display" >"$work/xvfb.log" 2>&1 &
    background+=($!)
    until_true test -s "$work/display"
    DISPLAY=:$(<"$work/display")
    export DISPLAY
    openbox >"$work/openbox.log" 2>&1 &
    background+=($!)
    # What browsers would tell others or look up has no business here, nor what this user's session offers.
    unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY
    export XDG_RUNTIME_DIR=$work TMPDIR=$work # what they leave goes with the test
}

# windows: the titles of all windows that can be seen.
windows() {
    local window
    for window in $(xdotool search --onlyvisible --name '.+' 2>/dev/null); do
        xdotool getwindowname "$window" 2>/dev/null || true
    done
}

# window TITLE: the number of the window whose title has this in it.
window() { xdotool search --onlyvisible --name "$1" 2>/dev/null | grep -m 1 .; }
no_window() { ! window "$1"; }

# sees TITLE: waits for a window with such a title, half a minute at most.
sees() {
    local rounds=100
    until window "$1" >/dev/null; do
        ((rounds-- > 0)) || {
            picture "${TPMVSC_PICTURES:-$work}/failed.png" || true
            fail "no window \"$1\"; there are: $(windows | paste -sd';')"
        }
        sleep 0.2
    done
}

# to_window TITLE: what is typed goes there.
to_window() {
    sees "$1"
    xdotool windowactivate --sync "$(window "$1")" 2>/dev/null || true
    sleep 0.3
}

# enters TITLE TEXT: types it in this window, and Enter, and sees it close.
enters() {
    to_window "$1"
    local number
    number=$(window "$1")
    sleep 1 # windows take no key at once
    xdotool type --delay 30 "$2"
    xdotool key Return
    until_true closed "$number"
}
closed() { ! xdotool search --onlyvisible --name '.+' 2>/dev/null | grep -qx "$1"; }

# presses KEYS...
presses() { xdotool key --delay 60 "$@"; }

# goes_to BROWSER ADDRESS: by the address bar of its window. On a busy machine the bar is there some time after the key that
# calls it, and what is typed before goes to the page.
goes_to() {
    to_window "$1"
    presses ctrl+l
    sleep 1
    xdotool type --delay 8 "$2"
    presses Return
}

# picture FILE: of the screen, a PNG.
picture() { python3 "$scripts/screen.py" "$work/screen/Xvfb_screen0" png "$1"; }

# page_shaded: whether the browser has shaded the page, as it does while it asks for a certificate.
page_shaded() { python3 "$scripts/screen.py" "$work/screen/Xvfb_screen0" grey 500 600; }
page_bright() { ! page_shaded; }

# row_marked Y: whether the list's row there is the marked one.
row_marked() { python3 "$scripts/screen.py" "$work/screen/Xvfb_screen0" blue 600 "$1"; }

# bars X: the colours of the bars above LibreOffice's page.
bars() { python3 "$scripts/screen.py" "$work/screen/Xvfb_screen0" bars "$1"; }
