/* SPDX-License-Identifier: Apache-2.0 */
/* disk DIR BYTES SECONDS [PER_SECOND]: what this disk alone takes to keep BYTES: group commits with nothing
 * else, one write and one fdatasync of all that is due into a file whose space is reserved. Without a rate
 * the next is due when the last is kept; with one, they are due at times of their own, and latency counts
 * from there, as it does in load. One JSON line. */
#include "base/mem.h"
#include "base/str.h"
#include "sys/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES_MAX = 1 << 20 };

struct disk {
    int fd;
    char *bytes; /* room for as many as may be due at once */
    size_t size, room;
    off_t at, end; /* what is reserved; written again from the start when it is full */
    uint32_t *samples_us;
    size_t count;
};

static void die(const char *what)
{
    perror(what);
    exit(3);
}

static void keep(struct disk *d, size_t due)
{
    size_t n = due * d->size;
    if (n > d->room) n = d->room;
    if (d->at + (off_t)n > d->end) d->at = 0;
    if (pwrite(d->fd, d->bytes, n, d->at) != (ssize_t)n || fdatasync(d->fd)) die("write");
    d->at += (off_t)n;
}

static void sleep_until(int64_t us)
{
    int64_t left = us - clock_mono_us();
    if (left <= 0) return;
    struct timespec wait = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    (void)nanosleep(&wait, NULL); /* a signal ends the program */
}

/* gap_us 0: one after another. */
static void run(struct disk *d, int64_t seconds, double gap_us)
{
    int64_t start = clock_mono_us(), end = start + seconds * 1000000;
    double due_us = (double)start;
    while (clock_mono_us() < end && d->count < SAMPLES_MAX) {
        sleep_until((int64_t)due_us + 1);
        int64_t now = clock_mono_us();
        size_t due = gap_us > 0 ? (size_t)(((double)now - due_us) / gap_us) + 1 : 1;
        if (gap_us <= 0) due_us = (double)now;
        keep(d, due);
        now = clock_mono_us();
        for (; due-- && d->count < SAMPLES_MAX; due_us += gap_us)
            d->samples_us[d->count++] = (uint32_t)((double)now - due_us);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    struct disk d = {.room = 16 << 20, .end = 1 << 30};
    char path[4096];
    uint64_t bytes, seconds, rate = 0;
    if ((argc != 4 && argc != 5) || !str_to_u64(str_z(argv[2]), &bytes) || !bytes ||
        bytes > d.room || !str_to_u64(str_z(argv[3]), &seconds) ||
        (argc == 5 && !str_to_u64(str_z(argv[4]), &rate))) {
        fprintf(stderr, "usage: disk DIR BYTES SECONDS [PER_SECOND]\n");
        return 2;
    }
    d.size = (size_t)bytes;
    d.bytes = mem_new(d.room);
    memset(d.bytes, 'x', d.room);
    d.samples_us = mem_new(SAMPLES_MAX * sizeof *d.samples_us);
    (void)snprintf(path, sizeof path, "%s/disk", argv[1]);
    d.fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (d.fd < 0 || unlink(path) || fallocate(d.fd, 0, 0, d.end)) die(path);
    run(&d, (int64_t)seconds, rate ? 1e6 / (double)rate : 0);
    qsort(d.samples_us, d.count, sizeof *d.samples_us, compare);
    printf("{\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u}\n", d.samples_us[d.count / 2],
           d.samples_us[d.count * 99 / 100], d.samples_us[d.count - 1]);
    return 0;
}
