/* SPDX-License-Identifier: Apache-2.0 */
/* Maps events as the daemon would, without network or disk: what map, explain, test and diff share. */
#ifndef LOAD_MAPPER_H
#define LOAD_MAPPER_H

#include "load/load.h"
#include "map/explain.h"

struct mapper {
    struct generation *generation;
    size_t destination;               /* its index */
    const struct source_conf *source; /* NULL: Segment's shape from nowhere */
    struct run *run;
    struct buf out;          /* Meta events of the present event */
    struct explain *explain; /* NULL unless the steps are wanted; the mapper frees it */
    struct translation translation;
};

/* mapper_open loads the configuration (NULL: the default one) and picks the destination and source
 * (NULL: the only destination, the first source). Problems of the configuration go to stderr. The
 * mapper must be zeroed, but for explain; mapper_close also after a failure. */
bool mapper_open(struct mapper *m, const char *config, const char *destination, const char *source,
                 struct err *err);
void mapper_close(struct mapper *m);
/* mapper_set_now freezes the clock at an RFC 3339 time; NULL leaves it running. */
bool mapper_set_now(const char *now, struct err *err);
/* mapper_pick chooses another destination or source of the loaded configuration (NULL: as above). */
bool mapper_pick(struct mapper *m, const char *destination, const char *source, struct err *err);
/* mapper_run maps one event; the outcome is in translation and out. */
void mapper_run(struct mapper *m, struct str json);
/* mapper_event maps an event as it was received; as mapper_run otherwise. */
void mapper_event(struct mapper *m, const struct event *event);
/* mapper_put appends the answer as `pixeld map` prints it, without a newline. */
void mapper_put(const struct mapper *m, struct buf *answer);

#endif
