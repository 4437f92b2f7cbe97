/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets inside settings, found by the table of keys: taken out before anybody sees them, and put where
 * they belong before they are written. */
#ifndef CONSOLE_SECRETS_H
#define CONSOLE_SECRETS_H

#include "base/json.h"
#include "conf/keys_table.h"

#define SECRET_SHOWN "***"

/* secrets_hide appends settings with SECRET_SHOWN for each secret that stands there itself (references to
 * the environment and to files say nothing). keys: write keys are shown. */
void secrets_hide(struct buf *out, const struct object *object, yyjson_val *settings, bool keys);

/* Where secrets_keep leaves a secret that was typed in: called with the path of its key and its text;
 * appends what is to stand in its place. False stops with err. */
struct secret_box {
    void *ctx;
    bool may_refer; /* new references to the environment and to files are taken */
    bool (*put)(void *ctx, struct str path, struct str secret, struct buf *reference,
                struct err *err);
};
/* secrets_keep appends settings with SECRET_SHOWN replaced by what former has at the same place, and
 * secrets that were typed in by references. former may be NULL. */
bool secrets_keep(struct buf *out, const struct object *object, yyjson_val *settings,
                  yyjson_val *former, const struct secret_box *box, struct err *err);

#endif
