/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, the first password, people and tokens. */
#include "console/access.h"
#include "console/api.h"

#include "base/json.h"
#include "core/limits.h"

struct credentials {
    struct str name, password, code;
};

static bool read_credentials(struct http_request *req, struct credentials *out)
{
    struct err err;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    out->name = json_str(json_get(root, "name"));
    out->password = json_str(json_get(root, "password"));
    out->code = json_str(json_get(root, "code"));
    if (out->name.n && out->password.p) return true;
    api_error(req, 400, S("bad_body"), S("wanted: {\"name\":…,\"password\":…}"));
    return false;
}

static void answer_person(struct http_request *req, const struct person *who, struct str cookie)
{
    struct buf body = {0};
    buf_putc(&body, '{');
    json_kv_str(&body, S("name"), str_z(who->name));
    json_kv_str(&body, S("role"), role_name(who->role));
    buf_putc(&body, '}');
    http_respond(req, &(struct http_response){
                          .status = 200, .body = buf_str(&body), .extra_headers = cookie});
    buf_fini(&body);
}

static void put_cookie(struct buf *out, const struct http_request *req, const char *secret,
                       int64_t max_age_s)
{
    buf_printf(out, "Set-Cookie: " ACCESS_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict", secret);
    buf_printf(out, "; Max-Age=%lld%s\r\n", (long long)max_age_s, req->secure ? "; Secure" : "");
}

static void sign_in(struct console *c, struct http_request *req, const struct credentials *by)
{
    char secret[SECRET_HEX + 1];
    struct person who;
    struct buf cookie = {0};
    switch (accounts_login(c->accounts, by->name, by->password, req->address, secret)) {
    case LOGIN_OK:
        put_cookie(&cookie, req, secret, LIMIT_SESSION_MS / MS_PER_SECOND);
        (void)accounts_person(c->accounts, str_z(secret), &who);
        audit_note(c->audit, by->name, S("signed in"), req->address);
        answer_person(req, &who, buf_str(&cookie));
        buf_fini(&cookie);
        return;
    case LOGIN_WRONG:
        audit_note(c->audit, S(""), S("failed to sign in"), req->address);
        api_error(req, 401, S("wrong_password"), S("the name or the password is wrong"));
        return;
    case LOGIN_TOO_MANY:
        http_respond(req, &(struct http_response){
                              .status = 429,
                              .retry_after_s = LIMIT_LOGIN_REST_MS / MS_PER_SECOND,
                              .body = S("{\"error\":{\"code\":\"too_many\",\"message\":\"too many "
                                        "wrong passwords; try again in a minute\"}}")});
        return;
    }
}

void post_login(void *ctx, struct http_request *req)
{
    struct credentials by;
    if (read_credentials(req, &by)) sign_in(ctx, req, &by);
}

/* The first password is set by whoever has the link that the daemon printed. */
void post_setup(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct credentials by;
    struct err err;
    if (!read_credentials(req, &by)) return;
    if (!accounts_none(c->accounts)) {
        api_error(req, 409, S("done_already"), S("somebody has a password already: sign in"));
    } else if (!str_eq(by.code, accounts_setup_code(c->accounts))) {
        api_error(req, 403, S("wrong_code"), S("the link is not of this start: see the log"));
    } else if (!accounts_put_user(c->accounts, by.name, by.password, ROLE_ADMIN, &err)) {
        api_error(req, 400, S("refused"), str_z(err.text));
    } else {
        audit_note(c->audit, by.name, S("set the first password"), req->address);
        sign_in(c, req, &by);
    }
}

void post_logout(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct person who;
    struct buf cookie = {0};
    access_who(c, req, &who);
    accounts_logout(c->accounts, access_secret(req));
    audit_note(c->audit, str_z(who.name), S("signed out"), S(""));
    put_cookie(&cookie, req, "", 0);
    answer_person(req, &(struct person){.role = ROLE_ANYONE}, buf_str(&cookie));
    buf_fini(&cookie);
}

/* Who am I, and must somebody set the first password? */
void get_me(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct person who;
    struct buf body = {0};
    access_who(c, req, &who);
    buf_putc(&body, '{');
    json_kv_str(&body, S("name"), str_z(who.name));
    json_kv_str(&body, S("role"), role_name(who.role));
    json_kv_bool(&body, S("first_run"), accounts_none(c->accounts));
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

/* --- people and tokens ---------------------------------------------------------------------------- */

void get_people(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct buf body = {0};
    accounts_list(c->accounts, &body);
    api_answer(req, 200, &body);
}

static void answer_change(struct console *c, struct http_request *req, bool ok, struct str what,
                          const struct err *err)
{
    struct buf body = {0};
    if (!ok) {
        bool disk = err->kind == ERR_IO;
        api_error(req, disk ? 500 : 400, disk ? S("disk") : S("refused"), str_z(err->text));
        return;
    }
    api_note(c, req, what, req->wildcard);
    buf_put(&body, S("{\"done\":1}"));
    api_answer(req, 200, &body);
}

void put_user(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    yyjson_val *root = json_read(req->arena, req->body, &err);
    enum role role = role_find(json_str(json_get(root, "role")));
    struct str password = json_str(json_get(root, "password"));
    bool ok = accounts_put_user(c->accounts, req->wildcard, password, role, &err);
    answer_change(c, req, ok, S("changed a person"), &err);
}

void delete_user(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    bool ok = accounts_remove_user(c->accounts, req->wildcard, &err);
    answer_change(c, req, ok, S("removed a person"), &err);
}

void post_token(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    struct buf body = {0};
    char secret[SECRET_HEX + 1];
    yyjson_val *root = json_read(req->arena, req->body, &err);
    enum role role = role_find(json_str(json_get(root, "role")));
    struct str name = json_str(json_get(root, "name"));
    if (!accounts_add_token(c->accounts, name, role, secret, &err)) {
        api_error(req, 400, S("refused"), str_z(err.text));
        return;
    }
    api_note(c, req, S("made a token"), name);
    buf_putc(&body, '{');
    json_kv_str(&body, S("token"), str_z(secret));
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}

void delete_token(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    struct err err;
    bool ok = accounts_remove_token(c->accounts, req->wildcard, &err);
    answer_change(c, req, ok, S("removed a token"), &err);
}

void get_audit(void *ctx, struct http_request *req)
{
    struct console *c = ctx;
    uint64_t limit = 100;
    struct buf body = {0};
    if (!api_query_u64(req, S("limit"), &limit)) {
        api_error(req, 400, S("bad_query"), S("limit is a number"));
        return;
    }
    buf_put(&body, S("{\"audit\":"));
    audit_read(c->audit, limit < LIMIT_AUDIT_PAGE ? limit : LIMIT_AUDIT_PAGE, &body);
    buf_putc(&body, '}');
    api_answer(req, 200, &body);
}
