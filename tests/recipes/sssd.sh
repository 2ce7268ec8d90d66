#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/sssd.md, with a user, settings and an SSSD that only the test has.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

needs sudo sssd
own_run
cp -a /var/lib/sss "$work/sss"
mount --bind "$work/sss" /var/lib/sss
mkdir -m 711 /run/sudo

# restart-sssd: as systemctl does it.
cat >"$work/bin/restart-sssd" <<END
#!/bin/bash
end-sssd
sssd --interactive --logger=files >$work/sssd.out 2>&1 &
until [[ -s /run/sssd.pid ]]; do sleep 0.05; done
END
cat >"$work/bin/end-sssd" <<'END'
#!/bin/bash
[[ -e /run/sssd.pid ]] || exit 0
pid=$(</run/sssd.pid)
kill "$pid"
while [[ -e /proc/$pid/exe ]]; do sleep 0.05; done
rm -f /run/sssd.pid
END
chmod +x "$work"/bin/*

end_sssd() {
    local status=$?
    end-sssd
    return "$status"
}
trap 'end_sssd || end_of_test; end_of_test' EXIT

step "the recipe"
recipe sssd
