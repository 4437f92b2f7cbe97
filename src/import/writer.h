/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a configuration as people would: block YAML, quotes only where they are needed, and comments
 * above the line they are about. Whatever the texts are, what comes out is one document of the plain
 * YAML that conf/yaml.h reads. */
#ifndef IMPORT_WRITER_H
#define IMPORT_WRITER_H

#include "base/arena.h"
#include "base/buf.h"

enum { WRITER_PENDING = 16 };

struct writer {
    struct buf *out;
    struct buf *notes; /* what the comments say, "line N: ..." each */
    size_t note_count;
    size_t line;    /* lines written so far */
    unsigned level; /* of indentation, the pending keys included */
    struct writer_key {
        struct str name;
        bool commented;
    } pending[WRITER_PENDING]; /* opened, and nothing is in them yet */
    unsigned pending_count;
    bool dash;      /* the next line begins an item */
    bool commented; /* lines are written as comments, for rules that could not run */
};

/* writer_init makes an empty document; both buffers are the caller's. */
void writer_init(struct writer *w, struct buf *out, struct buf *notes);
/* writer_open begins a map or list under a key; what follows is in it until writer_close. Nothing is
 * written when it stays empty. Comments that come before its first line stand above the key. The key
 * must live until writer_close. */
void writer_open(struct writer *w, struct str key);
/* writer_item begins an item of a list that is a map, until writer_close. */
void writer_item(struct writer *w);
void writer_close(struct writer *w);
/* writer_pair writes a key and a text, each quoted where YAML needs it. */
void writer_pair(struct writer *w, struct str key, struct str text);
/* writer_plain writes a key and a value that is YAML already: true, null, ${NAME}. */
void writer_plain(struct writer *w, struct str key, struct str value);
/* writer_element writes an item of a list that is a text. */
void writer_element(struct writer *w, struct str text);
/* writer_comment writes a comment, broken into lines; nothing for the summary. */
void writer_comment(struct writer *w, struct str text);
/* writer_note is writer_comment for what could not be taken over as it was: it is also noted for the
 * summary. */
void writer_note(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* writer_blank writes an empty line. */
void writer_blank(struct writer *w);
/* writer_shown is text for a comment: one line, cut to max bytes, in the arena. */
struct str writer_shown(struct arena *arena, struct str text, size_t max);

#endif
