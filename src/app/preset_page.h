/* SPDX-License-Identifier: Apache-2.0 */
/* The reference page of the presets, made from the presets themselves. */
#ifndef APP_PRESET_PAGE_H
#define APP_PRESET_PAGE_H

#include "base/buf.h"

/* preset_page_put appends the page as Markdown. */
void preset_page_put(struct buf *out);

#endif
