#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for the journal: writes what is sent to its socket into a file, an entry a line, as JSON."""

import json
import os
import socket
import sys


def parse(datagram):
    """The native protocol: NAME=value lines; a value with line breaks comes behind its length."""
    fields = {}
    while datagram:
        line, _, datagram = datagram.partition(b"\n")
        name, is_text, value = line.partition(b"=")
        if not is_text:
            length = int.from_bytes(datagram[:8], "little")
            value, datagram = datagram[8:8 + length], datagram[8 + length + 1:]
        fields.setdefault(name.decode(), []).append(value.decode())
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def main():
    path, log = sys.argv[1:]
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    os.chmod(path, 0o666)
    with open(log, "w") as file:
        while True:
            file.write(json.dumps(parse(listener.recv(1 << 20))) + "\n")
            file.flush()


main()
