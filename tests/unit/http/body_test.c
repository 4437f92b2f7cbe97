/* SPDX-License-Identifier: Apache-2.0 */
/* Inflating (http/body.c): what comes out, damage, and bombs. */
#include "http/body.h"

#include "support/check.h"

static struct libdeflate_decompressor *inflater;

static void put_gzip(struct buf *out, struct str plain)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t room = libdeflate_gzip_compress_bound(c, plain.n);
    out->n += libdeflate_gzip_compress(c, plain.p, plain.n, buf_reserve(out, room), room);
    libdeflate_free_compressor(c);
}

static void gives_back(void **state)
{
    (void)state;
    struct buf packed = {0}, plain = {0}, out = {0};
    for (size_t n = 0; n < 300000; n = n * 3 + 1) {
        buf_clear(&packed);
        buf_clear(&out);
        while (plain.n < n) buf_put_u64(&plain, plain.n * 2654435761U);
        put_gzip(&packed, str_head(buf_str(&plain), n));
        assert_int_equal(body_inflate(inflater, buf_str(&packed), 1 << 20, &out), 0);
        assert_true(str_eq(buf_str(&out), str_head(buf_str(&plain), n)));
        buf_clear(&out);
        if (n) assert_int_equal(body_inflate(inflater, buf_str(&packed), n - 1, &out), 413);
        buf_clear(&out);
        assert_int_equal(body_inflate(inflater, buf_str(&packed), n, &out), 0);
    }
    buf_fini(&packed);
    buf_fini(&plain);
    buf_fini(&out);
}

static void joins_members(void **state)
{
    (void)state;
    struct buf packed = {0}, out = {0};
    put_gzip(&packed, S("one "));
    put_gzip(&packed, S(""));
    put_gzip(&packed, S("and a longer second one"));
    assert_int_equal(body_inflate(inflater, buf_str(&packed), 100, &out), 0);
    check_str(buf_str(&out), "one and a longer second one");
    buf_clear(&out);
    assert_int_equal(body_inflate(inflater, buf_str(&packed), 10, &out), 413);
    buf_fini(&packed);
    buf_fini(&out);
}

static void refuses_damage(void **state)
{
    (void)state;
    struct buf packed = {0}, out = {0};
    put_gzip(&packed, S("{\"type\":\"track\",\"event\":\"Order Completed\"}"));
    for (size_t n = 0; n < packed.n; n++) { /* cut off */
        buf_clear(&out);
        assert_int_equal(body_inflate(inflater, str_head(buf_str(&packed), n), 1000, &out), 400);
    }
    for (size_t i = packed.n - 8; i < packed.n; i++) { /* checksum and length */
        packed.p[i] ^= 1;
        buf_clear(&out);
        assert_int_not_equal(body_inflate(inflater, buf_str(&packed), 1000, &out), 0);
        packed.p[i] ^= 1;
    }
    buf_put(&packed, S("trailing rubbish, and enough of it"));
    buf_clear(&out);
    assert_int_equal(body_inflate(inflater, buf_str(&packed), 1000, &out), 400);
    buf_clear(&out);
    assert_int_equal(body_inflate(inflater, S("{\"a\":\"not gzip at all\"}"), 1000, &out), 400);
    buf_fini(&packed);
    buf_fini(&out);
}

/* A bomb takes the limit's memory, not its own, whatever its trailer claims. */
static void bounds_bombs(void **state)
{
    (void)state;
    enum { LIMIT = 100000 };
    struct buf zeros = {0}, packed = {0}, out = {0};
    memset(buf_reserve(&zeros, 64 << 20), 0, 64 << 20);
    put_gzip(&packed, str_of(zeros.p, 64 << 20));
    buf_fini(&zeros);
    for (int lie = 0; lie < 2; lie++) {
        buf_fini(&out);
        assert_int_equal(body_inflate(inflater, buf_str(&packed), LIMIT, &out), 413);
        assert_true(out.capacity <= 2 * LIMIT);
        memset(packed.p + packed.n - 4, 0, 4); /* now it claims to be empty */
    }
    buf_fini(&packed);
    buf_fini(&out);
}

static void survives_noise(void **state)
{
    (void)state;
    struct buf packed = {0}, out = {0};
    uint64_t random = 20261121; /* fixed: a failure can be run again */
    put_gzip(&packed, S("some text, some text, some more text, and so on and on and on"));
    for (int i = 0; i < 2000; i++) {
        size_t at = (size_t)(check_random(&random) % packed.n);
        char was = packed.p[at];
        packed.p[at] = (char)check_random(&random);
        buf_clear(&out);
        int status = body_inflate(inflater, buf_str(&packed), 4096, &out);
        assert_true(out.n <= 4096 && (!status || status == 400 || status == 413));
        packed.p[at] = was;
    }
    buf_fini(&packed);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back),     cmocka_unit_test(joins_members),
        cmocka_unit_test(refuses_damage), cmocka_unit_test(bounds_bombs),
        cmocka_unit_test(survives_noise),
    };
    inflater = libdeflate_alloc_decompressor();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    libdeflate_free_decompressor(inflater);
    return failed;
}
