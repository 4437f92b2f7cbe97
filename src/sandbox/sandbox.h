/* SPDX-License-Identifier: Apache-2.0 */
/* A local stand-in for Meta's Graph API: judges events as Meta does, answers with Meta's shapes, keeps
 * an inbox to look at, and misbehaves on demand. It is a judge of its own: it re-reads the JSON it is
 * sent and shares only tables (fields, codes) with the sender. Nothing leaves the machine. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/err.h"
#include "base/str.h"

struct sandbox;
struct http_request;

enum batch_rule {
    BATCH_RULE_ALL,   /* one invalid event refuses the request, nothing is stored */
    BATCH_RULE_VALID, /* the request errors too, but valid events with an event_id are stored */
};

/* Does a refusal name the event it is about, as $['data'][3]['user_data'] and in blame_field_specs? */
enum sandbox_naming {
    SANDBOX_NAME_SOME,   /* as seen of Meta: only subcode 2804019 does */
    SANDBOX_NAME_ALWAYS, /* the sender's easiest case */
    SANDBOX_NAME_NEVER,  /* the sender must find out by itself */
};

/* Zero is a sensible default for everything but listen. */
struct sandbox_options {
    struct str listen; /* "127.0.0.1:0" picks a free port */
    enum batch_rule rule;
    size_t inbox_max; /* events kept to look at; 0 = a default; older ones are forgotten, counted */
    enum sandbox_naming naming;
    bool
        token_required; /* a request without an access token is refused; otherwise any or none will do */
    struct str token; /* the only good one; implies token_required; empty = any. Copied. */
    struct str
        app_secret; /* requests need the appsecret_proof that it makes; empty = none. Copied. */
};

/* sandbox_open binds and listens; NULL and err when the address cannot be used. Options are copied. */
struct sandbox *sandbox_open(const struct sandbox_options *options, struct err *err);
/* sandbox_start answers requests in a thread of its own. */
void sandbox_start(struct sandbox *s);
/* sandbox_stop finishes what is under way, faults' delays cut short, and joins the thread. */
void sandbox_stop(struct sandbox *s);
/* sandbox_free after stop, or instead of start; NULL is a no-op. */
void sandbox_free(struct sandbox *s);
unsigned sandbox_port(const struct sandbox *s);
/* sandbox_ask answers a request that came in at another server as the sandbox's own path ("/sandbox/faults")
 * would: method, query and body are the request's. False, and no answer, when there is no such path. On the
 * request's server's thread, which does not wait; the sandbox runs until that server has stopped. */
bool sandbox_ask(struct sandbox *s, struct http_request *req, struct str path);

#endif
