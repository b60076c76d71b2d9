/*
 * A disk that forgets: an SQLite VFS that keeps what is written to a database
 * and its logs in memory until it is synced.  Killing the process is a power
 * cut: what was not synced is lost.
 *
 *  - Writes and truncations of a file become real when that file is synced.
 *  - A deletion becomes real when any file is synced, as on a journaling file
 *    system; a file is created, empty, at once.
 *  - Locks and shared memory are those of the real VFS.
 *
 * An ordinary exit() is no power cut: all becomes real.  One thread a process,
 * and one process at a time a file.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Its name is "lossy".  Call it before the first database is opened. */
void lossy_vfs_register(bool as_default);

/** Bytes that all files together may have; then the disk is full.  -1, as at
 * first: no end. */
void lossy_vfs_quota(int64_t bytes);
