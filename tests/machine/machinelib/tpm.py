# SPDX-License-Identifier: Apache-2.0
"""The chip of the guest: a swtpm whose log says which commands have reached it."""

import collections
import os
import re
import signal
import subprocess
import time

NAMES = {
    0x11F: "NV_UndefineSpaceSpecial", 0x120: "EvictControl", 0x121: "HierarchyControl", 0x122: "NV_UndefineSpace",
    0x126: "Clear", 0x127: "ClearControl", 0x129: "HierarchyChangeAuth", 0x12A: "NV_DefineSpace",
    0x131: "CreatePrimary", 0x134: "NV_Increment", 0x137: "NV_Write", 0x139: "DictionaryAttackLockReset",
    0x13A: "DictionaryAttackParameters", 0x13B: "NV_ChangeAuth", 0x13C: "PCR_Event", 0x13D: "PCR_Reset",
    0x13E: "SequenceComplete", 0x143: "SelfTest", 0x144: "Startup", 0x145: "Shutdown", 0x146: "StirRandom",
    0x147: "ActivateCredential", 0x148: "Certify", 0x149: "PolicyNV", 0x14A: "CertifyCreation",
    0x14E: "NV_Read", 0x150: "ObjectChangeAuth", 0x151: "PolicySecret", 0x153: "Create", 0x154: "ECDH_ZGen",
    0x155: "HMAC", 0x156: "Import", 0x157: "Load", 0x158: "Quote", 0x159: "RSA_Decrypt",
    0x15B: "HMAC_Start", 0x15C: "SequenceUpdate", 0x15D: "Sign", 0x15E: "Unseal", 0x160: "PolicySigned",
    0x161: "ContextLoad", 0x162: "ContextSave", 0x163: "ECDH_KeyGen", 0x164: "EncryptDecrypt",
    0x165: "FlushContext", 0x167: "LoadExternal", 0x168: "MakeCredential", 0x169: "NV_ReadPublic",
    0x16A: "PolicyAuthorize", 0x16B: "PolicyAuthValue", 0x16C: "PolicyCommandCode", 0x16E: "PolicyCpHash",
    0x171: "PolicyOR", 0x172: "PolicyTicket", 0x173: "ReadPublic", 0x174: "RSA_Encrypt",
    0x176: "StartAuthSession", 0x177: "VerifySignature", 0x178: "ECC_Parameters", 0x17A: "GetCapability",
    0x17B: "GetRandom", 0x17C: "GetTestResult", 0x17D: "Hash", 0x17E: "PCR_Read", 0x17F: "PolicyPCR",
    0x180: "PolicyRestart", 0x181: "ReadClock", 0x182: "PCR_Extend", 0x186: "HashSequenceStart",
    0x187: "PolicyDuplicationSelect", 0x189: "PolicyGetDigest", 0x18A: "TestParms", 0x18C: "PolicyPassword",
    0x18E: "EncryptDecrypt2", 0x18F: "PolicyNvWritten",
}
# What the kernel's resource manager does of its own accord to swap objects and sessions. A client's
# FlushContext of what is loaded is its own, and cannot be told apart.
SWAPPING = ("ContextLoad", "ContextSave", "FlushContext")
READ = re.compile(rb"SWTPM_IO_Read: length (\d+)\s+((?:[0-9A-F]{2}\s+){10})")


class Tpm:
    def __init__(self, folder):
        self.folder, self.process = folder, None
        self.socket, self.log = os.path.join(folder, "tpm.ctrl"), os.path.join(folder, "tpm.log")
        self.state = os.path.join(folder, "tpm")
        os.makedirs(self.state, exist_ok=True)

    def start(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.process = subprocess.Popen(
            ["nice", "-n", "2", "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}", "--terminate",
             "--ctrl", f"type=unixio,path={self.socket}", "--log", f"level=20,file={self.log}"],
            stdin=subprocess.DEVNULL, start_new_session=True)
        while not os.path.exists(self.socket):
            if self.process.poll() is not None:
                raise RuntimeError("swtpm has ended")
            time.sleep(0.05)

    def end(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(20)
        self.process = None

    def mark(self):
        return os.path.getsize(self.log)

    def commands(self, since, until=None):
        """How often which command reached the chip between two marks of the log."""
        with open(self.log, "rb") as file:
            file.seek(since)
            text = file.read() if until is None else file.read(until - since)
        codes = (int(match.group(2).replace(b" ", b"").replace(b"\n", b"")[12:20], 16)
                 for match in READ.finditer(text))
        return collections.Counter(NAMES.get(code, hex(code)) for code in codes)
