#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PC/SC without a card driver in between. As a program: pcsc.py READER APDU... sends the bytes as they
are, and nothing else, and prints the answers."""

import ctypes
import sys

ULONG = ctypes.c_ulong
SCARD_SCOPE_SYSTEM = 2
SCARD_STATE_PRESENT = 0x0020
SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_SHARED = 1, 2
SCARD_PROTOCOL_T1 = 2
SCARD_LEAVE_CARD, SCARD_RESET_CARD = 0, 1
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

    def connect(self, name, share=SCARD_SHARE_SHARED):
        return Connection(self, name, share)

    def exchange(self, name, commands):
        """Connects to the reader, yields the answer to each command."""
        with self.connect(name) as connection:
            for command in commands:
                yield connection.transmit(command)


class Error(OSError):
    """A function of the library failed; `code` says how (pcsclite.h)."""

    def __init__(self, function, code):
        super().__init__(f"{function}: {code:08X}")
        self.code = code


class Connection:
    """A connection to the card in a reader, until the end of the `with` or disconnect()."""

    def __init__(self, context, name, share):
        self.library, self.handle, self.protocol = context.library, ctypes.c_long(), ULONG()
        self.call("SCardConnect", context.handle, name.encode(), ULONG(share),
                  ULONG(SCARD_PROTOCOL_T1), ctypes.byref(self.handle), ctypes.byref(self.protocol))
        self.open = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.disconnect()

    def call(self, function, *arguments):
        code = getattr(self.library, function)(*arguments) & 0xFFFFFFFF
        if code != 0:
            raise Error(function, code)

    def transmit(self, command):
        answer, size = ctypes.create_string_buffer(LONGEST_ANSWER), ULONG(LONGEST_ANSWER)
        header = IoHeader(self.protocol.value, ctypes.sizeof(IoHeader))
        self.call("SCardTransmit", self.handle, ctypes.byref(header), command, ULONG(len(command)),
                  None, answer, ctypes.byref(size))
        return answer.raw[:size.value]

    def begin(self):
        self.call("SCardBeginTransaction", self.handle)

    def end(self, disposition=SCARD_LEAVE_CARD):
        self.call("SCardEndTransaction", self.handle, ULONG(disposition))

    def reconnect(self, share=SCARD_SHARE_SHARED, initialization=SCARD_LEAVE_CARD):
        self.call("SCardReconnect", self.handle, ULONG(share), ULONG(SCARD_PROTOCOL_T1),
                  ULONG(initialization), ctypes.byref(self.protocol))

    def disconnect(self, disposition=SCARD_LEAVE_CARD):
        if self.open:
            self.open = False
            self.library.SCardDisconnect(self.handle, ULONG(disposition))


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
