/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that hangs: the journal's next sync waits until the test lets go. */
#ifndef SUPPORT_GATE_H
#define SUPPORT_GATE_H

#include "sys/clock.h"
#include "sys/file.h"
#include "sys/thread.h"

#include <stdatomic.h>

static struct lock gate;
static bool gate_made;
static _Atomic bool gate_reached;
static struct file_ops gate_ops;

static inline int gated_datasync(int fd)
{
    atomic_store(&gate_reached, true);
    lock_take(&gate);
    lock_give(&gate);
    return file_ops_real.datasync(fd);
}

/* hold_disk makes the next commit hang after it was taken from the queue. */
static inline void hold_disk(void)
{
    if (!gate_made) lock_init(&gate);
    gate_made = true;
    gate_ops = file_ops_real;
    gate_ops.datasync = gated_datasync;
    atomic_store(&gate_reached, false);
    lock_take(&gate);
    (void)file_ops_set(&gate_ops); /* the former ones are the real ones */
}

static inline void release_disk(void)
{
    lock_give(&gate);
}

static inline void wait_until_held(void)
{
    while (!atomic_load(&gate_reached)) clock_sleep_ms(1);
}

#endif
