/* SPDX-License-Identifier: Apache-2.0 */
/* See access.h. The cookie is SameSite=Strict and no answer has CORS headers, so another site's page can
 * neither use a session nor read anything; the Origin check is the second lock on everything that
 * changes something. */
#include "console/access.h"

#include "console/api.h"

static struct str cookie_secret(const struct http_request *req)
{
    struct str rest = http_header(req, S("Cookie")), item, after;
    while (rest.n) {
        if (!str_cut(rest, ';', &item, &after)) after = S("");
        item = str_trim(item);
        if (str_starts(item, S(ACCESS_COOKIE "="))) {
            return str_from(item, sizeof ACCESS_COOKIE);
        }
        rest = after;
    }
    return str_of(NULL, 0);
}

struct str access_secret(const struct http_request *req)
{
    struct str header = http_header(req, S("Authorization"));
    struct str scheme = S("Bearer ");
    if (header.n > scheme.n && str_eq_nocase(str_head(header, scheme.n), scheme)) {
        return str_trim(str_from(header, scheme.n));
    }
    return cookie_secret(req);
}

void access_who(const struct console *c, const struct http_request *req, struct person *out)
{
    struct str secret = access_secret(req);
    *out = (struct person){.role = ROLE_ANYONE};
    if (accounts_person(c->accounts, secret, out)) return;
    /* Until the first password: whoever is on this machine, or has read the code in the data directory. */
    if (accounts_none(c->accounts) &&
        (c->local || str_eq(secret, accounts_setup_code(c->accounts)))) {
        *out = (struct person){.name = "local", .role = ROLE_ADMIN};
    }
}

/* A page's Origin is scheme://host[:port]; our own page's host is the one it was asked from. */
static bool is_cross_site(const struct http_request *req)
{
    struct str origin = http_header(req, S("Origin"));
    struct str site = http_header(req, S("Sec-Fetch-Site"));
    if (site.p && !str_eq(site, S("same-origin")) && !str_eq(site, S("none"))) return true;
    if (!origin.p) return false;
    size_t host = str_find(origin, S("://"), 0);
    return host == SIZE_MAX ||
           !str_eq_nocase(str_from(origin, host + 3), http_header(req, S("Host")));
}

bool access_allows(const struct console *c, struct http_request *req, enum role needed)
{
    struct person who;
    if (req->method != HTTP_GET_ && is_cross_site(req)) {
        api_error(req, 403, S("cross_site"), S("not from another site's page"));
        return false;
    }
    if (needed == ROLE_ANYONE) return true;
    access_who(c, req, &who);
    if (who.role >= needed) return true;
    if (who.role == ROLE_ANYONE) {
        api_error(req, 401, S("sign_in"),
                  S("sign in, or send a token: Authorization: Bearer ...; on the command line set "
                    "PIXELD_TOKEN"));
    } else {
        struct buf message = {0};
        buf_printf(&message, "this needs the role %.*s; you have %.*s", STR_ARG(role_name(needed)),
                   STR_ARG(role_name(who.role)));
        api_error(req, 403, S("role"), buf_str(&message));
        buf_fini(&message);
    }
    return false;
}
