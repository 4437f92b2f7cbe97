/* SPDX-License-Identifier: Apache-2.0 */
/* See restart.h. */
#include "app/restart.h"

#include "core/limits.h"
#include "core/log.h"
#include "sys/process.h"

#include <signal.h>
#include <unistd.h>

bool restart_check(const struct pipeline *p, struct err *err)
{
    const char *check[] = {process_path(),       "check", "--config", p->config_path, "--managed",
                           p->load.managed_path, NULL};
    const char *version[] = {process_path(), "--version", NULL};
    struct buf said = {0};
    int code = process_run(p->config_path ? check : version, LIMIT_RESTART_CHECK_MS, &said, err);
    if (code > 0)
        (void)err_set(err, ERR_INPUT, "%.*s", STR_ARG(str_head(str_trim(buf_str(&said)), 400)));
    buf_fini(&said);
    return code == 0;
}

bool restart_ask(void *ctx, struct err *err)
{
    if (!restart_check(ctx, err)) return false;
    return kill(getpid(), SIGUSR2) == 0 || err_set(err, ERR_IO, "cannot signal this process");
}

void restart_now(struct pipeline *p, struct err *err)
{
    log_line(LOG_INFO, "app", "restarting", LOG_Z("program", process_path()));
    pipeline_leave(p);
    (void)handover_become(&p->handed, process_path(), process_argv(),
                          err); /* returns if it failed */
    handover_close(&p->handed);
}
