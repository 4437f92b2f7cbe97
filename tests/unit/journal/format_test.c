/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes on disk, exactly as docs/journal-format.md has them: these must be readable for ever. */
#include "support/cmocka.h"

#include "base/str.h"
#include "journal/format.c"

/* A segment that begins with event 258. */
static const unsigned char old_segment[40] = {
    'p',  'i',  'x',  'e',  'l', 'd', 'J', '\n', /* magic */
    1,    0,    0,    0,                         /* version */
    0xd4, 0xc3, 0xb2, 0xa1,                      /* mark */
    2,    1,    0,    0,    0,   0,   0,   0,    /* first event */
    0x15, 0xcd, 0x5b, 0x07, 0,   0,   0,   0,    /* time of the event before it */
    0,    0,    0,    0,                         /* zero */
    0x48, 0xae, 0x8b, 0xdb,                      /* checksum */
};

/* A chunk of two events in a segment of mark 77. */
static const unsigned char old_chunk[38] = {
    77,   0,    0,    0,                    /* mark */
    0xac, 0xb9, 0xf3, 0x41,                 /* checksum */
    6,    0,    0,    0,                    /* payload bytes */
    2,    0,    0,    0,                    /* events */
    2,    1,    0,    0,    0,   0,   0, 0, /* first event */
    1,    0,    0,    0,    0,   0,   0, 0, /* commit time */
    'o',  'n',  'e',  't',  'w', 'o',       /* payload */
};

static void old_heads_are_read(void **state)
{
    (void)state;
    struct segment_head head;
    unsigned char bytes[sizeof old_segment];
    memcpy(bytes, old_segment, sizeof bytes);
    memcpy(&head, bytes, sizeof head);
    assert_true(format_segment_ok(&head, 258));
    assert_false(format_segment_ok(&head, 259));
    assert_int_equal(head.mark, 0xa1b2c3d4);
    assert_int_equal(head.previous_ms, 123456789);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        memcpy(&head, bytes, sizeof head);
        assert_false(format_segment_ok(&head, 258));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

static void old_chunks_are_read(void **state)
{
    (void)state;
    struct chunk_head head;
    unsigned char bytes[sizeof old_chunk];
    memcpy(bytes, old_chunk, sizeof bytes);
    memcpy(&head, bytes, sizeof head);
    assert_true(format_chunk_plausible(&head, 77));
    assert_true(format_chunk_ok(&head, (const char *)bytes + sizeof head));
    assert_true(head.first_seq == 258 && head.count == 2 && head.commit_ms == 1);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        memcpy(&head, bytes, sizeof head);
        bool fits = format_chunk_plausible(&head, 77) && head.payload_bytes <= 6;
        assert_false(fits && format_chunk_ok(&head, (const char *)bytes + sizeof head));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

static void sealing_gives_the_same(void **state)
{
    (void)state;
    struct segment_head head = {.mark = 0xa1b2c3d4, .first_seq = 258, .previous_ms = 123456789};
    format_seal_segment(&head);
    assert_memory_equal(&head, old_segment, sizeof head);
    assert_true(format_segment_ok(&head, 258));
    head.mark = 0;
    format_seal_segment(&head);
    assert_false(format_segment_ok(&head, 258));
}

static struct chunk_head sealed(struct str a, struct str b, struct str c)
{
    struct iovec pieces[] = {{(void *)a.p, a.n}, {(void *)b.p, b.n}, {(void *)c.p, c.n}};
    struct chunk_head head = {.mark = 77,
                              .payload_bytes = (uint32_t)(a.n + b.n + c.n),
                              .count = 2,
                              .first_seq = 258,
                              .commit_ms = 1};
    format_seal_chunk(&head, pieces, 3);
    return head;
}

static void pieces_do_not_matter(void **state)
{
    (void)state;
    struct chunk_head a = sealed(S("one"), S(""), S("two"));
    struct chunk_head b = sealed(S("o"), S("netw"), S("o"));
    assert_int_equal(a.crc, b.crc);
    assert_memory_equal(&a, old_chunk, sizeof a);
    assert_true(format_chunk_ok(&a, "onetwo"));
    assert_false(format_chunk_ok(&a, "onetwp"));
    uint32_t by_hand = crc32c_portable(77, (const char *)&a + 8, 24);
    assert_int_equal(a.crc, crc32c_portable(by_hand, "onetwo", 6));
    a.mark++;
    assert_false(format_chunk_ok(&a, "onetwo"));
}

static void implausible_heads_are_refused(void **state)
{
    (void)state;
    const struct chunk_head good = sealed(S("one"), S(""), S("two"));
    struct chunk_head h = good;
    assert_true(format_chunk_plausible(&h, 77));
    assert_false(format_chunk_plausible(&h, 78));
    h.count = 0;
    assert_false(format_chunk_plausible(&h, 77));
    h.count = 7;
    assert_false(format_chunk_plausible(&h, 77));
    h = good;
    h.payload_bytes = 0;
    assert_false(format_chunk_plausible(&h, 77));
    h.payload_bytes = FORMAT_PAYLOAD_MAX + 1;
    assert_false(format_chunk_plausible(&h, 77));
    h = good;
    h.first_seq = UINT64_MAX - 1;
    assert_false(format_chunk_plausible(&h, 77));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_heads_are_read),
        cmocka_unit_test(old_chunks_are_read),
        cmocka_unit_test(sealing_gives_the_same),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(implausible_heads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
