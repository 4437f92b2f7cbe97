/* SPDX-License-Identifier: Apache-2.0 */
/* See errand.h. */
#include "console/errand.h"

#include "console/api.h"
#include "core/limits.h"

static void end(void *arg)
{
    struct errand *e = arg;
    struct errand **at = &e->console->errands_running;
    thread_join(&e->thread);
    while (*at != e) at = &(*at)->next;
    *at = e->next;
    e->console->errands--;
    e->finish(e);
}

static void run(void *arg)
{
    struct errand *e = arg;
    e->work(e);
    http_post(e->server, &e->task);
}

bool errand_start(struct errand *e)
{
    if (e->console->errands == LIMIT_ERRANDS) {
        api_error(e->req, 503, S("busy"),
                  S("several of these are under way; try again in a moment"));
        return false;
    }
    e->console->errands++;
    e->next = e->console->errands_running;
    e->console->errands_running = e;
    e->server = http_server_of(e->req);
    e->task = (struct http_task){.fn = end, .arg = e};
    thread_start(&e->thread, "errand", run, e);
    return true;
}

void errands_end(struct console *c)
{
    for (struct errand *e = c->errands_running; e; e = e->next) thread_join(&e->thread);
}
