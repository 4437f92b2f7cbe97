/* SPDX-License-Identifier: Apache-2.0 */
/* Would Meta take this event? Judged from the JSON alone, by Meta's documents and by refusals seen
 * in the wild. The judge shares the tables of fields with the sender, never its code: a mistake in
 * the mapping must not be repeated here. Where Meta's behaviour is not known it is strict about
 * types and personal data, and only warns about the rest. */
#ifndef SANDBOX_JUDGE_H
#define SANDBOX_JUDGE_H

#include "base/json.h"
#include "meta/fields.h"
#include "sandbox/verdict.h"

/* judge_event fills v (whatever it held before; texts in the arena). The event may be any JSON value
 * nested at most LIMIT_JSON_DEPTH deep, and must outlive v. Any thread. */
void judge_event(yyjson_val *event, int64_t now_ms, struct arena *arena, struct verdict *v);

/* The judge's chapters. Each returns false as soon as the event is refused; the objects they are
 * given are known to be objects. */

/* judge_value: is val of the field's type? (judge_value.c) */
bool judge_value(struct verdict *v, const struct meta_field *field, const struct place *at,
                 yyjson_val *val);
/* judge_unknown warns about a key that is in no table, naming the nearest known one. With only_near
 * it is silent about keys that resemble none: in custom_data those are custom properties. */
void judge_unknown(struct verdict *v, enum meta_section section, const struct place *at,
                   bool only_near);
/* judge_clear warns of e-mail addresses in any text below val. */
void judge_clear(struct verdict *v, const struct place *at, yyjson_val *val);
/* judge_has: a value that is neither null nor empty text, list or object? */
bool judge_has(yyjson_val *val);
/* judge_user: user_data, its hashes, and whether it says enough. (judge_user.c) */
bool judge_user(struct verdict *v, yyjson_val *user);
/* judge_custom: custom_data (or NULL) and its contents; event_name decides about value and currency.
 * (judge_custom.c) */
bool judge_custom(struct verdict *v, yyjson_val *custom, struct str event_name);
/* judge_channel: what each action_source asks for besides. (judge_channel.c) */
bool judge_channel(struct verdict *v, yyjson_val *event, struct str action_source);

#endif
