/* SPDX-License-Identifier: Apache-2.0 */
/* Personal data made unrecognisable for the eye of an operator, yet telling enough to find a mistake:
 * j***@e***.com, 4***, 62a14e44.... */
#ifndef MAP_MASK_H
#define MAP_MASK_H

#include "base/buf.h"

/* mask_put appends text masked: of an e-mail address the first letters and the last label stay, of a
 * hash the first 8 digits, of anything else the first letter. */
void mask_put(struct buf *out, struct str text);
/* mask_put_json appends JSON with every text and number in it masked. */
void mask_put_json(struct buf *out, struct str json);

#endif
