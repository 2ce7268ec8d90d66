#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PC/SC without a card driver in between. As a program: pcsc.py READER APDU... sends the bytes as they
are, and nothing else, and prints the answers."""

import ctypes
import sys

ULONG = ctypes.c_ulong
SCARD_SCOPE_SYSTEM = 2
SCARD_STATE_PRESENT = 0x0020
SCARD_SHARE_SHARED = 2
SCARD_PROTOCOL_T1 = 2
SCARD_LEAVE_CARD = 0
LONGEST_ANSWER = 65548


class ReaderState(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("user", ctypes.c_void_p), ("current", ULONG),
                ("event", ULONG), ("atr_size", ULONG), ("atr", ctypes.c_ubyte * 33)]


class IoHeader(ctypes.Structure):
    _fields_ = [("protocol", ULONG), ("length", ULONG)]


class Context:
    """A context of the library, None without pcscd."""

    def __enter__(self):
        self.library = ctypes.CDLL("libpcsclite.so.1")
        self.handle = ctypes.c_long()
        code = self.library.SCardEstablishContext(ULONG(SCARD_SCOPE_SYSTEM), None, None,
                                                  ctypes.byref(self.handle))
        self.open = code == 0
        return self if self.open else None

    def __exit__(self, *_):
        if self.open:
            self.library.SCardReleaseContext(self.handle)

    def names(self):
        size = ULONG(0)
        if self.library.SCardListReaders(self.handle, None, None, ctypes.byref(size)) != 0:
            return []
        buffer = ctypes.create_string_buffer(size.value)
        if self.library.SCardListReaders(self.handle, None, buffer, ctypes.byref(size)) != 0:
            return []
        return [name for name in buffer.raw[:size.value].split(b"\0") if name]

    def is_present(self, name):
        state = ReaderState(name=name)
        code = self.library.SCardGetStatusChange(self.handle, ULONG(0), ctypes.byref(state), ULONG(1))
        return code == 0 and bool(state.event & SCARD_STATE_PRESENT)

    def check(self, function, *arguments):
        code = getattr(self.library, function)(*arguments)
        if code != 0:
            raise OSError(f"{function}: {code & 0xFFFFFFFF:08X}")

    def exchange(self, name, commands):
        """Connects to the reader, yields the answer to each command."""
        card, protocol = ctypes.c_long(), ULONG()
        self.check("SCardConnect", self.handle, name.encode(), ULONG(SCARD_SHARE_SHARED),
                   ULONG(SCARD_PROTOCOL_T1), ctypes.byref(card), ctypes.byref(protocol))
        try:
            for command in commands:
                answer, size = ctypes.create_string_buffer(LONGEST_ANSWER), ULONG(LONGEST_ANSWER)
                header = IoHeader(protocol.value, ctypes.sizeof(IoHeader))
                self.check("SCardTransmit", card, ctypes.byref(header), command,
                           ULONG(len(command)), None, answer, ctypes.byref(size))
                yield answer.raw[:size.value]
        finally:
            self.library.SCardDisconnect(card, ULONG(SCARD_LEAVE_CARD))


def readers():
    """Maps the name of each reader to whether there is a card in it; empty without pcscd."""
    with Context() as context:
        return {name.decode(): context.is_present(name)
                for name in context.names()} if context else {}


def main():
    commands = [bytes.fromhex(text) for text in sys.argv[2:]]
    with Context() as context:
        if context is None:
            sys.exit("no pcscd")
        for answer in context.exchange(sys.argv[1], commands):
            print(answer.hex(), flush=True)


if __name__ == "__main__":
    main()
