/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the console writes (managed.yaml of the data directory): sources and destinations, changed
 * one at a time. A change is made on a copy, the whole configuration is loaded with it as at a start, and
 * only if all of it is good the file is replaced and taken. Every version is kept for a while. Secrets
 * that are typed in go to files of their own; what is given out has "***" in their place. */
#ifndef CONSOLE_MANAGED_H
#define CONSOLE_MANAGED_H

#include "base/json.h"
#include "console/console.h"

/* X(NAME, "key") — the two lists. */
enum managed_list { MANAGED_SOURCES, MANAGED_DESTINATIONS };

/* One change: settings is the JSON object to put under the name, NULL removes. */
struct managed_change {
    enum managed_list list;
    struct str name;
    yyjson_val *settings;
    struct str who;
    bool
        may_refer; /* to any file or variable: else a token could be made of what an editor may not read */
    bool dry; /* only check, and say what would change */
};

enum managed_result {
    MANAGED_DONE,
    MANAGED_LOCKED,  /* the name is in the user's own file */
    MANAGED_UNKNOWN, /* nothing to remove */
    MANAGED_WRONG,   /* problems, as JSON */
    MANAGED_FAILED,  /* err: the disk */
};

/* managed_apply makes the change. diff gets the change as people read it, problems a JSON list. */
enum managed_result managed_apply(struct console *c, const struct managed_change *change,
                                  struct buf *diff, struct buf *problems, struct err *err);
/* managed_put_text replaces the whole file (a former version). */
enum managed_result managed_put_text(struct console *c, struct str text, struct str who,
                                     struct buf *diff, struct buf *problems, struct err *err);
/* managed_read gives the present text, empty without a file. */
bool managed_read(const struct console *c, struct buf *text, struct err *err);

/* managed_candidate loads the configuration in force with one destination more, which can send nothing:
 * settings without their secrets and address, under name. NULL with problems or err. The caller releases it. */
struct generation *managed_candidate(struct console *c, struct str name, yyjson_val *settings,
                                     struct buf *problems, struct err *err);

/* managed_history appends [{"id":…,"time":…},…], newest first. */
void managed_history(const struct console *c, struct buf *out);
/* managed_version reads a former version; false when there is none of that id. */
bool managed_version(const struct console *c, struct str id, struct buf *text, struct err *err);

/* managed_put_settings appends a source's or destination's settings without its secrets. Write keys stay
 * when keys is true: they are what snippets are made of. */
void managed_put_settings(struct buf *out, enum managed_list list, yyjson_val *settings, bool keys);

#endif
