/* SPDX-License-Identifier: Apache-2.0 */
/* Who may use the console and the API: people with passwords, their sessions, and tokens for scripts.
 * Kept in one small file of the data directory, written anew at each change; secrets only as hashes.
 * Knows nothing of HTTP. One thread. */
#ifndef CONSOLE_ACCOUNTS_H
#define CONSOLE_ACCOUNTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* X(NAME, "name", "what it may do") — each may do what those before it may. */
#define ROLES(X)                                                                                   \
    X(ANYONE, "anyone", "what needs no account: health, metrics, signing in")                      \
    X(VIEWER, "viewer", "look at everything, personal data masked")                                \
    X(EDITOR, "editor", "also change rules and destinations, retry, replay, discard")              \
    X(ADMIN, "admin", "also see personal data, manage people and tokens")

enum role {
#define X(NAME, name, meaning) ROLE_##NAME,
    ROLES(X)
#undef X
        ROLE_COUNT
};

struct str role_name(enum role role);
/* role_find returns ROLE_COUNT for an unknown name. */
enum role role_find(struct str name);

enum { ACCOUNT_NAME_BYTES = 64, SECRET_HEX = 64 };

/* Who a request comes from. */
struct person {
    char name[ACCOUNT_NAME_BYTES + 1];
    enum role role;
};

struct accounts;

/* accounts_open reads the file at path; none means that there is nobody yet. NULL and err when it cannot
 * be read or is not ours. */
struct accounts *accounts_open(const char *path, struct err *err);
void accounts_free(struct accounts *a);

/* accounts_none: has nobody a password yet? */
bool accounts_none(const struct accounts *a);
/* accounts_setup_code is what the first one needs to set his password; made at the start. */
struct str accounts_setup_code(const struct accounts *a);

/* accounts_put_user adds somebody, or gives him another password (p = NULL: leaves it) or role. Sessions
 * of his end. The last admin stays one. */
bool accounts_put_user(struct accounts *a, struct str name, struct str password, enum role role,
                       struct err *err);
bool accounts_remove_user(struct accounts *a, struct str name, struct err *err);

enum login { LOGIN_OK, LOGIN_WRONG, LOGIN_TOO_MANY };
/* accounts_login checks a password and opens a session; secret (hex, for a cookie) is filled. After
 * LIMIT_LOGIN_FAILURES wrong ones from an address, or ten times that from anywhere, a minute passes before
 * another is looked at. */
enum login accounts_login(struct accounts *a, struct str name, struct str password,
                          struct str address, char secret[SECRET_HEX + 1]);
/* accounts_person finds whose session or token a secret is. */
bool accounts_person(const struct accounts *a, struct str secret, struct person *out);
void accounts_logout(struct accounts *a, struct str secret);

/* accounts_add_token makes a token for scripts; secret is shown once and kept as a hash. */
bool accounts_add_token(struct accounts *a, struct str name, enum role role,
                        char secret[SECRET_HEX + 1], struct err *err);
bool accounts_remove_token(struct accounts *a, struct str name, struct err *err);

/* accounts_list appends {"users":[…],"tokens":[…]}, without secrets. */
void accounts_list(const struct accounts *a, struct buf *out);

#endif
