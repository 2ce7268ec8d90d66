# SPDX-License-Identifier: Apache-2.0
"""A program of alice's that stays logged in while other things happen, and signs when it is told to."""

from .counts import OPENSC, READER, sign_many

FOLDER = "/run/program"


def begin(m):
    """It has signed once when this returns."""
    # Its input is open for both directions, so that it does not end with the first who writes.
    command = f"{sign_many(OPENSC, READER, m.pin, '+')} <>{FOLDER}/lines >{FOLDER}/said 2>&1"
    m.quiet(f"rm -rf {FOLDER}; install -d -o alice {FOLDER}; mkfifo -m 666 {FOLDER}/lines; : >{FOLDER}/said\n"
            f"chown alice {FOLDER}/said; as local alice '{command}' >/dev/null 2>&1 &")
    m.check(tell(m, "sign") == "signed", "a program has logged in and signed, and stays")


def tell(m, word):
    """Gives what it answers."""
    before = len(said(m))
    m.quiet(f"echo {word} >{FOLDER}/lines")
    m.wait_until(f"[ $(wc -l <{FOLDER}/said) -gt {before} ]", f"told to {word}, the program does not hang")
    answer = said(m)[-1]
    m.say(f"It says: {answer}")
    return answer


def keep_telling(m, word):
    m.quiet(f"touch {FOLDER}/telling\n"
            f"while [ -e {FOLDER}/telling ]; do echo {word} >{FOLDER}/lines; sleep 0.5; done >/dev/null 2>&1 &")


def stop_telling(m):
    """What it was told by then is done when this returns."""
    m.quiet(f"sleep 3; rm {FOLDER}/telling")
    m.wait_until(f"wc -l <{FOLDER}/said >{FOLDER}/count; sleep 3; [ $(wc -l <{FOLDER}/said) -eq $(cat {FOLDER}/count) ]",
                 "it has done all that it was told")


def said(m):
    return m.quiet(f"cat {FOLDER}/said").splitlines()


def end(m):
    m.quiet(f"echo end >{FOLDER}/lines")
    m.wait_until("! pgrep -u alice -f sign-many", "the program ends")
    m.quiet(f"rm -r {FOLDER}")
