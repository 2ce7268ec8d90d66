#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pkcs11_login.py MODULE PIN SECONDS KEY-ID [again]: a program that logs in to the first token once, signs a digest
with the key, waits, and signs again. It prints what each call answered. With "again" it logs in a second time where
the module says that nobody is."""

import ctypes
import sys
import time

ULONG = ctypes.c_ulong
CKF_SERIAL_SESSION, CKU_USER, CKU_CONTEXT_SPECIFIC = 4, 1, 2
CKA_CLASS, CKA_ID, CKO_PRIVATE_KEY, CKM_ECDSA = 0, 0x102, 3, 0x1041
NAMES = {0: "OK", 0x30: "DEVICE_ERROR", 0x100: "USER_ALREADY_LOGGED_IN", 0x101: "USER_NOT_LOGGED_IN",
         0xA0: "PIN_INCORRECT"}


class Attribute(ctypes.Structure):
    _fields_ = [("type", ULONG), ("value", ctypes.c_void_p), ("length", ULONG)]


class Mechanism(ctypes.Structure):
    _fields_ = [("mechanism", ULONG), ("parameter", ctypes.c_void_p), ("length", ULONG)]


class Program:
    def __init__(self, module, pin):
        self.library = ctypes.CDLL(module)
        self.pin = pin.encode()
        self.must("C_Initialize", None)
        slots, count = (ULONG * 16)(), ULONG(16)
        self.must("C_GetSlotList", 1, slots, ctypes.byref(count))
        self.session = ULONG()
        self.must("C_OpenSession", ULONG(slots[0]), ULONG(CKF_SERIAL_SESSION), None, None,
                  ctypes.byref(self.session))

    def call(self, function, *arguments):
        code = getattr(self.library, function)(*arguments)
        return NAMES.get(code, f"{code:#x}")

    def must(self, function, *arguments):
        answer = self.call(function, *arguments)
        if answer != "OK":
            sys.exit(f"{function}: {answer}")

    def login(self, user=CKU_USER):
        return self.call("C_Login", self.session, ULONG(user), self.pin, ULONG(len(self.pin)))

    def find(self, key_id):
        kind, name = ULONG(CKO_PRIVATE_KEY), ctypes.create_string_buffer(key_id, len(key_id))
        wanted = (Attribute * 2)(
            Attribute(CKA_CLASS, ctypes.cast(ctypes.byref(kind), ctypes.c_void_p), ctypes.sizeof(kind)),
            Attribute(CKA_ID, ctypes.cast(name, ctypes.c_void_p), len(key_id)))
        key, count = ULONG(), ULONG()
        self.must("C_FindObjectsInit", self.session, wanted, ULONG(2))
        self.must("C_FindObjects", self.session, ctypes.byref(key), ULONG(1), ctypes.byref(count))
        self.must("C_FindObjectsFinal", self.session)
        if count.value != 1:
            sys.exit("no such key")
        return key

    def sign(self, key, consent=False):
        mechanism = Mechanism(CKM_ECDSA, None, 0)
        answer = self.call("C_SignInit", self.session, ctypes.byref(mechanism), key)
        if answer != "OK":
            return answer
        if consent and self.login(CKU_CONTEXT_SPECIFIC) != "OK":
            return "no consent"
        signature, length = ctypes.create_string_buffer(512), ULONG(512)
        return self.call("C_Sign", self.session, bytes(32), ULONG(32), signature, ctypes.byref(length))


def main():
    module, pin, seconds, key_id, *more = sys.argv[1:]
    program = Program(module, pin)
    print("login", program.login())
    key = program.find(bytes.fromhex(key_id))
    print("sign", program.sign(key, "consent" in more))
    time.sleep(float(seconds))
    answer = program.sign(key, "consent" in more)
    print("sign", answer)
    if "again" in more and answer != "OK":
        print("login", program.login())
        print("sign", program.sign(key))


if __name__ == "__main__":
    main()
