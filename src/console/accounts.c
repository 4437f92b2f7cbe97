/* SPDX-License-Identifier: Apache-2.0 */
/* See accounts.h. */
#include "console/accounts.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "console/lockout.h"
#include "console/password.h"
#include "core/limits.h"
#include "core/log.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/random.h"

#include <assert.h>
#include <openssl/crypto.h>

enum { CODE_BYTES = 16, SECRET_BYTES = SECRET_HEX / 2 };

struct user {
    struct person who;
    struct password password;
};

struct token {
    struct person who;
    unsigned char digest[SHA256_BYTES];
};

struct session {
    char user[ACCOUNT_NAME_BYTES + 1];
    unsigned char digest[SHA256_BYTES];
    int64_t expires_ms;
};

struct accounts {
    char *path;
    char setup_code[2 * CODE_BYTES + 1];
    struct user users[LIMIT_USERS];
    struct token tokens[LIMIT_API_TOKENS];
    struct session sessions[LIMIT_SESSIONS]; /* oldest first */
    size_t user_count, token_count, session_count;
    struct lockout lockout;
};

static const struct {
    struct str name;
} roles[] = {
#define X(NAME, name, meaning) {S_INIT(name)},
    ROLES(X)
#undef X
};

struct str role_name(enum role role)
{
    assert(role < ROLE_COUNT);
    return roles[role].name;
}

enum role role_find(struct str name)
{
    enum role role = 0;
    while (role < ROLE_COUNT && !str_eq(roles[role].name, name)) role++;
    return role;
}

/* --- the file ------------------------------------------------------------------------------------- */

static void put_hex(struct buf *out, struct str key, const void *bytes, size_t n)
{
    json_key(out, key);
    buf_putc(out, '"');
    buf_put_hex(out, bytes, n);
    buf_putc(out, '"');
}

static void put_person(struct buf *out, const struct person *who)
{
    json_kv_str(out, S("name"), str_z(who->name));
    json_kv_str(out, S("role"), role_name(who->role));
}

static void put_file(const struct accounts *a, struct buf *out)
{
    buf_put(out, S("{\"users\":["));
    for (size_t i = 0; i < a->user_count; i++) {
        const struct user *u = &a->users[i];
        buf_put(out, i ? S(",{") : S("{"));
        put_person(out, &u->who);
        put_hex(out, S("salt"), u->password.salt, sizeof u->password.salt);
        put_hex(out, S("scrypt"), u->password.hash, sizeof u->password.hash);
        buf_putc(out, '}');
    }
    buf_put(out, S("],\"tokens\":["));
    for (size_t i = 0; i < a->token_count; i++) {
        buf_put(out, i ? S(",{") : S("{"));
        put_person(out, &a->tokens[i].who);
        put_hex(out, S("sha256"), a->tokens[i].digest, SHA256_BYTES);
        buf_putc(out, '}');
    }
    buf_put(out, S("],\"sessions\":["));
    for (size_t i = 0; i < a->session_count; i++) {
        buf_put(out, i ? S(",{") : S("{"));
        json_kv_str(out, S("user"), str_z(a->sessions[i].user));
        put_hex(out, S("sha256"), a->sessions[i].digest, SHA256_BYTES);
        json_kv_i64(out, S("expires_ms"), a->sessions[i].expires_ms);
        buf_putc(out, '}');
    }
    buf_put(out, S("]}\n"));
}

static bool save(const struct accounts *a, struct err *err)
{
    struct buf text = {0};
    put_file(a, &text);
    bool ok = file_replace(a->path, buf_str(&text), 0600, err);
    buf_fini(&text);
    return ok || err_wrap(err, "accounts");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_hex(yyjson_val *item, const char *key, unsigned char *out, size_t n)
{
    struct str text = json_str(json_get(item, key));
    if (text.n != 2 * n) return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool copy_name(char out[ACCOUNT_NAME_BYTES + 1], struct str name)
{
    if (!name.n || name.n > ACCOUNT_NAME_BYTES || memchr(name.p, '\0', name.n)) return false;
    memcpy(out, name.p, name.n);
    out[name.n] = '\0';
    return true;
}

static bool get_person(yyjson_val *item, struct person *who)
{
    who->role = role_find(json_str(json_get(item, "role")));
    return who->role < ROLE_COUNT && copy_name(who->name, json_str(json_get(item, "name")));
}

static bool get_user(struct accounts *a, yyjson_val *item)
{
    if (a->user_count == LIMIT_USERS) return false;
    struct user *u = &a->users[a->user_count++];
    return get_person(item, &u->who) &&
           get_hex(item, "salt", u->password.salt, sizeof u->password.salt) &&
           get_hex(item, "scrypt", u->password.hash, sizeof u->password.hash);
}

static bool get_token(struct accounts *a, yyjson_val *item)
{
    if (a->token_count == LIMIT_API_TOKENS) return false;
    struct token *t = &a->tokens[a->token_count++];
    return get_person(item, &t->who) && get_hex(item, "sha256", t->digest, SHA256_BYTES);
}

static bool get_session(struct accounts *a, yyjson_val *item)
{
    if (a->session_count == LIMIT_SESSIONS) return false;
    struct session *s = &a->sessions[a->session_count++];
    return copy_name(s->user, json_str(json_get(item, "user"))) &&
           get_hex(item, "sha256", s->digest, SHA256_BYTES) &&
           str_to_i64(json_str(json_get(item, "expires_ms")), &s->expires_ms);
}

static bool get_list(struct accounts *a, yyjson_val *list,
                     bool (*get)(struct accounts *a, yyjson_val *item))
{
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach (list, index, count, item) {
        if (!get(a, item)) return false;
    }
    return yyjson_is_arr(list);
}

static bool read_file(struct accounts *a, struct str text, struct err *err)
{
    struct arena arena = {0};
    yyjson_val *root = json_read(&arena, text, err);
    bool ok = root && get_list(a, json_get(root, "users"), get_user) &&
              get_list(a, json_get(root, "tokens"), get_token) &&
              get_list(a, json_get(root, "sessions"), get_session);
    arena_fini(&arena);
    return ok || err_set(err, ERR_IO,
                         "%s is damaged; restore it, or remove it to set the first password anew",
                         a->path);
}

static void random_hex(char *out, size_t bytes)
{
    unsigned char raw[SECRET_BYTES];
    struct buf text = {0};
    assert(bytes <= sizeof raw);
    random_bytes(raw, bytes);
    buf_put_hex(&text, raw, bytes);
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    buf_fini(&text);
}

struct accounts *accounts_open(const char *path, struct err *err)
{
    struct buf text = {0};
    struct accounts *a = mem_new(sizeof *a);
    size_t n = strlen(path) + 1;
    a->path = mem_new(n);
    memcpy(a->path, path, n);
    random_hex(a->setup_code, CODE_BYTES);
    bool ok = !file_exists(path) || (file_read_all(path, LIMIT_ACCOUNTS_BYTES, &text, err) &&
                                     read_file(a, buf_str(&text), err));
    buf_fini(&text);
    if (ok) return a;
    accounts_free(a);
    return NULL;
}

void accounts_free(struct accounts *a)
{
    if (!a) return;
    mem_free(a->path);
    mem_free(a);
}

/* --- people --------------------------------------------------------------------------------------- */

bool accounts_none(const struct accounts *a)
{
    return a->user_count == 0;
}

struct str accounts_setup_code(const struct accounts *a)
{
    return str_z(a->setup_code);
}

static struct user *find_user(struct accounts *a, struct str name)
{
    for (size_t i = 0; i < a->user_count; i++) {
        if (str_eq(str_z(a->users[i].who.name), name)) return &a->users[i];
    }
    return NULL;
}

static void end_sessions(struct accounts *a, struct str user)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->session_count; i++) {
        if (str_eq(str_z(a->sessions[i].user), user)) continue;
        a->sessions[kept++] = a->sessions[i];
    }
    a->session_count = kept;
}

static bool is_last_admin(const struct accounts *a, const struct user *user)
{
    size_t admins = 0;
    for (size_t i = 0; i < a->user_count; i++) admins += a->users[i].who.role == ROLE_ADMIN;
    return user->who.role == ROLE_ADMIN && admins == 1;
}

static bool password_fits(struct str password, struct err *err)
{
    if (password.n >= PASSWORD_LEAST && password.n <= PASSWORD_MOST) return true;
    return err_set(err, ERR_INPUT, "a password has %d to %d bytes", PASSWORD_LEAST, PASSWORD_MOST);
}

static struct user *add_user(struct accounts *a, struct str name, struct err *err)
{
    if (a->user_count == LIMIT_USERS) {
        (void)err_set(err, ERR_LIMIT, "there may be %d people", LIMIT_USERS);
        return NULL;
    }
    struct user *u = &a->users[a->user_count];
    if (!copy_name(u->who.name, name)) {
        (void)err_set(err, ERR_INPUT, "a name has 1 to %d bytes", ACCOUNT_NAME_BYTES);
        return NULL;
    }
    a->user_count++;
    return u;
}

bool accounts_put_user(struct accounts *a, struct str name, struct str password, enum role role,
                       struct err *err)
{
    struct user *u = find_user(a, name);
    if (role == ROLE_ANYONE || role >= ROLE_COUNT) {
        return err_set(err, ERR_INPUT, "a role is viewer, editor or admin");
    }
    if (u && role != ROLE_ADMIN && is_last_admin(a, u)) {
        return err_set(err, ERR_INPUT, "the last admin must stay one");
    }
    if (!u && !a->user_count && role != ROLE_ADMIN) {
        return err_set(err, ERR_INPUT, "the first one must be an admin");
    }
    if ((!u || password.p) && !password_fits(password, err)) return false;
    if (!u) u = add_user(a, name, err);
    if (!u) return false;
    if (password.p) password_make(&u->password, password);
    u->who.role = role;
    end_sessions(a, name);
    return save(a, err);
}

bool accounts_remove_user(struct accounts *a, struct str name, struct err *err)
{
    struct user *u = find_user(a, name);
    if (!u) return err_set(err, ERR_INPUT, "there is nobody of that name");
    if (is_last_admin(a, u)) return err_set(err, ERR_INPUT, "the last admin must stay");
    *u = a->users[--a->user_count];
    end_sessions(a, name);
    return save(a, err);
}

/* --- sessions ------------------------------------------------------------------------------------- */

static void open_session(struct accounts *a, struct str user, char secret[SECRET_HEX + 1])
{
    struct err err;
    if (a->session_count == LIMIT_SESSIONS) {
        a->session_count--;
        memmove(a->sessions, a->sessions + 1, a->session_count * sizeof *a->sessions);
    }
    struct session *s = &a->sessions[a->session_count++];
    random_hex(secret, SECRET_BYTES);
    (void)copy_name(s->user, user);
    sha256(str_z(secret), s->digest);
    s->expires_ms = clock_now_ms() + LIMIT_SESSION_MS;
    /* A full disk must not keep the operator out who comes to see about it. */
    if (!save(a, &err)) log_err("console", "the session will not outlive a restart", &err);
}

enum login accounts_login(struct accounts *a, struct str name, struct str password,
                          struct str address, char secret[SECRET_HEX + 1])
{
    static const struct password nobody = {.salt = {1}};
    int64_t now = clock_now_ms();
    const struct user *u = find_user(a, name);
    if (!lockout_may_try(&a->lockout, address, now)) return LOGIN_TOO_MANY;
    /* An unknown name takes as long as a wrong password. */
    bool right = password.n <= PASSWORD_MOST && password_is(u ? &u->password : &nobody, password);
    if (!u || !right) {
        lockout_note_failure(&a->lockout, address, now);
        return LOGIN_WRONG;
    }
    open_session(a, name, secret);
    return LOGIN_OK;
}

static struct session *find_session(const struct accounts *a, const unsigned char *digest)
{
    for (size_t i = 0; i < a->session_count; i++) {
        const struct session *s = &a->sessions[i];
        if (CRYPTO_memcmp(s->digest, digest, SHA256_BYTES) == 0) return (struct session *)s;
    }
    return NULL;
}

bool accounts_person(const struct accounts *a, struct str secret, struct person *out)
{
    unsigned char digest[SHA256_BYTES];
    if (secret.n != SECRET_HEX) return false;
    sha256(secret, digest);
    for (size_t i = 0; i < a->token_count; i++) {
        if (CRYPTO_memcmp(a->tokens[i].digest, digest, sizeof digest) != 0) continue;
        *out = a->tokens[i].who;
        return true;
    }
    const struct session *s = find_session(a, digest);
    if (!s || s->expires_ms <= clock_now_ms()) return false;
    const struct user *u = find_user((struct accounts *)a, str_z(s->user));
    if (u) *out = u->who;
    return u != NULL;
}

void accounts_logout(struct accounts *a, struct str secret)
{
    unsigned char digest[SHA256_BYTES];
    struct err err;
    sha256(secret, digest);
    struct session *s = find_session(a, digest);
    if (!s) return;
    size_t after = a->session_count - (size_t)(s - a->sessions) - 1;
    memmove(s, s + 1, after * sizeof *s);
    a->session_count--;
    if (!save(a, &err)) log_err("console", "a session that ended may come back", &err);
}

/* --- tokens --------------------------------------------------------------------------------------- */

static struct token *find_token(struct accounts *a, struct str name)
{
    for (size_t i = 0; i < a->token_count; i++) {
        if (str_eq(str_z(a->tokens[i].who.name), name)) return &a->tokens[i];
    }
    return NULL;
}

bool accounts_add_token(struct accounts *a, struct str name, enum role role,
                        char secret[SECRET_HEX + 1], struct err *err)
{
    if (role == ROLE_ANYONE || role >= ROLE_COUNT) {
        return err_set(err, ERR_INPUT, "a role is viewer, editor or admin");
    }
    if (find_token(a, name)) return err_set(err, ERR_INPUT, "there is a token of that name");
    if (a->token_count == LIMIT_API_TOKENS) {
        return err_set(err, ERR_LIMIT, "there may be %d tokens", LIMIT_API_TOKENS);
    }
    struct token *t = &a->tokens[a->token_count];
    if (!copy_name(t->who.name, name)) {
        return err_set(err, ERR_INPUT, "a name has 1 to %d bytes", ACCOUNT_NAME_BYTES);
    }
    a->token_count++;
    t->who.role = role;
    random_hex(secret, SECRET_BYTES);
    sha256(str_z(secret), t->digest);
    return save(a, err);
}

bool accounts_remove_token(struct accounts *a, struct str name, struct err *err)
{
    struct token *t = find_token(a, name);
    if (!t) return err_set(err, ERR_INPUT, "there is no token of that name");
    *t = a->tokens[--a->token_count];
    return save(a, err);
}

void accounts_list(const struct accounts *a, struct buf *out)
{
    buf_put(out, S("{\"users\":["));
    for (size_t i = 0; i < a->user_count; i++) {
        buf_put(out, i ? S(",{") : S("{"));
        put_person(out, &a->users[i].who);
        buf_putc(out, '}');
    }
    buf_put(out, S("],\"tokens\":["));
    for (size_t i = 0; i < a->token_count; i++) {
        buf_put(out, i ? S(",{") : S("{"));
        put_person(out, &a->tokens[i].who);
        buf_putc(out, '}');
    }
    buf_put(out, S("]}"));
}
