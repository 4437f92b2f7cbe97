/* SPDX-License-Identifier: Apache-2.0 */
/* See handover.h. */
#include "sys/handover.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_FD = 3 }; /* SD_LISTEN_FDS_START */

static const char paused_variable[] = "PIXELD_PAUSED_US";

/* --- what is held -------------------------------------------------------------------------------- */

static int int_option(int fd, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) ? -1 : value;
}

/* Takes fd over; false when it is nothing for us, and then it is still the caller's. */
static bool keep(struct handover *h, struct str name, int fd)
{
    struct handed item = {.fd = fd, .listening = int_option(fd, SO_ACCEPTCONN) > 0};
    socklen_t size = sizeof item.address;
    if (h->count >= HANDOVER_MAX || int_option(fd, SO_TYPE) != SOCK_STREAM) return false;
    if (getsockname(fd, (struct sockaddr *)&item.address, &size)) return false;
    if (item.address.ss_family != AF_INET && item.address.ss_family != AF_INET6) return false;
    (void)snprintf(item.name, sizeof item.name, "%.*s", STR_ARG(str_head(name, sizeof item.name)));
    /* Grown in steps of a power of two: there may be thousands. */
    if ((h->count & (h->count - 1)) == 0) {
        size_t room = h->count ? 2 * h->count : 1;
        h->items = mem_grow(h->items, room * sizeof *h->items);
    }
    h->items[h->count++] = item;
    return true;
}

bool handover_add(struct handover *h, const char *name, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
    if (copy >= 0 && keep(h, str_z(name), copy)) return true;
    if (copy >= 0) (void)close(copy); /* nothing was written */
    return false;
}

void handover_move(struct handover *to, struct handover *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct handed *item = &from->items[i];
        if (item->fd >= 0 && !keep(to, str_z(item->name), item->fd)) (void)close(item->fd);
    }
    mem_free(from->items);
    from->items = NULL;
    from->count = 0;
}

int handed_copy(struct handed *item)
{
    return item->fd < 0 ? -1 : fcntl(item->fd, F_DUPFD_CLOEXEC, FIRST_FD);
}

void handover_close(struct handover *h)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->items[i].fd >= 0) (void)close(h->items[i].fd); /* nothing was written */
    }
    mem_free(h->items);
    *h = (struct handover){0};
}

/* --- from the environment ------------------------------------------------------------------------ */

/* The number in a variable; 0 when there is none. */
static uint64_t env_number(const char *name)
{
    uint64_t value = 0;
    const char *text = getenv(name);
    return text && str_to_u64(str_z(text), &value) ? value : 0;
}

void handover_take(struct handover *h)
{
    const char *text = getenv("LISTEN_FDNAMES");
    struct str names = str_z(text ? text : ""), name;
    uint64_t count = env_number("LISTEN_FDS");
    if (env_number("LISTEN_PID") != (uint64_t)getpid()) count = 0;
    if (count > HANDOVER_MAX) count = HANDOVER_MAX;
    h->paused_us = count ? (int64_t)env_number(paused_variable) : 0;
    for (int fd = FIRST_FD; fd < FIRST_FD + (int)count; fd++) {
        (void)str_cut(names, ':', &name, &names);
        if (fcntl(fd, F_SETFD, FD_CLOEXEC)) continue; /* named, but not there */
        if (!keep(h, name, fd)) (void)close(fd);
    }
    (void)unsetenv("LISTEN_FDS"); /* fail only for names that are none */
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDNAMES");
    (void)unsetenv(paused_variable);
}

/* --- to the next program ------------------------------------------------------------------------- */

/* Moves the sockets to FIRST_FD and on, in order; inherited from there, unlike everything else. */
static bool line_up(struct handover *h)
{
    int beyond = FIRST_FD + (int)h->count;
    for (size_t i = 0; i < h->count; i++) { /* out of each other's way first */
        int fd = h->items[i].fd;
        if (fd >= beyond) continue;
        h->items[i].fd = fcntl(fd, F_DUPFD_CLOEXEC, beyond);
        if (h->items[i].fd < 0) return false;
        (void)close(fd); /* nothing was written */
    }
    for (size_t i = 0; i < h->count; i++) {
        int fd = h->items[i].fd;
        h->items[i].fd = dup2(fd, FIRST_FD + (int)i);
        if (h->items[i].fd < 0) return false;
        (void)close(fd); /* nothing was written */
    }
    return true;
}

static void remove_taken(struct handover *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (h->items[i].fd >= 0) h->items[n++] = h->items[i];
    }
    h->count = n;
}

static bool set_number(const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value); /* fits any number */
    return setenv(name, text, 1) == 0;
}

static bool set_environment(const struct handover *h)
{
    struct buf names = {0};
    for (size_t i = 0; i < h->count; i++)
        buf_printf(&names, "%s%s", i ? ":" : "", h->items[i].name);
    buf_putc(&names, '\0');
    bool ok = set_number("LISTEN_FDS", (int64_t)h->count) && set_number("LISTEN_PID", getpid()) &&
              set_number(paused_variable, h->paused_us) && !setenv("LISTEN_FDNAMES", names.p, 1);
    buf_fini(&names);
    return ok;
}

bool handover_become(struct handover *h, const char *path, char *const *argv, struct err *err)
{
    remove_taken(h);
    if (line_up(h) && set_environment(h)) (void)execv(path, argv); /* returns only if it failed */
    return err_set(err, ERR_IO, "cannot run %s: %s", path, strerror(errno));
}
