/* SPDX-License-Identifier: Apache-2.0 */
/* What the importers of this room share with import.c: one function a vendor. */
#ifndef IMPORT_VENDOR_H
#define IMPORT_VENDOR_H

#include "import/target.h"

/* Where the common part of a destination is in the vendor's JSON. Any may be NULL. */
struct vendor_settings {
    yyjson_val *pixel_id, *test_code;
    bool test_code_off; /* there is a code, and it is not in use */
    bool disabled;
};

/* NAME_settings finds the common part; NAME_write writes the rest of the destination, from the preset
 * on. False and err when root is not of this shape. */
typedef bool vendor_settings_fn(yyjson_val *root, struct vendor_settings *out, struct err *err);
typedef bool vendor_write_fn(struct import *im, yyjson_val *root, struct err *err);

vendor_settings_fn rudderstack_settings, partner_settings, amplitude_settings;
vendor_write_fn rudderstack_write, partner_write, amplitude_write;

/* What a key of the settings holds where it is read at all; null is nothing everywhere. */
enum vendor_kind { VENDOR_ANY, VENDOR_TEXT, VENDOR_TRUTH, VENDOR_UNREAD };
struct vendor_key {
    struct str name;
    enum vendor_kind kind;
    struct str why; /* VENDOR_UNREAD: why it has no equal */
};

/* vendor_tell_others tells of all keys of object that are not among known or hold something else. */
void vendor_tell_others(struct import *im, yyjson_val *object, const struct vendor_key *known,
                        size_t count);
/* vendor_row: is a row of the list `key` an object with a text under each of the known keys that are
 * texts? A row that is not is told of, unless it is blank, as are other keys in it. */
bool vendor_row(struct import *im, struct str key, yyjson_val *row, const struct vendor_key *known,
                size_t count);
/* vendor_unknown tells of a key that has no equal, without what it holds if that may be a secret. */
void vendor_unknown(struct import *im, struct str key, yyjson_val *value, struct str why);

#endif
