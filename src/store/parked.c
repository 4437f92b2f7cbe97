/* SPDX-License-Identifier: Apache-2.0 */
/* Events that wait for one pixel of their destination, while the others go on: listing. They come and go
 * with settlements only. */
#include "store/store.h"

#include "store/db.h"
#include "store/encode.h"

bool store_parked_list(struct store *s, const struct letter_selection *which, struct arena *arena,
                       struct parked **out, size_t *count, struct err *err)
{
    MDB_txn *txn;
    struct letter_walk w;
    struct parked *list = arena_array(arena, struct parked, which->limit);
    size_t n = 0;
    bool ok = true;
    if (!db_read(s, &txn, err)) return false;
    db_walk_begin(txn, s->parked, which->destination, which->from_seq, &w);
    while (ok && n < which->limit && db_walk_next(&w)) {
        list[n].seq = w.seq;
        ok = decode_parked(arena_str(arena, w.value), &list[n++], err);
    }
    ok = db_walk_end(s, &w, err) && ok;
    mdb_txn_abort(txn);
    if (!ok) return false;
    *out = list;
    *count = n;
    return true;
}
