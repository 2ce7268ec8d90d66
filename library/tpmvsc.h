/* SPDX-License-Identifier: Apache-2.0 */
/* tpmvsc: smart cards in the TPM of this computer, for programs. doc/library.md explains it; what is said here
 * is the contract.
 *
 * Threads: the library has no state of its own. A handle, an options object and a list belong to one thread at a
 * time; several threads may each have their own at once. Cards are made and destroyed under a lock that all
 * programs share, so a call may have to wait for another one.
 *
 * Every function takes null wherever it takes a pointer: the answer is then TPMVSC_USAGE, null or 0. Texts are
 * UTF-8. Texts and objects that come out of an object live as long as that. The library writes nothing to
 * standard output or standard error; tpm2-tss, which it uses, does where the environment variable TSS2_LOG asks for
 * it or is not set at all. */
#ifndef TPMVSC_H
#define TPMVSC_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* In C any int is a value of these; in C++ that has to be said. */
#ifdef __cplusplus
#define TPMVSC_AN_INT : int
#else
#define TPMVSC_AN_INT
#endif

/* What came of a call: the exit codes of the command tpmvsc. */
typedef enum tpmvsc_status TPMVSC_AN_INT {
    TPMVSC_DONE = 0,
    TPMVSC_FAILED = 1,
    TPMVSC_USAGE = 2,          /* wrong arguments, or values that no card can have */
    TPMVSC_NOT_AUTHORISED = 3, /* wrong PIN, PUK or password, or not allowed to */
    TPMVSC_NO_DEVICE = 4,      /* no TPM or no reader */
    TPMVSC_UNSUPPORTED = 5     /* this TPM or card cannot do it */
} tpmvsc_status;

/* The version of the library, "0.1.0". */
const char *tpmvsc_version(void);

/* ---- Handles ------------------------------------------------------------------------------------------ */

typedef struct tpmvsc_handle tpmvsc_handle;

/* Reads the settings file `settings`; null: as the command does (TPMVSC_CONFIG, else /etc/tpmvsc/tpmvsc.conf).
 * Gives a handle in `opened` whatever the answer is, so that tpmvsc_message can say why; null only where memory
 * ran out. A handle that was not opened well answers every call with TPMVSC_USAGE. */
tpmvsc_status tpmvsc_open(const char *settings, tpmvsc_handle **opened);
void tpmvsc_close(tpmvsc_handle *handle);

/* What the last call with this handle failed of, a sentence without secrets; empty when it did not. */
const char *tpmvsc_message(const tpmvsc_handle *handle);

typedef enum tpmvsc_note TPMVSC_AN_INT {
    TPMVSC_PROGRESS = 0, /* what is done now */
    TPMVSC_WARNING = 1,  /* what a person should know, though it is no reason to stop */
    TPMVSC_DETAIL = 2    /* for who looks for a fault */
} tpmvsc_note;

/* Is called by the thread that called the library, and must not call it with the same handle. */
typedef void (*tpmvsc_listener)(void *user, tpmvsc_note note, const char *text);
void tpmvsc_listen(tpmvsc_handle *handle, tpmvsc_listener listener, void *user);

/* ---- Cards -------------------------------------------------------------------------------------------- */

/* A card as known from its folder (root) or its reader. */
typedef struct tpmvsc_card tpmvsc_card;

typedef enum tpmvsc_card_text_key TPMVSC_AN_INT {
    TPMVSC_CARD_NAME = 1,
    TPMVSC_CARD_ID = 2, /* hexadecimal */
    TPMVSC_CARD_PROFILE = 3,
    TPMVSC_CARD_READER = 4,
    TPMVSC_CARD_CREATED = 5, /* ISO 8601 */
    TPMVSC_CARD_PROBLEM = 6  /* a sentence; empty when all is well */
} tpmvsc_card_text_key;
typedef enum tpmvsc_card_number_key TPMVSC_AN_INT {
    TPMVSC_CARD_SERIAL = 1,
    TPMVSC_CARD_SLOT = 2,
    TPMVSC_CARD_INSERTED = 3 /* 1 where programs see it */
} tpmvsc_card_number_key;

/* Null for what is not known of this card: only root sees names, say. */
const char *tpmvsc_card_text(const tpmvsc_card *card, tpmvsc_card_text_key key);
/* 1 when it is known, else 0. */
int tpmvsc_card_number(const tpmvsc_card *card, tpmvsc_card_number_key key, unsigned long *number);

typedef struct tpmvsc_list tpmvsc_list;
/* All cards of this computer, by slot, as "tpmvsc list" tells them. To be freed. */
tpmvsc_status tpmvsc_list_cards(tpmvsc_handle *handle, tpmvsc_list **list);
size_t tpmvsc_list_size(const tpmvsc_list *list);
const tpmvsc_card *tpmvsc_list_card(const tpmvsc_list *list, size_t position);
void tpmvsc_list_free(tpmvsc_list *list);

/* ---- Creating ----------------------------------------------------------------------------------------- */

/* What a new card is to be. Further keys may come; one that this version does not know is TPMVSC_USAGE. */
typedef struct tpmvsc_options tpmvsc_options;

typedef enum tpmvsc_text_option TPMVSC_AN_INT {
    TPMVSC_NAME = 1,            /* must be set */
    TPMVSC_PROFILE = 2,         /* "piv" (default) or "gids" */
    TPMVSC_ADMIN_ALGORITHM = 3, /* "tdes" (default), "aes128", "aes192", "aes256" */
    TPMVSC_ANTI_HAMMERING = 4,  /* "counter", "lockout"; default: as this TPM can */
    TPMVSC_OWNER = 5,           /* user whose card it is */
    TPMVSC_PIN_UPPER = 6,       /* these four: "allowed" (default), "required", "forbidden" */
    TPMVSC_PIN_LOWER = 7,
    TPMVSC_PIN_DIGITS = 8,
    TPMVSC_PIN_SPECIAL = 9
} tpmvsc_text_option;
typedef enum tpmvsc_number_option TPMVSC_AN_INT {
    TPMVSC_BLANK = 1,          /* 1: a GIDS card for a card management system to personalise */
    TPMVSC_UNMANAGED = 2,      /* 1: nobody can reset the PIN */
    TPMVSC_SETTABLE_TRIES = 3, /* 1: PIN and admin key together may set new limits */
    TPMVSC_PIN_TRIES = 4,
    TPMVSC_PUK_TRIES = 5,
    TPMVSC_PIN_MIN_LENGTH = 6,
    TPMVSC_PIN_MAX_LENGTH = 7,
    TPMVSC_PIN_NO_TRIVIAL = 8,
    TPMVSC_PIN_HISTORY = 9,
    TPMVSC_PIN_SESSION = 10,   /* seconds */
    TPMVSC_PIN_INACTIVITY = 11 /* seconds */
} tpmvsc_number_option;
typedef enum tpmvsc_bytes_option TPMVSC_AN_INT {
    TPMVSC_PIN = 1,          /* must be set */
    TPMVSC_PUK = 2,          /* not set: the card has none */
    TPMVSC_ADMIN_KEY = 3,    /* the key's bytes. Not set: made at random, and told to the keeper */
    TPMVSC_ADMIN_MASTER = 4, /* the admin key is derived from it */
    TPMVSC_AUTHORITY = 5,    /* public key (SubjectPublicKeyInfo, DER) whose owner may reset the PIN */
    TPMVSC_OWNER_AUTH = 6    /* password of the TPM's owner, where one is set */
} tpmvsc_bytes_option;

tpmvsc_status tpmvsc_options_new(tpmvsc_options **made);
void tpmvsc_options_free(tpmvsc_options *options); /* wipes what is secret */
tpmvsc_status tpmvsc_options_set_text(tpmvsc_options *options, tpmvsc_text_option key, const char *text);
tpmvsc_status tpmvsc_options_set_number(tpmvsc_options *options, tpmvsc_number_option key, unsigned long number);
/* Copies the bytes; wiping its own is the caller's business. */
tpmvsc_status tpmvsc_options_set_bytes(tpmvsc_options *options, tpmvsc_bytes_option key, const void *bytes,
                                       size_t size);

/* Is told the card and its admin key before the card is there, so that the key can be kept. Anything but 0 ends the
 * making; the card is then not made. The key is wiped afterwards. */
typedef int (*tpmvsc_keeper)(void *user, const tpmvsc_card *card, const void *admin_key, size_t size);
tpmvsc_status tpmvsc_options_set_keeper(tpmvsc_options *options, tpmvsc_keeper keeper, void *user);

/* Makes a card, as root. Gives it in `made`, to be freed, unless that is null. Does not wait until programs see it
 * (TPMVSC_CARD_INSERTED of tpmvsc_list_cards tells). */
tpmvsc_status tpmvsc_create(tpmvsc_handle *handle, const tpmvsc_options *options, tpmvsc_card **made);
void tpmvsc_card_free(tpmvsc_card *card);

/* ---- Destroying --------------------------------------------------------------------------------------- */

/* Removes a card and its keys for good, as root. `card`: name, serial number, id or slot. `nothing_left`, unless
 * null: 1 when the TPM was read back and has none of its indices any more, and its folder is gone. What remains is
 * told as warnings. */
tpmvsc_status tpmvsc_destroy(tpmvsc_handle *handle, const char *card, const void *owner_auth, size_t size,
                             int *nothing_left);

/* ---- A new PIN without the old one, through PC/SC, as any user ---------------------------------------- */

typedef enum tpmvsc_party TPMVSC_AN_INT { TPMVSC_BY_ADMIN_KEY = 1, TPMVSC_BY_AUTHORITY = 2 } tpmvsc_party;

/* `card` as above; empty: the only one. */
tpmvsc_status tpmvsc_reset_pin_by_puk(tpmvsc_handle *handle, const char *card, const void *puk, size_t puk_size,
                                      const void *new_pin, size_t pin_size);
/* Gets a challenge for the card's administrator or authority (tpmvsc-admin respond), a text that people can read
 * out; TPMVSC_USAGE where `text` has no room (64 bytes are enough). Asked again within ten minutes the card's authority is
 * given the same one, so that who only asks cannot end what somebody is about to answer; the administrator's is a new
 * one each time, and the one before is no longer good. */
tpmvsc_status tpmvsc_challenge(tpmvsc_handle *handle, const char *card, tpmvsc_party party, char *text, size_t size);
/* Sets the PIN by the answer to the last challenge, a text. */
tpmvsc_status tpmvsc_reset_pin_by_answer(tpmvsc_handle *handle, const char *card, const void *answer, size_t answer_size,
                                         const void *new_pin, size_t pin_size);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
