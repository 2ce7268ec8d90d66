#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/kerberos.md, with a Kerberos server on a network that only the test has.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

mkdir "$work/krb5kdc"
mount --bind "$work/krb5kdc" /var/lib/krb5kdc
export KRB5CCNAME=FILE:$work/tickets
cat >"$work/bin/restart-server" <<END
#!/bin/bash
listens() { (exec 3<>/dev/tcp/127.0.0.1/88) 2>/dev/null; }
if [[ -e $work/kdc.pid ]]; then
    kill "\$(cat $work/kdc.pid)"
    while listens; do sleep 0.1; done
fi
krb5kdc -P $work/kdc.pid
END
chmod +x "$work/bin/restart-server"

step "the recipe"
recipe kerberos
