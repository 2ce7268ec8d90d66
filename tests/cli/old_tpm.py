#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""old_tpm.py SOCKET PATH: stands before the software TPM at SOCKET, listens at PATH, and has it say that it
follows revision 1.16 of the specification, which knows no PIN indices. Runs until it is ended."""

import os
import socket
import sys

TPM_PT_REVISION = (0x00000102).to_bytes(4, "big")
OLD = (116).to_bytes(4, "big")


def receive(connection):
    """A whole command or response; nothing at the end."""
    message = b""
    size = 10  # of the header, which has the size of all
    while len(message) < size:
        piece = connection.recv(size - len(message))
        if not piece:
            return b""
        message += piece
        if len(message) == 10:
            size = int.from_bytes(message[2:6], "big")
    return message


def grow_old(response):
    place = response.find(TPM_PT_REVISION)
    if place < 0:
        return response
    return response[:place + 4] + OLD + response[place + 8:]


def serve(client, upstream):
    with client, socket.socket(socket.AF_UNIX) as tpm:
        tpm.connect(upstream)
        while command := receive(client):
            tpm.sendall(command)
            client.sendall(grow_old(receive(tpm)))


def main():
    upstream, path = sys.argv[1:]
    os.symlink(upstream + ".ctrl", path + ".ctrl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(8)
        while True:
            serve(listener.accept()[0], upstream)


if __name__ == "__main__":
    main()
