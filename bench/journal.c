/* SPDX-License-Identifier: Apache-2.0 */
/* journal [DIR [MS]]: group commits of 1, 100 and 1000 events of 1 KB, beside the limit: a bare
 * preallocated file that gets the same bytes with one pwrite and one fdatasync a commit, and nothing
 * else. Interleaved rounds of MS milliseconds (1000), medians; one JSON line for each commit size. */
#include "journal/journal.h"
#include "base/mem.h"
#include "core/event.h"
#include "core/limits.h"
#include "sys/clock.h"
#include "sys/thread.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 3, EVENT_BYTES = 1024, HEAD_BYTES = 32 };

static const uint32_t sizes[] = {1, 100, 1000};

static void die(const char *what)
{
    perror(what);
    exit(3);
}

static struct buf make_records(uint32_t count)
{
    struct buf records = {0};
    char json[EVENT_BYTES - HEAD_BYTES];
    memset(json, 'x', sizeof json);
    for (uint32_t i = 0; i < count; i++)
        event_encode(&records, &(struct event){.json = {json, sizeof json}});
    return records;
}

/* --- the journal: one append at a time, submitted again as soon as it is told ------------------- */

struct run {
    struct journal *j;
    struct journal_append append;
    int64_t until_us;
    uint64_t commits;
    struct lock lock;
    struct signal over;
    bool finished;
};

static void finish(struct run *r)
{
    lock_take(&r->lock);
    r->finished = true;
    signal_wake(&r->over);
    lock_give(&r->lock);
}

static void told(struct journal_append *append, bool committed, const struct err *err)
{
    struct run *r = append->ctx;
    struct err full;
    if (!committed) {
        (void)fprintf(stderr, "%s\n", err->text);
        exit(3);
    }
    r->commits++;
    if (clock_mono_us() >= r->until_us || !journal_submit(r->j, append, &full)) finish(r);
}

static double run_journal(const char *dir, struct str records, uint32_t count, int64_t ms)
{
    struct err err = {0};
    struct run r = {.j = journal_open(&(struct journal_options){.dir = dir}, &err)};
    if (!r.j) die(err.text);
    lock_init(&r.lock);
    signal_init(&r.over);
    r.append = (struct journal_append){.records = records, .count = count, .done = told, .ctx = &r};
    int64_t start_us = clock_mono_us();
    r.until_us = start_us + ms * 1000;
    if (!journal_submit(r.j, &r.append, &err)) die(err.text);
    lock_take(&r.lock);
    while (!r.finished) signal_wait(&r.over, &r.lock);
    lock_give(&r.lock);
    double took_s = (double)(clock_mono_us() - start_us) / 1e6;
    journal_set_limits(r.j, 1, 0);
    (void)journal_trim(r.j, journal_next_seq(r.j), journal_next_seq(r.j),
                       &err); /* give most of the space back */
    journal_close(r.j);
    signal_fini(&r.over);
    lock_fini(&r.lock);
    return (double)r.commits / took_s;
}

/* --- the limit ---------------------------------------------------------------------------------- */

static double run_bare(const char *dir, struct str bytes, int64_t ms)
{
    char path[1024];
    uint64_t commits = 0;
    off_t at = 0;
    int fd = -1;
    (void)snprintf(path, sizeof path, "%s/bare", dir);
    int64_t start_us = clock_mono_us(), now_us = start_us;
    while (now_us < start_us + ms * 1000) {
        if (fd < 0 || at + (off_t)bytes.n > (off_t)LIMIT_SEGMENT_BYTES) {
            if (fd >= 0) (void)close(fd);
            (void)unlink(path);
            fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
            if (fd < 0 || fallocate(fd, 0, 0, (off_t)LIMIT_SEGMENT_BYTES)) die(path);
            at = 0;
        }
        if (pwrite(fd, bytes.p, bytes.n, at) != (ssize_t)bytes.n || fdatasync(fd)) die(path);
        at += (off_t)bytes.n;
        commits++;
        now_us = clock_mono_us();
    }
    (void)close(fd);
    (void)unlink(path);
    return (double)commits / ((double)(now_us - start_us) / 1e6);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *list)
{
    qsort(list, ROUNDS, sizeof *list, compare);
    return list[ROUNDS / 2];
}

static void measure(const char *dir, uint32_t count, int64_t ms)
{
    double journal[ROUNDS], bare[ROUNDS];
    struct buf records = make_records(count), bytes = {0};
    char head[HEAD_BYTES] = {0};
    buf_put(&bytes, str_of(head, sizeof head));
    buf_put(&bytes, buf_str(&records));
    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = run_bare(dir, buf_str(&bytes), ms);
        journal[i] = run_journal(dir, buf_str(&records), count, ms);
    }
    double j = median(journal), b = median(bare);
    (void)printf("{\"name\":\"journal\",\"events_per_commit\":%u,\"commits_per_s\":%.0f,"
                 "\"events_per_s\":%.0f,\"bare_commits_per_s\":%.0f,\"bare_events_per_s\":%.0f,"
                 "\"ratio\":%.3f}\n",
                 count, j, j * count, b, b * count, j / b);
    (void)fflush(stdout);
    buf_fini(&records);
    buf_fini(&bytes);
}

int main(int argc, char **argv)
{
    char made[] = "/tmp/pixeld-bench-XXXXXX", command[1200];
    const char *dir = argc > 1 ? argv[1] : mkdtemp(made);
    int64_t ms = argc > 2 ? atoll(argv[2]) : 1000;
    if (!dir || ms <= 0) die("usage: journal [DIR [MS]]");
    for (size_t i = 0; i < countof(sizes); i++) measure(dir, sizes[i], ms);
    if (dir != made) return 0;
    (void)snprintf(command, sizeof command, "rm -r %s", made);
    return system(command) ? 3 : 0;
}
