/* SPDX-License-Identifier: Apache-2.0 */
/* Everything wrong that a program can pass: each call answers, and nothing is printed. */
#include <tpmvsc.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong = 0;

static void expect(int line, int expected, int found)
{
    if (expected != found) {
        printf("line %d: %d instead of %d\n", line, found, expected);
        wrong = 1;
    }
}
#define EXPECT(expected, call) expect(__LINE__, (int)(expected), (int)(call))

static int refuse(void *user, const tpmvsc_card *card, const void *key, size_t size)
{
    unsigned *called = user;
    *called = tpmvsc_card_text(card, TPMVSC_CARD_NAME) != NULL && key != NULL && size == 24;
    return 1;
}

static void nulls(void)
{
    unsigned long number;
    EXPECT(TPMVSC_USAGE, tpmvsc_open(NULL, NULL));
    tpmvsc_close(NULL);
    tpmvsc_listen(NULL, NULL, NULL);
    EXPECT(1, tpmvsc_message(NULL) == NULL);
    EXPECT(1, tpmvsc_card_text(NULL, TPMVSC_CARD_NAME) == NULL);
    EXPECT(0, tpmvsc_card_number(NULL, TPMVSC_CARD_SLOT, &number));
    EXPECT(TPMVSC_USAGE, tpmvsc_list_cards(NULL, NULL));
    EXPECT(0, tpmvsc_list_size(NULL));
    EXPECT(1, tpmvsc_list_card(NULL, 0) == NULL);
    tpmvsc_list_free(NULL);
    tpmvsc_card_free(NULL);
    tpmvsc_options_free(NULL);
    EXPECT(TPMVSC_USAGE, tpmvsc_options_new(NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_text(NULL, TPMVSC_NAME, "x"));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_number(NULL, TPMVSC_BLANK, 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_bytes(NULL, TPMVSC_PIN, "1", 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_keeper(NULL, NULL, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(NULL, NULL, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_destroy(NULL, NULL, NULL, 0, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_reset_pin_by_puk(NULL, NULL, NULL, 0, NULL, 0));
    EXPECT(TPMVSC_USAGE, tpmvsc_challenge(NULL, NULL, TPMVSC_BY_AUTHORITY, NULL, 0));
    EXPECT(TPMVSC_USAGE, tpmvsc_reset_pin_by_answer(NULL, NULL, NULL, 0, NULL, 0));
}

static void options_that_cannot_be(tpmvsc_handle *handle, char *endless)
{
    tpmvsc_options *options = NULL;
    unsigned called = 0;
    EXPECT(TPMVSC_DONE, tpmvsc_options_new(&options));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(handle, NULL, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(handle, options, NULL)); /* no name */
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_text(options, TPMVSC_NAME, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_text(options, TPMVSC_NAME, endless));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_text(options, (tpmvsc_text_option)99, "x"));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_text(options, TPMVSC_PROFILE, "openpgp"));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_number(options, (tpmvsc_number_option)-1, 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_number(options, TPMVSC_PIN_TRIES, (unsigned long)-1));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_bytes(options, TPMVSC_PIN, NULL, 6));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_bytes(options, TPMVSC_PIN, "1", SIZE_MAX));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_bytes(options, (tpmvsc_bytes_option)0, "1", 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_bytes(options, TPMVSC_AUTHORITY, "no key", 6));
    EXPECT(TPMVSC_USAGE, tpmvsc_options_set_bytes(options, TPMVSC_ADMIN_MASTER, "short", 5));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_text(options, TPMVSC_NAME, "x\ny"));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_bytes(options, TPMVSC_PIN, "123456", 6));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_bytes(options, TPMVSC_PUK, "12345678", 8));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_keeper(options, refuse, &called));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(handle, options, NULL)); /* no name is like that */
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_text(options, TPMVSC_NAME, "never"));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_number(options, TPMVSC_PIN_TRIES, 16));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(handle, options, NULL));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_number(options, TPMVSC_PIN_TRIES, 3));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_number(options, TPMVSC_UNMANAGED, 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(handle, options, NULL));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_number(options, TPMVSC_UNMANAGED, 0));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_bytes(options, TPMVSC_PIN, "1", 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_create(handle, options, NULL));
    EXPECT(TPMVSC_DONE, tpmvsc_options_set_bytes(options, TPMVSC_PIN, "123456", 6));
    EXPECT(TPMVSC_FAILED, tpmvsc_create(handle, options, NULL)); /* the keeper refuses */
    EXPECT(1, called);
    tpmvsc_options_free(options);
}

int main(void)
{
    static char endless[1 << 16];
    char text[64];
    tpmvsc_handle *handle = NULL;
    tpmvsc_list *list = NULL;
    memset(endless, 'x', sizeof endless - 1);
    nulls();
    EXPECT(TPMVSC_USAGE, tpmvsc_open(endless, &handle));
    EXPECT(TPMVSC_USAGE, tpmvsc_list_cards(handle, &list));
    EXPECT(1, strlen(tpmvsc_message(handle)) > 0);
    tpmvsc_close(handle);
    EXPECT(TPMVSC_DONE, tpmvsc_open(NULL, &handle));
    EXPECT(TPMVSC_USAGE, tpmvsc_list_cards(handle, NULL));
    options_that_cannot_be(handle, endless);
    EXPECT(TPMVSC_FAILED, tpmvsc_destroy(handle, "nobody", NULL, 0, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_destroy(handle, NULL, NULL, 0, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_destroy(handle, "nobody", NULL, 1, NULL));
    EXPECT(TPMVSC_USAGE, tpmvsc_reset_pin_by_puk(handle, "x", NULL, 8, "1", 1));
    EXPECT(TPMVSC_USAGE, tpmvsc_challenge(handle, "x", TPMVSC_BY_AUTHORITY, text, 0));
    EXPECT(TPMVSC_USAGE, tpmvsc_challenge(handle, "x", (tpmvsc_party)7, text, sizeof text));
    EXPECT(TPMVSC_USAGE, tpmvsc_reset_pin_by_answer(handle, NULL, "x", 1, "1", 1));
    EXPECT(TPMVSC_DONE, tpmvsc_list_cards(handle, &list));
    EXPECT(0, tpmvsc_list_size(list));
    EXPECT(1, tpmvsc_list_card(list, 0) == NULL);
    tpmvsc_list_free(list);
    tpmvsc_close(handle);
    return wrong;
}
