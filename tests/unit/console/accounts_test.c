/* SPDX-License-Identifier: Apache-2.0 */
/* People, sessions, tokens, and how often one may guess (console/accounts.c, password.c, lockout.c). */
#include "console/accounts.h"
#include "console/lockout.h"
#include "console/password.h"
#include "sys/clock.h"
#include "sys/file.h"

#include "support/check.h"
#include "support/dir.h"

#define RIGHT S("correct horse")
#define NOW 1700000000000

static struct test_dir dir;
static char path[300];

static int set_up(void **state)
{
    (void)state;
    test_dir_make(&dir);
    (void)snprintf(path, sizeof path, "%s/accounts.json", dir.path);
    clock_freeze(NOW);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clock_thaw();
    test_dir_remove(&dir);
    return 0;
}

static struct accounts *with_admin(void)
{
    struct err err;
    struct accounts *a = accounts_open(path, &err);
    assert_non_null(a);
    assert_true(accounts_put_user(a, S("ann"), RIGHT, ROLE_ADMIN, &err));
    return a;
}

static struct accounts *reopened(struct accounts *a)
{
    struct err err;
    accounts_free(a);
    a = accounts_open(path, &err);
    assert_non_null(a);
    return a;
}

static void test_password(void **state)
{
    struct password one, two;
    (void)state;
    password_make(&one, RIGHT);
    password_make(&two, RIGHT);
    assert_memory_not_equal(one.hash, two.hash, sizeof one.hash); /* a salt each */
    assert_true(password_is(&one, RIGHT));
    assert_false(password_is(&one, S("correct horse ")));
    assert_false(password_is(&one, S("")));
}

static void test_login(void **state)
{
    char secret[SECRET_HEX + 1];
    struct person who;
    (void)state;
    struct accounts *a = with_admin();
    assert_int_equal(accounts_login(a, S("ann"), S("wrong"), S("::1"), secret), LOGIN_WRONG);
    assert_int_equal(accounts_login(a, S("bob"), RIGHT, S("::1"), secret), LOGIN_WRONG);
    assert_int_equal(accounts_login(a, S("ann"), RIGHT, S("::1"), secret), LOGIN_OK);
    a = reopened(a); /* a restart does not sign anybody out */
    assert_true(accounts_person(a, str_z(secret), &who));
    assert_string_equal(who.name, "ann");
    assert_int_equal(who.role, ROLE_ADMIN);
    assert_false(accounts_person(a, S("0000"), &who));
    clock_freeze(NOW + LIMIT_SESSION_MS);
    assert_false(accounts_person(a, str_z(secret), &who));
    clock_freeze(NOW);
    accounts_logout(a, str_z(secret));
    a = reopened(a);
    assert_false(accounts_person(a, str_z(secret), &who));
    accounts_free(a);
}

static void test_file_has_no_secrets(void **state)
{
    char secret[SECRET_HEX + 1], token[SECRET_HEX + 1];
    struct buf text = {0};
    struct err err;
    (void)state;
    struct accounts *a = with_admin();
    assert_int_equal(accounts_login(a, S("ann"), RIGHT, S("::1"), secret), LOGIN_OK);
    assert_true(accounts_add_token(a, S("ci"), ROLE_VIEWER, token, &err));
    assert_true(file_read_all(path, 1 << 20, &text, &err));
    assert_int_equal(str_find(buf_str(&text), RIGHT, 0), SIZE_MAX);
    assert_int_equal(str_find(buf_str(&text), str_z(secret), 0), SIZE_MAX);
    assert_int_equal(str_find(buf_str(&text), str_z(token), 0), SIZE_MAX);
    buf_fini(&text);
    accounts_free(a);
}

static void test_roles(void **state)
{
    struct err err;
    char secret[SECRET_HEX + 1];
    struct person who;
    (void)state;
    struct accounts *a = accounts_open(path, &err);
    assert_true(accounts_none(a));
    assert_false(accounts_put_user(a, S("v"), RIGHT, ROLE_VIEWER, &err)); /* first: an admin */
    assert_false(accounts_put_user(a, S("v"), S("short"), ROLE_ADMIN, &err));
    assert_false(accounts_put_user(a, S(""), RIGHT, ROLE_ADMIN, &err));
    assert_true(accounts_none(a));
    assert_true(accounts_put_user(a, S("ann"), RIGHT, ROLE_ADMIN, &err));
    assert_false(accounts_put_user(a, S("ann"), str_of(NULL, 0), ROLE_EDITOR, &err));
    assert_false(accounts_remove_user(a, S("ann"), &err));
    assert_true(accounts_put_user(a, S("bob"), RIGHT, ROLE_ADMIN, &err));
    assert_int_equal(accounts_login(a, S("ann"), RIGHT, S("::1"), secret), LOGIN_OK);
    /* With another admin there, she may be made a viewer; her session ends. */
    assert_true(accounts_put_user(a, S("ann"), str_of(NULL, 0), ROLE_VIEWER, &err));
    assert_false(accounts_person(a, str_z(secret), &who));
    assert_int_equal(accounts_login(a, S("ann"), RIGHT, S("::1"), secret), LOGIN_OK);
    assert_true(accounts_person(a, str_z(secret), &who));
    assert_int_equal(who.role, ROLE_VIEWER);
    assert_true(accounts_remove_user(a, S("ann"), &err));
    assert_false(accounts_person(a, str_z(secret), &who));
    assert_false(accounts_put_user(a, S("eve"), RIGHT, ROLE_ANYONE, &err));
    accounts_free(a);
}

static void test_tokens(void **state)
{
    struct err err;
    char secret[SECRET_HEX + 1];
    struct person who;
    (void)state;
    struct accounts *a = with_admin();
    assert_true(accounts_add_token(a, S("ci"), ROLE_EDITOR, secret, &err));
    assert_false(accounts_add_token(a, S("ci"), ROLE_EDITOR, secret, &err));
    a = reopened(a);
    assert_true(accounts_person(a, str_z(secret), &who));
    assert_int_equal(who.role, ROLE_EDITOR);
    assert_true(accounts_remove_token(a, S("ci"), &err));
    assert_false(accounts_remove_token(a, S("ci"), &err));
    assert_false(accounts_person(a, str_z(secret), &who));
    accounts_free(a);
}

static void test_bounds(void **state)
{
    struct err err;
    char secret[SECRET_HEX + 1], first[SECRET_HEX + 1];
    struct person who;
    (void)state;
    struct accounts *a = with_admin();
    for (size_t i = 0; i < LIMIT_API_TOKENS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "t%zu", i);
        assert_true(accounts_add_token(a, str_z(name), ROLE_VIEWER, i ? secret : first, &err));
    }
    assert_false(accounts_add_token(a, S("more"), ROLE_VIEWER, secret, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    a = reopened(a);
    assert_true(accounts_person(a, str_z(first), &who));
    accounts_free(a);
}

static void test_damage(void **state)
{
    static const char *const damaged[] = {
        "",
        "{",
        "[]",
        "{\"users\":[],\"tokens\":[]}",
        "{\"users\":[{\"name\":\"x\",\"role\":\"king\"}],\"tokens\":[],\"sessions\":[]}",
        "{\"users\":[{\"name\":\"x\",\"role\":\"admin\",\"salt\":\"00\",\"scrypt\":\"zz\"}],"
        "\"tokens\":[],\"sessions\":[]}",
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < countof(damaged); i++) {
        assert_true(file_replace(path, str_z(damaged[i]), 0600, &err));
        assert_null(accounts_open(path, &err)); /* never "nobody yet": that would let anybody in */
    }
}

static void test_lockout(void **state)
{
    struct lockout l = {0};
    (void)state;
    for (int i = 0; i < LIMIT_LOGIN_FAILURES; i++) {
        assert_true(lockout_may_try(&l, S("1.2.3.4"), NOW));
        lockout_note_failure(&l, S("1.2.3.4"), NOW);
    }
    assert_false(lockout_may_try(&l, S("1.2.3.4"), NOW + LIMIT_LOGIN_REST_MS - 1));
    assert_true(lockout_may_try(&l, S("1.2.3.5"), NOW));
    assert_true(lockout_may_try(&l, S("1.2.3.4"), NOW + LIMIT_LOGIN_REST_MS));
    for (int i = 0; i < LIMIT_LOGIN_FAILURES_ALL; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "10.0.0.%d", i);
        lockout_note_failure(&l, str_z(address), NOW);
    }
    assert_false(lockout_may_try(&l, S("1.2.3.9"), NOW)); /* many addresses together */
    for (int i = 0; i < 3 * LIMIT_LOGIN_ADDRESSES; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "fe80::%d", i);
        lockout_note_failure(&l, str_z(address), NOW + i);
    }
    assert_int_equal(l.count, LIMIT_LOGIN_ADDRESSES);
}

static void test_login_locks_out(void **state)
{
    char secret[SECRET_HEX + 1];
    (void)state;
    struct accounts *a = with_admin();
    for (int i = 0; i < LIMIT_LOGIN_FAILURES; i++) {
        assert_int_equal(accounts_login(a, S("ann"), S("x"), S("::1"), secret), LOGIN_WRONG);
    }
    assert_int_equal(accounts_login(a, S("ann"), RIGHT, S("::1"), secret), LOGIN_TOO_MANY);
    clock_freeze(NOW + LIMIT_LOGIN_REST_MS);
    assert_int_equal(accounts_login(a, S("ann"), RIGHT, S("::1"), secret), LOGIN_OK);
    accounts_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_lockout),
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        T(test_login),
        T(test_file_has_no_secrets),
        T(test_roles),
        T(test_tokens),
        T(test_bounds),
        T(test_damage),
        T(test_login_locks_out),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
