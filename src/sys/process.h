/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that are run: this one again, as a child or in its own place after an upgrade, and others. */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include "base/buf.h"
#include "base/err.h"

/* process_remember keeps how the program was started: argv (kept as it is, so do not change it) and the path
 * of its file. First thing in main. */
void process_remember(char **argv);
/* The file that was started: by the name that was used, so that what is there now counts, also when a
 * symbolic link points elsewhere since. */
const char *process_path(void);
char *const *process_argv(void);

/* process_run runs the program at the path argv[0], with argv, and waits for its end, at most ms. What it
 * prints on stdout and stderr is appended to out, at most PROCESS_OUTPUT_BYTES. Its exit code, or -1 and err
 * when it cannot be started, takes too long (and is killed) or dies of a signal. Any thread. */
enum { PROCESS_OUTPUT_BYTES = 16 * 1024 };
int process_run(const char *const *argv, int64_t ms, struct buf *out, struct err *err);

/* What the process takes of the machine; zeros where the system does not say. */
struct process_use {
    uint64_t memory_bytes; /* resident */
    unsigned threads;
};
/* process_use asks the kernel; any thread, costs some 50 us. */
void process_use(struct process_use *out);

/* process_try does something that may crash in a child: true when fn ran to its end there and said true. The
 * child has what the process has, and what it changes is gone. While there are no other threads. */
bool process_try(bool (*fn)(void *ctx), void *ctx);

#endif
