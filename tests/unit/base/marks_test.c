/* SPDX-License-Identifier: Apache-2.0 */
/* Marks (base/marks.c, base/marks.h) against what they mean, byte by byte, and both forms against each other. */
#include "base/marks.h"

#include "base/mem.h"

#include "support/check.h"

enum { BYTES_MAX = 300 };

static bool has_mark(unsigned char c)
{
    return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

static bool bit(const uint64_t *marks, size_t i)
{
    return marks[i / 64] >> (i % 64) & 1;
}

/* The text has memory of its own, of just its size, and so have the marks: going beyond is found. */
static void check_marks(struct str text)
{
    size_t words = marks_words(text.n), bytes = words * sizeof(uint64_t), next = text.n;
    char *own = mem_new(text.n);
    uint64_t *marks = mem_new(bytes), *portable = mem_new(bytes);
    memcpy(own, text.p, text.n);
    marks_make(str_of(own, text.n), marks);
    marks_make_portable(str_of(own, text.n), portable);
    assert_memory_equal(marks, portable, bytes);
    for (size_t i = text.n; i < words * 64; i++) assert_true(bit(marks, i));
    assert_true(words * 64 >= text.n + 64);
    assert_int_equal(marks_next(marks, text.n), text.n);
    for (size_t i = text.n; i--;) {
        assert_int_equal(bit(marks, i), has_mark((unsigned char)own[i]));
        if (bit(marks, i)) next = i;
        assert_int_equal(marks_next(marks, i), next);
        struct marks_walk walk = marks_walk(own, marks, own + i);
        assert_ptr_equal(marks_take(&walk), own + next);
        if (next < text.n) assert_ptr_equal(marks_take(&walk), own + marks_next(marks, next + 1));
    }
    mem_free(own);
    mem_free(marks);
    mem_free(portable);
}

/* The same for ends; a text without backslashes, not empty. */
static void check_ends(struct str text)
{
    size_t words = marks_words(text.n), bytes = words * sizeof(uint64_t);
    char *own = mem_new(text.n);
    uint64_t *marks = mem_new(bytes), *portable = mem_new(bytes);
    bool inside = false;
    memcpy(own, text.p, text.n);
    marks_make_ends(str_of(own, text.n), marks);
    marks_make_ends_portable(str_of(own, text.n), portable);
    assert_memory_equal(marks, portable, bytes);
    for (size_t i = 0; i < text.n; i++) {
        bool quote = own[i] == '"', begins = quote && !inside;
        inside ^= quote;
        bool marked = i == text.n - 1 || (has_mark((unsigned char)own[i]) && !begins);
        assert_int_equal(bit(marks, i), marked);
    }
    for (size_t i = text.n; i < words * 64; i++) assert_true(bit(marks, i));
    mem_free(own);
    mem_free(marks);
    mem_free(portable);
}

static void ends_of_strings(void **state)
{
    static const char alphabet[] = "\"\"\"a{}:,1\n\x80";
    char text[BYTES_MAX];
    uint64_t seed = 9;
    (void)state;
    for (size_t n = 1; n <= sizeof text; n++) {
        for (size_t every = 1; every < 70; every += 11) {
            for (size_t i = 0; i < n; i++) {
                size_t which = check_random(&seed) % (sizeof alphabet - 1);
                text[i] = check_random(&seed) % every ? 'a' : alphabet[which];
            }
            check_ends(str_of(text, n));
        }
    }
}

static void marks_every_byte_everywhere(void **state)
{
    char text[130];
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        memset(text, 'a', sizeof text);
        for (size_t i = 0; i < sizeof text; i += 1 + c % 7) {
            text[i] = (char)c;
            check_marks(str_of(text, sizeof text));
            text[i] = 'a';
        }
    }
}

static void marks_every_length(void **state)
{
    char text[BYTES_MAX];
    uint64_t seed = 5;
    (void)state;
    for (size_t n = 0; n <= sizeof text; n++) {
        memset(text, 'a', sizeof text);
        check_marks(str_of(text, n));
        for (size_t i = 0; i < n; i++) text[i] = (char)check_random(&seed);
        check_marks(str_of(text, n));
        for (size_t i = 0; i < n; i++) text[i] = i % 60 == n % 60 ? '"' : 'a';
        check_marks(str_of(text, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_every_byte_everywhere),
        cmocka_unit_test(marks_every_length),
        cmocka_unit_test(ends_of_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
