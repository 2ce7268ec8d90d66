# SPDX-License-Identifier: Apache-2.0
"""Asks pcscd for its readers, by the PC/SC library."""

import ctypes

ULONG = ctypes.c_ulong
SCARD_SCOPE_SYSTEM = 2
SCARD_STATE_PRESENT = 0x0020


class ReaderState(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("user", ctypes.c_void_p), ("current", ULONG),
                ("event", ULONG), ("atr_size", ULONG), ("atr", ctypes.c_ubyte * 33)]


def readers():
    """Maps the name of each reader to whether there is a card in it; empty without pcscd."""
    library = ctypes.CDLL("libpcsclite.so.1")
    context = ctypes.c_long()
    if library.SCardEstablishContext(ULONG(SCARD_SCOPE_SYSTEM), None, None,
                                     ctypes.byref(context)) != 0:
        return {}
    try:
        return {name.decode(): is_present(library, context, name)
                for name in names(library, context)}
    finally:
        library.SCardReleaseContext(context)


def names(library, context):
    size = ULONG(0)
    if library.SCardListReaders(context, None, None, ctypes.byref(size)) != 0:
        return []
    buffer = ctypes.create_string_buffer(size.value)
    if library.SCardListReaders(context, None, buffer, ctypes.byref(size)) != 0:
        return []
    return [name for name in buffer.raw[:size.value].split(b"\0") if name]


def is_present(library, context, name):
    state = ReaderState(name=name)
    if library.SCardGetStatusChange(context, ULONG(0), ctypes.byref(state), ULONG(1)) != 0:
        return False
    return bool(state.event & SCARD_STATE_PRESENT)
