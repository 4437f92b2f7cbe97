/* SPDX-License-Identifier: Apache-2.0 */
/* Something that an operation has to wait for, such as an answer of Meta's: done on a thread of its own, so
 * that the admin server goes on. At most LIMIT_ERRANDS at a time. */
#ifndef CONSOLE_ERRAND_H
#define CONSOLE_ERRAND_H

#include "console/console.h"

struct errand {
    struct console *console;
    struct http_request *req;
    void *ctx;                        /* the operation's, in the request's arena */
    void (*work)(struct errand *e);   /* on the errand's thread */
    void (*finish)(struct errand *e); /* on the admin thread: answers */
    struct http_server *server;       /* the rest is errand.c's */
    struct thread thread;
    struct http_task task;
    struct errand *next; /* of those under way */
};

/* errand_start begins one; with too many under way it answers the request itself and returns false. Members
 * up to finish are filled by the caller; e lives in the request's arena. */
bool errand_start(struct errand *e);
/* errands_end waits until the work of all errands is done, for when their server has stopped: http_server_free
 * then lets them finish. */
void errands_end(struct console *c);

#endif
