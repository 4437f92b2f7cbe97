/* SPDX-License-Identifier: Apache-2.0 */
/* A field as expressions and triggers write it: a path from one of the event's known roots, or from
 * the present item of `each`. One parser for both languages, and the table of roots. */
#ifndef MAP_FIELD_H
#define MAP_FIELD_H

#include "map/expr.h"
#include "map/lex.h"

/* How a trigger compares what is behind a root. */
enum root_kind {
    ROOT_NAME, /* a text: everything compares as text, `event = 5` too */
    ROOT_ID,   /* a text that some clients send as number or truth: those keep their kind */
    ROOT_TREE, /* an object of the client's own making: kinds count */
};

/* X(name, KIND, "meaning"): all that an event can begin with. */
#define ROOTS(X)                                                                                   \
    X(type, NAME, "track, page, screen, identify, group or alias")                                 \
    X(event, NAME, "the name of a track event")                                                    \
    X(name, NAME, "the name of a page or screen")                                                  \
    X(category, NAME, "the category of a page or screen")                                          \
    X(channel, NAME, "web, mobile, server or sources")                                             \
    X(userId, ID, "the person as the company knows them")                                          \
    X(anonymousId, ID, "the browser or device")                                                    \
    X(previousId, ID, "alias: the id from before")                                                 \
    X(groupId, ID, "group: the id of the group")                                                   \
    X(messageId, ID, "the client's own id of this event")                                          \
    X(rudderId, ID, "RudderStack's id of the person")                                              \
    X(timestamp, ID, "when it happened")                                                           \
    X(originalTimestamp, ID, "when it happened, by the client's clock")                            \
    X(sentAt, ID, "when the client sent it, by the client's clock")                                \
    X(receivedAt, ID, "when a server before us received it")                                       \
    X(version, ID, "the version of the protocol or library")                                       \
    X(request_ip, ID, "RudderStack: the client's address as its server saw it")                    \
    X(properties, TREE, "what the event is about")                                                 \
    X(traits, TREE, "what is known about the person or group")                                     \
    X(context, TREE, "page, device, library, campaign, traits, ip, userAgent, ...")                \
    X(integrations, TREE, "what the client says about destinations")                               \
    X(envelope, ID, "what we saw on the connection")

struct field {
    struct str written; /* the source text */
    enum root_kind root;
    bool relative; /* to the item of `each` */
    size_t slot;   /* absolute: what is before the first [*] */
    const struct path_step *steps;
    size_t count;
    const struct path_step *rest; /* from the first [*] on; relative: everything */
    size_t rest_count;
    bool spreads;    /* has a [*]: the value is a list */
    bool direct;     /* absolute and without [*]: the value is what is in the slot */
    uint32_t member; /* relative and a single name: its number among the scope's; else NO_MEMBER */
};

/* field_parse reads a field at the present token (a word or a dot) and adds its path to the scope's.
 * False and a problem when it is not one. */
bool field_parse(struct lex *lex, const struct expr_scope *scope, struct field *out);
/* field_eval reads it. A [*] gives a VALUE_LIST of at most LIMIT_EACH_ITEMS values, without those
 * that are missing or null; MISSING when there is no list to spread. */
struct value field_eval(const struct field *f, const struct eval *ev);
/* field_is_plain_word: a word that stands for itself in a list of texts, as in [LDU]: letters, digits, _
 * and -, and neither a beginning of paths nor so like one that it must be a slip. */
bool field_is_plain_word(struct str s);
/* field_reference appends the Markdown tables of roots and envelope fields. */
void field_reference(struct buf *out);

#endif
