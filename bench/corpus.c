/* SPDX-License-Identifier: Apache-2.0 */
/* corpus COUNT [SEED] [NOW_MS]: prints the bench corpus as NDJSON. */
#include "bench/corpus.h"

#include "sys/clock.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    uint64_t count = 1000, seed = 1;
    int64_t now_ms = clock_now_ms();
    struct buf line = {0};
    if ((argc > 1 && !str_to_u64(str_z(argv[1]), &count)) ||
        (argc > 2 && !str_to_u64(str_z(argv[2]), &seed)) ||
        (argc > 3 && !str_to_i64(str_z(argv[3]), &now_ms))) {
        fprintf(stderr, "usage: corpus COUNT [SEED] [NOW_MS]\n");
        return 2;
    }
    struct corpus corpus = corpus_open(seed, now_ms);
    while (count--) {
        buf_clear(&line);
        corpus_event(&corpus, &line);
        buf_putc(&line, '\n');
        fwrite(line.p, 1, line.n, stdout);
    }
    buf_fini(&line);
    return 0;
}
