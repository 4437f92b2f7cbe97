/* SPDX-License-Identifier: Apache-2.0 */
/* corpus COUNT [SEED [NOW_MS [BYTES]]]: prints the bench corpus as NDJSON; with BYTES, orders of about that
 * size, or below 1,000 the smallest events there are. */
#include "bench/corpus.h"

#include "sys/clock.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    uint64_t count = 1000, seed = 1;
    int64_t now_ms = clock_now_ms();
    uint64_t bytes = 0;
    struct buf line = {0};
    if ((argc > 1 && !str_to_u64(str_z(argv[1]), &count)) ||
        (argc > 2 && !str_to_u64(str_z(argv[2]), &seed)) ||
        (argc > 3 && !str_to_i64(str_z(argv[3]), &now_ms)) ||
        (argc > 4 && !str_to_u64(str_z(argv[4]), &bytes))) {
        fprintf(stderr, "usage: corpus COUNT [SEED [NOW_MS [BYTES]]]\n");
        return 2;
    }
    struct corpus corpus = corpus_open(seed, now_ms);
    while (count--) {
        buf_clear(&line);
        if (bytes)
            corpus_sized_event(&corpus, &line, bytes);
        else
            corpus_event(&corpus, &line);
        buf_putc(&line, '\n');
        fwrite(line.p, 1, line.n, stdout);
    }
    buf_fini(&line);
    return 0;
}
