/* SPDX-License-Identifier: Apache-2.0 */
/* See descriptors.h. */
#include "sys/descriptors.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

size_t descriptors_raise(size_t want)
{
    struct rlimit limit, higher;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return 0;
    if (limit.rlim_cur >= want) return (size_t)limit.rlim_cur;
    higher = limit;
    higher.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
    if (setrlimit(RLIMIT_NOFILE, &higher) == 0) limit = higher;
    return (size_t)limit.rlim_cur;
}

void descriptors_hold_standard(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_PATH);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) (void)close(fd); /* nothing was written */
}

size_t descriptors_unsent(int fd)
{
    int bytes = 0;
    return ioctl(fd, SIOCOUTQ, &bytes) || bytes < 0 ? 0 : (size_t)bytes;
}
