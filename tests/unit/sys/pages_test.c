/* SPDX-License-Identifier: Apache-2.0 */
/* sys/pages.c: what is reserved costs nothing until it is written, and no more than that. */
#include "sys/pages.h"

#include "support/cmocka.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, MANY = 64 };

/* Resident memory of this process. */
static size_t resident(void)
{
    unsigned long size, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &size, &pages), 2);
    (void)fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void only_what_is_written_costs(void **state)
{
    char *p[MANY];
    size_t before = resident();
    (void)state;
    for (int i = 0; i < MANY; i++) {
        p[i] = pages_new(MIB);
        p[i][0] = p[i][MIB - 1] = 'x';
        assert_int_equal(p[i][1], 0);
    }
    assert_true(resident() - before < 4 * MIB);
    for (int i = 0; i < MANY; i++) pages_free(p[i], MIB);
}

static void what_is_freed_goes_back(void **state)
{
    size_t before = resident();
    char *p = pages_new((size_t)MANY * MIB);
    (void)state;
    memset(p, 'x', (size_t)MANY * MIB);
    assert_true(resident() - before >= (size_t)MANY * MIB);
    pages_free(p, (size_t)MANY * MIB);
    assert_true(resident() < before + 4 * MIB);
    pages_free(NULL, 0);
}

static void pages_are_whole(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)state;
    assert_int_equal(pages_used(0), 0);
    assert_int_equal(pages_used(1), page);
    assert_int_equal(pages_used(page), page);
    assert_int_equal(pages_used(page + 1), 2 * page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_written_costs),
        cmocka_unit_test(what_is_freed_goes_back),
        cmocka_unit_test(pages_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
