#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""closing_pcscd.py SOCKET: closes every connection once the client has said hello, which it leaves unread. So do
pcscd, which has to ask polkit first, and systemd, which has to find that pcscd does not start."""

import os
import socket
import sys
import time

HELLO = 20  # libpcsclite's header and its version, in two writes


def wait_for_hello(connection):
    seen = -1
    while 0 != seen < HELLO:
        time.sleep(0.01)
        seen = len(connection.recv(HELLO, socket.MSG_PEEK))


path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(path + ".new")
    os.chmod(path + ".new", 0o777)
    listener.listen(8)
    os.rename(path + ".new", path)  # there when it can be connected to
    while True:
        client, _ = listener.accept()
        with client:
            wait_for_hello(client)
