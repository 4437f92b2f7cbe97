/* SPDX-License-Identifier: Apache-2.0 */
/* base/sha256.c and base/crc32c.c against published values. */
#include "base/crc32c.h"
#include "base/sha256.h"
#include "sys/thread.h"

#include "support/check.h"

#include <openssl/evp.h>

static void check_sha(const char *text, const char *want)
{
    struct buf out = {0};
    sha256_put_hex(&out, str_z(text));
    check_str(buf_str(&out), want);
    buf_fini(&out);
}

static void sha256_matches_fips(void **state)
{
    (void)state;
    check_sha("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_sha("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    /* The e-mail that Meta's documents use as their example. */
    check_sha("john_smith@gmail.com",
              "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
}

/* Around the ends of blocks, where the short way begins and ends. */
static void sha256_of_every_length(void **state)
{
    char text[200];
    unsigned char got[SHA256_BYTES], want[EVP_MAX_MD_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(i * 7);
    for (size_t n = 0; n <= sizeof text; n++) {
        assert_true(EVP_Digest(text, n, want, NULL, EVP_sha256(), NULL));
        sha256(str_of(text, n), got);
        assert_memory_equal(got, want, sizeof got);
    }
}

static void hex_of_every_byte_and_length(void **state)
{
    unsigned char bytes[300];
    char want[2 * sizeof bytes + 1];
    struct buf out = {0};
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)i;
        (void)snprintf(want + 2 * i, 3, "%02x", bytes[i]);
    }
    for (size_t n = 0; n <= sizeof bytes; n++) {
        buf_clear(&out);
        buf_put_hex(&out, bytes, n);
        assert_true(str_eq(buf_str(&out), str_of(want, 2 * n)));
    }
    buf_fini(&out);
}

static void hash_in_thread(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 200; i++) {
        check_sha("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}

static void sha256_works_in_every_thread(void **state)
{
    struct thread threads[4] = {0};
    (void)state;
    for (int i = 0; i < 4; i++) thread_start(&threads[i], "hash", hash_in_thread, NULL);
    for (int i = 0; i < 4; i++) thread_join(&threads[i]);
}

static void hmac_matches_rfc4231(void **state)
{
    struct buf out = {0};
    (void)state;
    hmac_sha256_put_hex(&out, S("Jefe"), S("what do ya want for nothing?"));
    check_str(buf_str(&out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    buf_fini(&out);
}

static void recognises_hashes(void **state)
{
    (void)state;
    assert_true(
        sha256_is_hex(S("BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
    assert_false(
        sha256_is_hex(S("g a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a")));
    assert_false(sha256_is_hex(S("abc")));
}

static void crc32c_matches_rfc3720(void **state)
{
    unsigned char zeros[32] = {0};
    char text[4096];
    uint64_t seed = 5;
    (void)state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283U);
    assert_int_equal(crc32c(0, zeros, 32), 0x8A9136AAU);
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)check_random(&seed);
    for (size_t n = 0; n < sizeof text; n += 37) {
        uint32_t whole = crc32c(0, text, n);
        assert_int_equal(whole, crc32c_portable(0, text, n));
        assert_int_equal(whole, crc32c(crc32c(0, text, n / 3), text + n / 3, n - n / 3));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_matches_fips),
        cmocka_unit_test(sha256_of_every_length),
        cmocka_unit_test(hex_of_every_byte_and_length),
        cmocka_unit_test(sha256_works_in_every_thread),
        cmocka_unit_test(hmac_matches_rfc4231),
        cmocka_unit_test(recognises_hashes),
        cmocka_unit_test(crc32c_matches_rfc3720),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
