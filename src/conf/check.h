/* SPDX-License-Identifier: Apache-2.0 */
/* What only the whole configuration can tell: names that are there once, references that lead
 * somewhere, keys that need or exclude each other. */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf/config.h"

/* check_config reports to diags; arena for the messages' pieces. */
void check_config(const struct config *config, struct arena *arena, struct diags *diags);
/* check_actions is the part that presets share. */
void check_actions(const struct destination_conf *destination, struct diags *diags);

#endif
