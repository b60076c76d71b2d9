/*
 * Whole files.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct err;

/**
 * Add what stands in the file to `buf`, which says how much may.  False: `err`
 * names the file and says why; errno is that of the system, 0 when it has more
 * than fits.
 */
bool file_read(const char *path, struct buf *buf, struct err *err);
