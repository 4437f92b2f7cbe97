/* SPDX-License-Identifier: Apache-2.0 */
/* See answer.h. */
#include "ingest/answer.h"

#include <assert.h>

struct words {
    int status;
    struct str code, message, json;
};

static const struct words words[REFUSAL_COUNT] = {
#define X(NAME, status, code, message)                                                             \
    {status, S_INIT(code), S_INIT(message),                                                        \
     S_INIT("{\"success\":false,\"code\":\"" code "\",\"message\":\"" message "\"}")},
    REFUSALS(X)
#undef X
};

static const struct words *words_of(enum refusal refusal)
{
    assert(refusal < REFUSAL_COUNT);
    return &words[refusal];
}

void answer_json(struct http_request *req, const struct answer *a, struct http_response *res)
{
    (void)req;
    res->body = a->refusal == REFUSAL_NONE ? S("{\"success\":true}") : words_of(a->refusal)->json;
}

void answer_image(struct http_response *res)
{
    /* The smallest GIF. */
    static const char gif[] = "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377!\371\4\1\0\0\0\0,"
                              "\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    res->content_type = S("image/gif");
    res->extra_headers = S("Cache-Control: no-store\r\n");
    res->body = str_of(gif, sizeof gif - 1);
}

int answer_status(enum refusal refusal)
{
    return words_of(refusal)->status;
}

struct str answer_code(enum refusal refusal)
{
    return words_of(refusal)->code;
}

struct str answer_message(enum refusal refusal)
{
    return words_of(refusal)->message;
}

enum refusal answer_refusal(int status)
{
    if (status == 413) return REFUSAL_TOO_MUCH;
    if (status == 408) return REFUSAL_TOO_SLOW;
    if (status == 415) return REFUSAL_ENCODING;
    return status >= 500 ? REFUSAL_BUSY : REFUSAL_BAD_JSON;
}
