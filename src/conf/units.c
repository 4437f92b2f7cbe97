/* SPDX-License-Identifier: Apache-2.0 */
/* See units.h. */
#include "conf/units.h"

#include "base/time.h"

struct unit {
    struct str name;
    uint64_t factor;
};

/* Largest first, for printing. */
static const struct unit durations[] = {
    {S_INIT("w"), (uint64_t)(7 * MS_PER_DAY)}, {S_INIT("d"), (uint64_t)MS_PER_DAY},
    {S_INIT("h"), (uint64_t)MS_PER_HOUR},      {S_INIT("m"), (uint64_t)MS_PER_MINUTE},
    {S_INIT("s"), (uint64_t)MS_PER_SECOND},    {S_INIT("ms"), 1},
};

static const struct unit sizes[] = {
    {S_INIT("PiB"), (uint64_t)1 << 50}, {S_INIT("TiB"), (uint64_t)1 << 40},
    {S_INIT("GiB"), (uint64_t)1 << 30}, {S_INIT("MiB"), (uint64_t)1 << 20},
    {S_INIT("KiB"), (uint64_t)1 << 10}, {S_INIT("B"), 1},
};

static const struct unit decimal_sizes[] = {
    {S_INIT("PB"), 1000000000000000}, {S_INIT("TB"), 1000000000000}, {S_INIT("GB"), 1000000000},
    {S_INIT("MB"), 1000000},          {S_INIT("KB"), 1000},
};

/* Splits "50 GiB" into its number and its unit's name. */
static bool split(struct str text, uint64_t *number, struct str *name)
{
    size_t digits = 0;
    text = str_trim(text);
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9') digits++;
    *name = str_trim(str_from(text, digits));
    return str_to_u64(str_head(text, digits), number);
}

typedef bool equal_fn(struct str a, struct str b);

static bool find(const struct unit *units, size_t count, equal_fn *equal, struct str name,
                 uint64_t *factor)
{
    for (size_t i = 0; i < count; i++) {
        if (!equal(units[i].name, name)) continue;
        *factor = units[i].factor;
        return true;
    }
    return false;
}

static bool multiply(uint64_t number, uint64_t factor, uint64_t *out)
{
    if (number > UINT64_MAX / factor) return false;
    *out = number * factor;
    return true;
}

static void print(struct buf *out, const struct unit *units, uint64_t value)
{
    while (units->factor > 1 && (value == 0 || value % units->factor != 0)) units++;
    buf_put_u64(out, value / units->factor);
    buf_put(out, units->name);
}

bool duration_parse(struct str text, uint64_t *ms)
{
    uint64_t number, factor;
    struct str name;
    return split(text, &number, &name) &&
           find(durations, countof(durations), str_eq, name, &factor) && /* "M" is not minutes */
           multiply(number, factor, ms);
}

void duration_print(struct buf *out, uint64_t ms)
{
    print(out, durations, ms);
}

bool size_parse(struct str text, uint64_t *bytes)
{
    uint64_t number, factor;
    struct str name;
    return split(text, &number, &name) &&
           (find(sizes, countof(sizes), str_eq_nocase, name, &factor) ||
            find(decimal_sizes, countof(decimal_sizes), str_eq_nocase, name, &factor)) &&
           multiply(number, factor, bytes);
}

void size_print(struct buf *out, uint64_t bytes)
{
    print(out, sizes, bytes);
}
