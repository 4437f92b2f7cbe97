/* SPDX-License-Identifier: Apache-2.0 */
/* How many files and sockets the process may have open. */
#ifndef SYS_DESCRIPTORS_H
#define SYS_DESCRIPTORS_H

#include <stddef.h>

/* descriptors_raise raises the limit as far as the system lets us, at most to want, and returns what it
 * is now. The usual 1,024 exist for programs that use select(); we do not. */
size_t descriptors_raise(size_t want);
/* descriptors_hold_standard makes sure that 0, 1 and 2 are taken: whoever starts us may have closed them,
 * and then a file of ours would get the number, and the log would be written into it. What is held in
 * their place can be neither read nor written, so that using them still fails. Before anything is opened. */
void descriptors_hold_standard(void);

/* descriptors_unsent is how many bytes written to a TCP socket its peer has not confirmed yet (SIOCOUTQ, tcp(7));
 * 0 when the kernel does not say. */
size_t descriptors_unsent(int fd);

#endif
