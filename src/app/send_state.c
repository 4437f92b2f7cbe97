/* SPDX-License-Identifier: Apache-2.0 */
/* See send_state.h. One line: "pixeld-send LINES CRC RUN". */
#include "app/send_state.h"

#include "sys/file.h"
#include "sys/random.h"

#include <stdio.h>

enum { STATE_BYTES = 128 };

static const struct str mark = S_INIT("pixeld-send");

static bool parse(struct send_state *s, struct str text)
{
    struct str word, lines, crc, run;
    uint64_t sum;
    if (!str_cut(text, ' ', &word, &text) || !str_eq(word, mark)) return false;
    if (!str_cut(text, ' ', &lines, &text) || !str_cut(text, ' ', &crc, &run)) return false;
    if (!str_to_u64(lines, &s->lines) || !str_to_u64(crc, &sum) || sum > UINT32_MAX) return false;
    if (run.n != SEND_RUN_HEX) return false;
    s->crc = (uint32_t)sum;
    memcpy(s->run, run.p, run.n);
    return true;
}

static void begin(struct send_state *s)
{
    unsigned char bytes[SEND_RUN_HEX / 2];
    struct buf hex = {0};
    random_bytes(bytes, sizeof bytes);
    buf_put_hex(&hex, bytes, sizeof bytes);
    memcpy(s->run, hex.p, SEND_RUN_HEX);
    buf_fini(&hex);
}

bool send_state_open(struct send_state *s, const char *path, struct err *err)
{
    struct buf text = {0};
    *s = (struct send_state){.path = path};
    bool there = path && file_exists(path);
    bool ok = !there || file_read_all(path, STATE_BYTES, &text, err);
    if (ok && there && !parse(s, str_trim(buf_str(&text)))) {
        ok = err_set(err, ERR_INPUT, "%s is not what an earlier pixeld send left", path);
    }
    buf_fini(&text);
    if (!ok || there) return ok;
    begin(s);
    return true;
}

bool send_state_save(const struct send_state *s, struct err *err)
{
    char text[STATE_BYTES];
    if (!s->path) return true;
    (void)snprintf(text, sizeof text, "%.*s %llu %lu %s\n", STR_ARG(mark),
                   (unsigned long long)s->lines, (unsigned long)s->crc, s->run);
    return file_replace(s->path, str_z(text), 0644, err);
}

bool send_state_remove(const struct send_state *s, struct err *err)
{
    return !s->path || !file_exists(s->path) || file_unlink(s->path, err);
}
