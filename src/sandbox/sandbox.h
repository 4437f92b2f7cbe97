/* SPDX-License-Identifier: Apache-2.0 */
/* A local stand-in for Meta's Graph API: judges events as Meta does, answers with Meta's shapes, keeps
 * an inbox to look at, and misbehaves on demand. It is a judge of its own: it re-reads the JSON it is
 * sent and shares only tables (fields, codes) with the sender. Nothing leaves the machine. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/err.h"
#include "base/str.h"

struct sandbox;

enum batch_rule {
    BATCH_RULE_ALL,   /* one invalid event refuses the request, nothing is stored */
    BATCH_RULE_VALID, /* the request errors too, but valid events with an event_id are stored */
};

struct sandbox_options {
    struct str listen; /* "127.0.0.1:0" picks a free port */
    enum batch_rule rule;
    size_t inbox_max; /* events kept to look at; 0 = a default; older ones are forgotten, counted */
};

struct sandbox *sandbox_open(const struct sandbox_options *options, struct err *err);
void sandbox_start(struct sandbox *s);
void sandbox_stop(struct sandbox *s);
void sandbox_free(struct sandbox *s);
unsigned sandbox_port(const struct sandbox *s);

#endif
