/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets that the process gets from whoever started it, and leaves to the program that it becomes. Both are
 * systemd's way, sd_listen_fds(3): LISTEN_FDS sockets from descriptor 3 on, for the process LISTEN_PID, named
 * in LISTEN_FDNAMES. So socket activation and a restart in place are one thing: the kernel holds the sockets
 * open meanwhile, and with them who waits to be accepted. */
#ifndef SYS_HANDOVER_H
#define SYS_HANDOVER_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The names of all sockets are one environment variable, of which Linux takes 128 KiB (execve(2)). */
enum { HANDOVER_MAX = 14000, HANDED_NAME_BYTES = 9 };

struct handed {
    int fd;                       /* -1: taken away */
    bool listening;               /* else a client's connection */
    bool used;                    /* a server listens on it too */
    char name[HANDED_NAME_BYTES]; /* whose it is; longer names are nobody's here, and cut */
    struct sockaddr_storage address;
};

/* A zeroed struct handover is empty and valid. One thread at a time. */
struct handover {
    struct handed *items;
    size_t count;
    int64_t
        paused_us; /* since when nobody accepts, on clock_mono_us; 0: no program was here before */
};

/* handover_take adds what the environment names, if it is meant for this process, and removes the variables,
 * so that children do not take it for theirs. What is no stream socket of the Internet is closed. Before
 * threads start. */
void handover_take(struct handover *h);
/* handover_add keeps a socket open under a name: a duplicate, fd stays the caller's. False when it cannot,
 * or HANDOVER_MAX are held. */
bool handover_add(struct handover *h, const char *name, int fd);
/* handover_move puts all of from behind what to has; from is empty then. */
void handover_move(struct handover *to, struct handover *from);
/* handed_copy is a duplicate of an item's socket for the caller to own, or -1. */
int handed_copy(struct handed *item);
/* handover_close closes what was not taken away. */
void handover_close(struct handover *h);
/* handover_become runs the program at path in this process, with the sockets. argv as for execv. Returns only
 * when that failed, and then the process can only end: its descriptors are not what they were. No other
 * threads may run. */
bool handover_become(struct handover *h, const char *path, char *const *argv, struct err *err);

#endif
