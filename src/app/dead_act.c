/* SPDX-License-Identifier: Apache-2.0 */
/* See dead.h. The server works through a bounded stretch for each request and says where to go on; sums are
 * made here. */
#include "app/dead.h"

#include "base/json.h"
#include "core/limits.h"
#include "core/outcome.h"
#include "sys/file.h"

#include <stdio.h>

bool dead_seq(const struct dead *d, int index, uint64_t *seq, struct err *err)
{
    const char *operand = d->args->operands[index];
    return str_to_u64(str_z(operand), seq) ||
           err_set(err, ERR_USAGE, "\"%s\" is not a number", operand);
}

/* --reason, --code and their like, which may stand together. Were there any? */
static bool put_limits(struct dead *d, struct buf *out)
{
    static const char *const names[] = {"reason", "code", "source", "event", "since", "until"};
    bool any = false;
    for (size_t i = 0; i < countof(names); i++) {
        const char *value = args_get(d->args, names[i]);
        if (!value) continue;
        any = true;
        if (strcmp(names[i], "code") != 0)
            json_kv_str(out, str_z(names[i]), str_z(value));
        else
            json_kv_raw(out, S("code"), str_z(value));
    }
    return any;
}

/* The operands behind the verb as numbers, or limits, or --all. */
static bool put_selection(struct dead *d, struct buf *out, struct err *err)
{
    const char *code = args_get(d->args, "code");
    uint64_t number;
    if (code && !str_to_u64(str_z(code), &number))
        return err_set(err, ERR_USAGE, "--code wants a number, not \"%s\"", code);
    bool limited = put_limits(d, out);
    json_kv_str(out, S("destination"), str_z(d->destination));
    if (d->args->operand_count > 1) {
        json_key(out, S("seqs"));
        buf_putc(out, '[');
        for (int i = 1; i < d->args->operand_count; i++) {
            uint64_t seq;
            if (!dead_seq(d, i, &seq, err)) return false;
            json_comma(out);
            buf_put_u64(out, seq);
        }
        buf_putc(out, ']');
    } else if (!limited && args_has(d->args, "all")) {
        json_kv_bool(out, S("all"), true);
    } else if (!limited) {
        return err_set(err, ERR_USAGE,
                       "which? give numbers, --reason CODE, another limit, or --all");
    }
    return true;
}

/* --- the answers, added up ------------------------------------------------------------------------ */

struct sums {
    uint64_t done;
    /* By what they had died of, what they would be now; REASON_NONE: sent. */
    uint64_t would[REASON_COUNT][REASON_COUNT];
};

static void add(uint64_t *sum, yyjson_val *value)
{
    uint64_t n = 0;
    (void)str_to_u64(json_str(value), &n); /* the server's own number */
    *sum += n;
}

/* Reasons of a newer server's are left out of the lines, not of what it does. */
static void add_answer(struct sums *sums, yyjson_val *root)
{
    size_t i, j, count, kinds;
    yyjson_val *key, *value, *to, *n;
    add(&sums->done, json_get(root, "done"));
    yyjson_obj_foreach (json_get(root, "by_reason"), i, count, key, value) {
        enum reason former = reason_find(json_str(key));
        yyjson_obj_foreach (value, j, kinds, to, n) {
            enum reason now =
                str_eq(json_str(to), S("send")) ? REASON_NONE : reason_find(json_str(to));
            if (former < REASON_COUNT && now < REASON_COUNT) add(&sums->would[former][now], n);
        }
    }
}

static void print_would(const struct sums *sums)
{
    uint64_t all[REASON_COUNT] = {0};
    for (size_t former = 0; former < REASON_COUNT; former++)
        for (size_t now = 0; now < REASON_COUNT; now++) all[now] += sums->would[former][now];
    printf("%llu would be sent\n", (unsigned long long)all[REASON_NONE]);
    for (enum reason now = REASON_NONE + 1; now < REASON_COUNT; now++)
        if (all[now])
            printf("%llu would not: %.*s\n", (unsigned long long)all[now],
                   STR_ARG(reason_name(now)));
}

static void print_by_reason(const struct sums *sums)
{
    for (enum reason former = 0; former < REASON_COUNT; former++) {
        bool any = false;
        for (enum reason now = 0; now < REASON_COUNT; now++) {
            uint64_t n = sums->would[former][now];
            if (!n) continue;
            if (!any) printf("died of %.*s:", STR_ARG(reason_name(former)));
            printf("%s %llu %.*s", any ? "," : "", (unsigned long long)n,
                   STR_ARG(now == REASON_NONE ? S("would go") : reason_name(now)));
            any = true;
        }
        if (any) putchar('\n');
    }
}

/* --- the requests --------------------------------------------------------------------------------- */

/* ask sends one request: the selection from a number on, with more, which is JSON members. */
static bool ask(struct dead *d, struct str members, uint64_t *from, struct sums *sums,
                struct err *err)
{
    struct buf request = {0};
    buf_putc(&request, '{');
    buf_put(&request, members);
    if (*from) json_kv_u64(&request, S("from"), *from);
    buf_putc(&request, '}');
    arena_reset(&d->arena);
    bool ok = client_json(d->client, d->path.p, buf_str(&request), &d->body, err);
    yyjson_val *root = ok ? json_read(&d->arena, buf_str(&d->body), err) : NULL;
    *from = 0;
    if (root) {
        add_answer(sums, root);
        (void)str_to_u64(json_str(json_get(root, "next")), from); /* absent: that was all */
    }
    buf_fini(&request);
    return root != NULL;
}

static bool ask_all(struct dead *d, const char *verb, bool dry_run, struct str text,
                    struct sums *sums, struct err *err)
{
    struct buf members = {0};
    uint64_t from = 0;
    bool ok = put_selection(d, &members, err);
    if (dry_run) json_kv_bool(&members, S("dry_run"), true);
    if (text.n) json_kv_str(&members, S("text"), text);
    buf_clear(&d->path);
    buf_printf(&d->path, "/api/v1/dead/%s", verb);
    buf_putc(&d->path, '\0');
    do {
        ok = ok && ask(d, buf_str(&members), &from, sums, err);
    } while (ok && from);
    buf_fini(&members);
    return ok;
}

bool dead_act(struct dead *d, const char *verb, const char *thing, const char *done,
              struct err *err)
{
    struct sums sums = {0};
    bool dry_run = args_has(d->args, "dry-run");
    if (!ask_all(d, verb, dry_run, S(""), &sums, err)) return false;
    if (dry_run)
        print_would(&sums);
    else
        printf("%llu %s%s %s\n", (unsigned long long)sums.done, thing, sums.done == 1 ? "" : "s",
               done);
    return true;
}

bool dead_try(struct dead *d, struct err *err)
{
    struct sums sums = {0};
    struct buf text = {0};
    bool ok = file_read_all(args_get(d->args, "config"), LIMIT_CONFIG_BYTES, &text, err) &&
              ask_all(d, "retry", true, buf_str(&text), &sums, err);
    buf_fini(&text);
    if (!ok) return false;
    print_would(&sums);
    print_by_reason(&sums);
    return true;
}
