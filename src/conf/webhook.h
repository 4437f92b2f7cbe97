/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of webhooks: what the preset says below what the source says itself, and whether both
 * together are enough to know who sends. */
#ifndef CONF_WEBHOOK_H
#define CONF_WEBHOOK_H

#include "conf/config.h"

/* webhook_complete lays the source's own keys over its preset's and fills in defaults; an unknown
 * preset is a problem at its place. */
void webhook_complete(struct source_conf *source, struct arena *arena, struct diags *diags);
/* webhook_check reports what is missing or contradicts itself, after webhook_complete. */
void webhook_check(const struct source_conf *source, struct diags *diags);
/* webhook_preset_parse reads a preset: a file with the keys of `webhook` at its top level. NULL on
 * problems. */
struct webhook_conf *webhook_preset_parse(struct str name, struct str text, struct arena *arena,
                                          struct diags *diags);

#endif
