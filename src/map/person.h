/* SPDX-License-Identifier: Apache-2.0 */
/* The user_data of people who come again: a visit is several events of one person, and what their values
 * become is normalised, hashed and written once. A bounded memory of ready JSON, found by all that it was
 * made of.
 *
 * That is the leading targets of a program's user_data that depend on nothing but the event's own values
 * (hashed ones, address and user agent; not a click id, in which there is a time). Found by a hash of 128
 * bits with a secret of the process, so that nobody can make two people meet, and nothing personal in the
 * clear is kept beside what Meta gets in the clear. Events with a list in one of these values are not kept.
 *
 * Whoever is not there is made anew: a memory that is too small or forgets costs time alone. */
#ifndef MAP_PERSON_H
#define MAP_PERSON_H

#include "map/program.h"
#include "map/value.h"
#include "meta/check.h"

struct persons;

/* What one block of user_data was made of. */
struct person_key {
    uint64_t words[2];
};

/* One thread's own: LIMIT_PERSONS_BYTES and an index, in memory as far as they are used. */
struct persons *persons_new(void);
/* persons_free overwrites what is in it. */
void persons_free(struct persons *p);

/* person_compile says which targets of a program's user_data are kept together; none when one that is
 * hashed cannot be. Compile time. */
void person_compile(struct compiler *c, struct program *fill);

/* person_key_of takes what fill's kept targets read, and who, into *key. False: not to be kept. */
bool person_key_of(const struct persons *p, const struct program *fill, const struct value *slots,
                   const uint64_t *present, const struct meta_context *who, struct person_key *key);
/* persons_fetch asks the processor for the block, if there is one; best a little after the key was made, which
 * asked for the place that says where, and a little before persons_get. */
void persons_fetch(const struct persons *p, const struct person_key *key);
/* persons_get appends what was kept for the key and notes the fields in it; false when there is nothing. */
bool persons_get(const struct persons *p, const struct person_key *key, struct buf *out,
                 struct meta_facts *facts);
/* persons_keep keeps json, and which fields are in it, for the key. One that is too long is not kept. */
void persons_keep(struct persons *p, const struct person_key *key, struct str json,
                  const uint64_t fields[META_FIELD_WORDS]);

#endif
