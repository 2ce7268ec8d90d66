# SPDX-License-Identifier: Apache-2.0
"""A TPM that goes away, comes late, or sleeps."""

from . import card, program

DEVICE = "basename $(readlink -f /sys/class/tpm/tpm0/device)"
DRIVER = "readlink -f /sys/class/tpm/tpm0/device/driver"
CARD_IN = "opensc-tool --list-readers | grep -q 'Yes .*TPM Virtual Smart Card 00 00'"
READERS = "opensc-tool --list-readers"


def tpm_away(m):
    """A TPM that goes away, and one that appears late."""
    m.root(f"{DEVICE} >/srv/tpm-device; {DRIVER} >/srv/tpm-driver; cat /srv/tpm-device /srv/tpm-driver")
    card.sign(m)
    since = m.quiet("date +%s").strip()
    m.root("tee $(cat /srv/tpm-driver)/unbind </srv/tpm-device; ls /dev/tpm*", status=2)
    m.user("local", "alice", "sign /srv/secrets/pin", status=1)
    m.wait_until(f"! {CARD_IN}", "the card is not in the reader any more")
    m.root(READERS, has="No              TPM Virtual Smart Card 00 00")
    m.root(f"journalctl -q -o cat --since @{since} -u pcscd.service | grep -v ' APDU'",
           has="until the TPM can be reached")
    m.root("tpmvsc doctor", status=4, has="card \"laptop\" is there")
    m.say("It comes back with another number, since the kernel's IMA has not let go of it.")
    m.root("tee $(cat /srv/tpm-driver)/bind </srv/tpm-device; udevadm settle; ls -l /dev/tpmrm*", has="tss tss")
    m.wait_until(CARD_IN, "the card is back in the reader when the TPM is back")
    card.sign(m)
    m.say("Now a TPM that appears when pcscd runs already.")
    m.root("tee $(cat /srv/tpm-driver)/unbind </srv/tpm-device; systemctl restart pcscd.service")
    m.root(READERS, lacks="Yes ")
    m.root("tee $(cat /srv/tpm-driver)/bind </srv/tpm-device; udevadm settle")
    m.wait_until(CARD_IN, "the card appears with the TPM")
    m.root("journalctl -q -o cat -b -u tpmvsc-late-tpm.service | tail -n 3", has="TPM that appeared late")
    m.root("systemctl -q mask pcscd.service; systemctl start tpmvsc-late-tpm.service; systemctl -q unmask pcscd.service; "
           "systemctl is-failed tpmvsc-late-tpm.service", status=1, has="inactive")
    card.sign(m)
    m.reboot()


def suspend(m):
    """Suspend to memory and resume."""
    card.sign(m)
    card.wrong_pin(m)
    m.root("cat /sys/power/mem_sleep")
    sleep(m)
    m.check(m.tries() == 2, "two tries are left after the sleep")
    card.sign(m)
    m.check(m.tries() == 3, "the right PIN gives all tries back")
    m.reboot()  # what has slept does not sleep again in qemu, nor can it be switched off
    logged_in(m)
    m.reboot()


def sleep(m):
    mark = m.tpm.mark()
    m.root("rtcwake -m mem -s 20; dmesg | grep -E 'PM: suspend (entry|exit)' | tail -n 2 | sed 's/^\\[[^]]*\\] //'",
           has="suspend exit")
    m.check(m.tpm.commands(mark)["Startup"] == 1, "the chip was started anew")


def logged_in(m):
    """Who was logged in before the sleep."""
    program.begin(m)
    m.say("It signs again and again, so that the driver has sessions in the TPM when the machine falls asleep.")
    mark, before = m.tpm.mark(), len(program.said(m))
    program.keep_telling(m, "sign")
    sleep(m)
    program.stop_telling(m)
    answers = program.said(m)[before:]
    # OpenSC keeps the PIN in the program, and gives it anew by itself.
    m.check(set(answers) == {"signed"}, f"it has signed before and after, {len(answers)} times, and nothing else came of it")
    proofs = m.tpm.commands(mark)["PolicySecret"]
    m.check(proofs > 0, f"the login has ended: the TPM was asked whether the PIN is right ({proofs} times)")
    m.check(m.tries() == 3, "no try is lost")
    m.check(program.tell(m, "log-in") == "logged in", "it can log in anew")
    m.check(program.tell(m, "sign") == "signed", "and signs")
    program.end(m)
