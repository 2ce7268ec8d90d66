# SPDX-License-Identifier: Apache-2.0
"""A host that uses a PIV card, on a connection of riglib.pcsc."""

import subprocess
import tempfile

P256, P384, RSA1024, RSA2048 = 0x11, 0x14, 0x06, 0x07
PIN, PUK, ADMIN_KEY = 0x80, 0x81, 0x9B
LONGEST_BLOCK = 255
PRINTED_INFORMATION = 0x5FC109


class Refused(Exception):
    """A command got another status word than 9000; it is in `status`."""

    def __init__(self, header, status):
        super().__init__(f"{header.hex()} was answered {status}")
        self.status = status


def tlv(tag, *values):
    value = b"".join(values)
    size = len(value)
    head = bytes([size]) if size < 0x80 else \
        b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + head + value


def objects(data):
    """The data objects in a row, by tag; lengths as this card writes them."""
    found = {}
    while data:
        tag, data = (data[:2], data[2:]) if data[0] & 0x1F == 0x1F else (data[:1], data[1:])
        size, data = data[0], data[1:]
        if size > 0x80:
            digits = size - 0x80
            size, data = int.from_bytes(data[:digits], "big"), data[digits:]
        found[int.from_bytes(tag, "big")], data = data[:size], data[size:]
    return found


def padded(pin):
    return pin.encode().ljust(8, b"\xff")


def openssl(*arguments, data=b""):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True)
    if done.returncode != 0:
        raise OSError(f"openssl {' '.join(arguments)}: {done.stderr.decode()}")
    return done.stdout


def decrypt_block(key, block):
    """One block under a triple DES key."""
    return openssl("enc", "-d", "-des-ede3", "-nopad", "-K", key.hex(), data=block)


def is_signature(point, digest, signature):
    """Whether OpenSSL takes the ECDSA signature by the P-256 key for that of the digest."""
    info = bytes.fromhex("3059301306072A8648CE3D020106082A8648CE3D030107034200") + point
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", info), ("digest", digest), ("signature", signature)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(content)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", f"{folder}/key",
             "-in", f"{folder}/digest", "-sigfile", f"{folder}/signature"],
            capture_output=True).returncode == 0


class Card:
    def __init__(self, connection):
        self.connection = connection

    def send(self, header, data=b""):
        """Sends a command, chained where it is long, and gives the whole answer. Raises Refused."""
        while len(data) > LONGEST_BLOCK:
            block, data = data[:LONGEST_BLOCK], data[LONGEST_BLOCK:]
            self.one(bytes([header[0] | 0x10]) + header[1:] + bytes([len(block)]) + block, header)
        answer, more = self.one(
            header + (bytes([len(data)]) + data if data else b"") + b"\0", header)
        while more:
            part, more = self.one(bytes([0, 0xC0, 0, 0, more % 0x100]), header)
            answer += part
        return answer

    def one(self, command, header):
        """One APDU: what it answered, and how much waits behind that."""
        answer = self.connection.transmit(command)
        data, status = answer[:-2], answer[-2:]
        if status == b"\x90\x00":
            return data, 0
        if status[0] == 0x61:
            return data, status[1] or 0x100
        raise Refused(header, status.hex())

    def status(self, function, *arguments):
        """The status word that one of the functions below gets."""
        try:
            function(*arguments)
            return "9000"
        except Refused as refused:
            return refused.status

    # --- PIN and PUK ------------------------------------------------------------------------------

    def verify(self, pin):
        self.send(bytes([0, 0x20, 0, PIN]), padded(pin))

    def tries(self):
        """Tries of the PIN that are left; None while somebody is logged in."""
        # Case 1: no Lc, no Le.
        status = self.connection.transmit(bytes([0, 0x20, 0, PIN])).hex()
        return None if status == "9000" else 0 if status == "6983" else int(status[3:], 16)

    def logout(self):
        self.connection.transmit(bytes([0, 0x20, 0xFF, PIN]))

    def change(self, reference, old, new):
        self.send(bytes([0, 0x24, 0, reference]), padded(old) + padded(new))

    def reset_pin(self, puk, new):
        self.send(bytes([0, 0x2C, 0, PIN]), padded(puk) + padded(new))

    def set_tries(self, pin, puk):
        self.send(bytes([0, 0xFA, pin, puk]))

    # --- The administration key -------------------------------------------------------------------

    def administer(self, key):
        """Proves a triple DES key by mutual authentication."""
        header = bytes([0, 0x87, 0x03, ADMIN_KEY])
        witness = self.send(header, tlv(0x7C, tlv(0x80)))[4:]
        challenge = bytes(8)
        answer = self.send(header, tlv(0x7C, tlv(0x80, decrypt_block(key, witness)),
                                       tlv(0x81, challenge)))[4:]
        if decrypt_block(key, answer) != challenge:
            raise ValueError("the card does not know the administration key")

    def set_admin_key(self, key):
        self.send(bytes([0, 0xFF, 0xFF, 0xFF]), bytes([0x03, ADMIN_KEY, len(key)]) + key)

    # --- Keys and objects -------------------------------------------------------------------------

    def generate(self, slot, algorithm):
        """The public key: a point, or the modulus."""
        answer = objects(self.send(bytes([0, 0x47, 0, slot]), tlv(0xAC, tlv(0x80, bytes([algorithm])))))
        key = objects(answer[0x7F49])
        return key.get(0x86) or key[0x81]

    def import_scalar(self, slot, scalar):
        self.send(bytes([0, 0xFE, P256, slot]), tlv(0x06, scalar))

    def public_key(self, slot):
        """Likewise of the key that is there; None when there is none."""
        try:
            key = objects(objects(self.send(bytes([0, 0xF7, 0, slot])))[0x04])
        except Refused as refused:
            if refused.status == "6a88":
                return None
            raise
        return key.get(0x86) or key[0x81]

    def use(self, slot, algorithm, block):
        """ECDSA over a digest, or the raw RSA operation."""
        answer = self.send(bytes([0, 0x87, algorithm, slot]), tlv(0x7C, tlv(0x82), tlv(0x81, block)))
        return objects(objects(answer)[0x7C])[0x82]

    def signs(self, slot, point):
        """Whether the P-256 key in the slot signs for this public key."""
        digest = bytes(range(32))
        return is_signature(point, digest, self.use(slot, P256, digest))

    def put(self, tag, contents):
        self.send(bytes.fromhex("00DB3FFF"), tlv(0x5C, tag.to_bytes(3, "big")) + tlv(0x53, contents))

    def get(self, tag):
        """The contents; None when there is no such object."""
        try:
            return objects(self.send(bytes.fromhex("00CB3FFF"), tlv(0x5C, tag.to_bytes(3, "big"))))[0x53]
        except Refused as refused:
            if refused.status == "6a82":
                return None
            raise
