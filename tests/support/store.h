/* SPDX-License-Identifier: Apache-2.0 */
/* A state store in a directory of its own, for one test: the set-up of tests of the store's. */
#ifndef SUPPORT_STORE_H
#define SUPPORT_STORE_H

#include "support/cmocka.h"

#include "core/event.h"
#include "store/store.h"
#include "support/dir.h"

enum { STORE_MAP_BYTES = 256 << 20 };

static struct test_dir dir;
static struct arena arena; /* of what the test reads */
static struct store *s;
static struct err err;

/* store_reopen closes the store, if it is open, and opens it as the next start would. */
static inline void store_reopen(void)
{
    store_close(s);
    s = store_open(dir.path, STORE_MAP_BYTES, &err);
    if (!s) print_error("%s\n", err.text);
    assert_non_null(s);
}

static inline int store_setup(void **state)
{
    (void)state;
    test_dir_make(&dir);
    s = NULL;
    err = (struct err){0};
    store_reopen();
    return 0;
}

static inline int store_teardown(void **state)
{
    (void)state;
    store_close(s);
    arena_fini(&arena);
    test_dir_remove(&dir);
    return 0;
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, store_setup, store_teardown)

/* store_record makes a record in the arena: an event of a source with so many bytes. */
static inline struct str store_record(struct str source, size_t bytes)
{
    struct buf record = {0}, json = {0};
    while (json.n < bytes) buf_putc(&json, 'x');
    event_encode(&record, &(struct event){.source = source, .json = buf_str(&json)});
    struct str kept = arena_str(&arena, buf_str(&record));
    buf_fini(&record);
    buf_fini(&json);
    return kept;
}

/* store_die adds one dead letter; its texts and record may be empty. */
static inline void store_die(struct str destination, enum reason reason, struct dead_letter letter)
{
    struct settlement one = {.destination = destination,
                             .cursor = &(struct cursor){0},
                             .dead = &letter,
                             .dead_count = 1};
    outcome_set(&letter.outcome, reason, "path", "message");
    assert_true(store_settle(s, &one, 1, &err));
}

#endif
