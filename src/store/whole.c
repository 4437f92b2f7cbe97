/* SPDX-License-Identifier: Apache-2.0 */
/* See whole.h. A file may be shorter than LMDB's last page number says: pages that were planned and never
 * written are missing at its end by rights. So one that is too short is walked over, by a child, which a
 * missing page ends. */
#include "store/whole.h"

#include "core/limits.h"
#include "store/db.h"
#include "sys/file.h"
#include "sys/process.h"

#include <fcntl.h>

enum { TABLES_MAX = 64, PAGE_STEP = 4096 };

struct place {
    const char *dir;
    uint64_t map_bytes;
};

static MDB_env *open_to_read(const struct place *place)
{
    MDB_env *env;
    if (mdb_env_create(&env)) return NULL;
    if (!mdb_env_set_mapsize(env, (size_t)place->map_bytes) &&
        !mdb_env_set_maxdbs(env, TABLES_MAX) &&
        !mdb_env_open(env, place->dir, MDB_RDONLY | MDB_NOLOCK, 0))
        return env;
    mdb_env_close(env);
    return NULL;
}

/* Touches every page of a table. */
static bool walk_table(MDB_txn *txn, MDB_dbi table)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    volatile char seen = 0; /* so that the reading is not optimised away */
    int code = mdb_cursor_open(txn, table, &cursor);
    if (code) return false;
    while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)))
        for (size_t i = 0; i < value.mv_size; i += PAGE_STEP)
            seen = (char)(seen + ((const char *)value.mv_data)[i]);
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND;
}

static bool walk_tables(MDB_txn *txn)
{
    MDB_dbi table;
#define X(field, name)                                                                             \
    switch (mdb_dbi_open(txn, name, 0, &table)) {                                                  \
    case 0:                                                                                        \
        if (!walk_table(txn, table)) return false;                                                 \
        break;                                                                                     \
    case MDB_NOTFOUND: break; /* of an older version's store */                                    \
    default: return false;                                                                         \
    }
    DB_TABLES(X)
#undef X
    return true;
}

static bool walk(void *ctx)
{
    MDB_env *env = open_to_read(ctx);
    MDB_txn *txn;
    if (!env || mdb_txn_begin(env, NULL, MDB_RDONLY, &txn)) return false;
    return walk_tables(txn); /* the process ends here: nothing to give back */
}

/* How many bytes the file should have; 0 when that cannot be told. */
static uint64_t wanted_bytes(const struct place *place)
{
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t bytes = 0;
    MDB_env *env = open_to_read(place);
    if (!env) return 0; /* opening it for real says why */
    if (!mdb_env_info(env, &info) && !mdb_env_stat(env, &stat))
        bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    mdb_env_close(env);
    return bytes;
}

static bool file_bytes(const char *dir, uint64_t *out)
{
    struct arena arena = {0};
    struct err ignored; /* not there: nothing to check */
    int fd = file_open(arena_printf(&arena, "%s/data.mdb", dir).p, O_RDONLY, 0, &ignored);
    off_t size = fd < 0 ? -1 : file_size(fd, &ignored);
    if (fd >= 0) file_close(fd);
    arena_fini(&arena);
    if (size < 0) return false;
    *out = (uint64_t)size;
    return true;
}

bool whole_check(const char *dir, uint64_t map_bytes, struct err *err)
{
    struct place place = {dir, map_bytes};
    uint64_t bytes;
    if (!file_bytes(dir, &bytes) || bytes == 0) return true;
    uint64_t wanted = wanted_bytes(&place);
    if (bytes >= wanted || process_try(walk, &place)) return true;
    return err_set(err, ERR_IO,
                   "the state store is cut off: data.mdb has %llu of %llu bytes. Restore it from a "
                   "backup; or move it away, then each destination begins where its `start` says",
                   (unsigned long long)bytes, (unsigned long long)wanted);
}
