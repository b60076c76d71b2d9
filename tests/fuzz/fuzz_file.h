/*
 * A file that holds an input, for what reads files.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** Its path, until the next one. */
static inline const char *
fuzz_file(const void *bytes, size_t size)
{
	static FILE *file;
	static char path[32];
	if (!file && !(file = tmpfile()))
		abort();
	int fd = fileno(file);
	if (ftruncate(fd, 0) != 0
		|| pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}
