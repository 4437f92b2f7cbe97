/* SPDX-License-Identifier: Apache-2.0 */
/* How the rules see the events of a webhook. A source says in expressions over the body as it was sent
 * what its event is in the Segment specification's names; when such an event is mapped, that is
 * worked out first, and every rule of every destination sees the result. What is stored stays as it was
 * sent, so a better view can be tried on events of yesterday. */
#ifndef MAP_VIEW_H
#define MAP_VIEW_H

#include "map/plan.h"

struct view;

/* view_compile makes a view in the arena (generation lifetime) from the mappings of `webhook.event`. NULL
 * when there are none, or problems, which go to diags with their place. */
const struct view *view_compile(const struct mappings *event, struct arena *arena,
                                struct diags *diags);
/* view_apply turns what run_parse gave into what the view says it is; valid as long as that. An event
 * of which an expression cannot be worked out (`| required`, `| time`) is rejected. Thread: r's own. */
void view_apply(const struct view *view, struct run *r, int64_t now_ms, struct parsed_event *event);

#endif
