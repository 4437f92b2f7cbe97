/* SPDX-License-Identifier: Apache-2.0 */
/* See progress.h. */
#include "app/progress.h"

#include "sys/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 24, REDRAW_US = 150 * 1000 };

void progress_start(struct progress *p, uint64_t done_bytes, uint64_t total_bytes)
{
    *p = (struct progress){
        .on = isatty(STDERR_FILENO),
        .start_us = clock_mono_us(),
        .total_bytes = total_bytes,
        .first_bytes = done_bytes,
    };
}

double progress_seconds(const struct progress *p)
{
    return (double)(clock_mono_us() - p->start_us) / 1e6;
}

/* "[=====>    ]  45 %  1:23 to go  " */
static void draw_bar(const struct progress *p, uint64_t done_bytes, double seconds)
{
    char bar[BAR + 1];
    double part = (double)done_bytes / (double)p->total_bytes;
    double gone = (double)(done_bytes - p->first_bytes);
    if (part > 1) part = 1; /* the file grows */
    int full = (int)(part * BAR);
    for (int i = 0; i < BAR; i++) bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    bar[BAR] = '\0';
    fprintf(stderr, "[%s] %3.0f %%  ", bar, part * 100);
    if (gone <= 0 || seconds < 1) return;
    double left = seconds * ((double)p->total_bytes - (double)done_bytes) / gone;
    unsigned s = left > 0 && left < 1e6 ? (unsigned)left : 0;
    fprintf(stderr, "%u:%02u to go  ", s / 60, s % 60);
}

void progress_show(struct progress *p, uint64_t events, uint64_t done_bytes)
{
    int64_t now = clock_mono_us();
    if (!p->on || now < p->next_us) return;
    p->next_us = now + REDRAW_US;
    progress_clear(p);
    double seconds = progress_seconds(p);
    if (p->total_bytes) draw_bar(p, done_bytes, seconds);
    fprintf(stderr, "%llu events", (unsigned long long)events);
    if (seconds > 0.5) fprintf(stderr, ", %.0f/s", (double)events / seconds);
    (void)fflush(stderr);
    p->shown = true;
}

void progress_clear(struct progress *p)
{
    if (p->shown) fputs("\r\x1b[K", stderr); /* to the start of the line, and erase it */
    p->shown = false;
}
