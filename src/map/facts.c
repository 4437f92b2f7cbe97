/* SPDX-License-Identifier: Apache-2.0 */
/* See facts.h. */
#include "map/facts.h"

#include "base/mem.h"
#include "map/expr.h"

#include <assert.h>

struct facts {
    struct arena arena; /* the expressions' */
    struct arena scratch;
    struct buf text;
    struct paths *paths;
    struct expr *expressions[FACT_COUNT];
    struct value *slots;
};

struct facts *facts_new(void)
{
    static const struct str texts[] = {
#define X(NAME, name, expression) S_INIT(expression),
        FACTS(X)
#undef X
    };
    struct facts *f = mem_new(sizeof *f);
    struct diags diags;
    diags_init(&diags, &f->arena);
    f->paths = paths_new(&f->arena);
    struct expr_scope scope = {.paths = f->paths, .arena = &f->arena, .diags = &diags};
    for (size_t i = 0; i < FACT_COUNT; i++) {
        struct source_text *source = arena_new(&f->arena, struct source_text);
        *source = (struct source_text){S("facts"), texts[i]};
        f->expressions[i] = expr_compile(&scope, (struct text){texts[i], {source, 1, 1}});
        assert(f->expressions[i]); /* the table is ours */
    }
    f->slots = arena_array(&f->arena, struct value, paths_count(f->paths) + 1);
    return f;
}

void facts_free(struct facts *f)
{
    if (!f) return;
    buf_fini(&f->text);
    arena_fini(&f->scratch);
    arena_fini(&f->arena);
    mem_free(f);
}

void facts_read(struct facts *f, const struct parsed_event *e, struct str out[FACT_COUNT])
{
    memset(out, 0, FACT_COUNT * sizeof *out);
    if (!e->root) return;
    arena_reset(&f->scratch);
    buf_clear(&f->text);
    paths_fill(f->paths, e, &f->scratch, f->slots);
    for (size_t i = 0; i < FACT_COUNT; i++) {
        struct eval eval = {.slots = f->slots,
                            .event = e->event,
                            .now_ms = e->event->received_ms,
                            .scratch = &f->scratch,
                            .text = &f->text};
        struct value value = expr_eval(f->expressions[i], &eval);
        if (eval.verdict != EXPR_OK || !value_scalar_text(&value, &out[i])) out[i] = S("");
    }
}
