/* SPDX-License-Identifier: Apache-2.0 */
/* See textdiff.h. Equal lines at both ends are set aside, the rest is compared by the longest common
 * subsequence, which for a configuration is small. */
#include "load/textdiff.h"

#include "base/arena.h"

enum { AROUND = 3, MATRIX_MAX = 4 * 1024 * 1024 };

struct lines {
    struct str *items;
    size_t count;
};

/* One line of the result: ' ' both, '-' before, '+' after. */
struct step {
    char sign;
    struct str line;
};

struct script {
    struct step *steps;
    size_t count;
};

static struct lines split(struct arena *arena, struct str text)
{
    struct lines lines = {0};
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    lines.items = arena_array(arena, struct str, n);
    while (text.n) {
        struct str line, rest;
        if (!str_cut(text, '\n', &line, &rest)) rest = S("");
        lines.items[lines.count++] = line;
        text = rest;
    }
    return lines;
}

static void add(struct script *s, char sign, struct str line)
{
    s->steps[s->count++] = (struct step){sign, line};
}

static void replace(struct script *s, struct lines a, struct lines b)
{
    for (size_t i = 0; i < a.count; i++) add(s, '-', a.items[i]);
    for (size_t i = 0; i < b.count; i++) add(s, '+', b.items[i]);
}

/* table[i][j] is the length of the longest common subsequence of a from i on and b from j on. */
static void compare(struct script *s, struct lines a, struct lines b, struct arena *arena)
{
    size_t width = b.count + 1, i = 0, j = 0;
    uint32_t *table = arena_array(arena, uint32_t, (a.count + 1) * width);
    for (size_t x = a.count; x-- > 0;) {
        for (size_t y = b.count; y-- > 0;) {
            uint32_t down = table[(x + 1) * width + y], right = table[x * width + y + 1];
            bool same = str_eq(a.items[x], b.items[y]);
            table[x * width + y] = same           ? table[(x + 1) * width + y + 1] + 1
                                   : down > right ? down
                                                  : right;
        }
    }
    while (i < a.count && j < b.count) {
        if (str_eq(a.items[i], b.items[j])) {
            add(s, ' ', a.items[i++]);
            j++;
        } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
            add(s, '-', a.items[i++]);
        } else {
            add(s, '+', b.items[j++]);
        }
    }
    replace(s, (struct lines){a.items + i, a.count - i}, (struct lines){b.items + j, b.count - j});
}

static struct script script_of(struct lines a, struct lines b, struct arena *arena)
{
    struct script s = {.steps = arena_array(arena, struct step, a.count + b.count + 1)};
    size_t head = 0, tail = 0;
    while (head < a.count && head < b.count && str_eq(a.items[head], b.items[head])) head++;
    while (tail < a.count - head && tail < b.count - head &&
           str_eq(a.items[a.count - tail - 1], b.items[b.count - tail - 1])) {
        tail++;
    }
    for (size_t i = 0; i < head; i++) add(&s, ' ', a.items[i]);
    struct lines x = {a.items + head, a.count - head - tail};
    struct lines y = {b.items + head, b.count - head - tail};
    if ((x.count + 1) * (y.count + 1) > MATRIX_MAX / sizeof(uint32_t)) {
        replace(&s, x, y);
    } else {
        compare(&s, x, y, arena);
    }
    for (size_t i = 0; i < tail; i++) add(&s, ' ', a.items[a.count - tail + i]);
    return s;
}

/* The end of the hunk that begins with the change at: further changes within twice AROUND belong to it. */
static size_t hunk_end(const struct script *s, size_t at)
{
    size_t end = at;
    for (size_t i = at; i < s->count && i <= end + 2 * (size_t)AROUND; i++) {
        if (s->steps[i].sign != ' ') end = i;
    }
    return end + 1;
}

static void put_hunk(struct buf *out, const struct script *s, size_t from, size_t to)
{
    size_t line_a = 1, line_b = 1, n_a = 0, n_b = 0;
    for (size_t i = 0; i < to; i++) {
        size_t *a = i < from ? &line_a : &n_a, *b = i < from ? &line_b : &n_b;
        *a += s->steps[i].sign != '+';
        *b += s->steps[i].sign != '-';
    }
    buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", n_a ? line_a : line_a - 1, n_a,
               n_b ? line_b : line_b - 1, n_b);
    for (size_t i = from; i < to; i++) {
        buf_printf(out, "%c%.*s\n", s->steps[i].sign, STR_ARG(s->steps[i].line));
    }
}

void textdiff(struct buf *out, struct str before, struct str after)
{
    struct arena arena = {0};
    struct lines a = split(&arena, before), b = split(&arena, after);
    struct script s = script_of(a, b, &arena);
    for (size_t i = 0; i < s.count; i++) {
        if (s.steps[i].sign == ' ') continue;
        size_t end = hunk_end(&s, i);
        size_t from = i > AROUND ? i - AROUND : 0;
        size_t to = end + AROUND < s.count ? end + AROUND : s.count;
        put_hunk(out, &s, from, to);
        i = to;
    }
    arena_fini(&arena);
}
