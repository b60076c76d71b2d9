/*
 * A disk in memory: an SQLite VFS that remembers what was not synced.  What is
 * written is there after a kill; after a power cut each block of it that was
 * not synced is there or not, by chance.
 *
 * Each write and each sync is a step of the process: it may die there.
 */
#pragma once

#include <stdbool.h>

struct sim_disk;
struct sim_world;

/** What to call a database on it. */
#define SIM_DISK_URI "file:state?vfs=sim"

/** One at a time: the VFS is of the whole process. */
struct sim_disk *sim_disk_new(struct sim_world *world);
void sim_disk_free(struct sim_disk *disk);

/** The process is gone: the handles are closed. */
void sim_disk_cut_power(struct sim_disk *disk);

/** The process is gone, and the kernel writes what it left; until it did, what
 * can be read again may still be lost with the power. */
void sim_disk_sync(struct sim_disk *disk);

/** No file is there any more; the process is gone. */
void sim_disk_wipe(struct sim_disk *disk);

/** Something there is not synced. */
bool sim_disk_is_dirty(const struct sim_disk *disk);

/** Until `sim_disk_mend()`, no file grows. */
void sim_disk_fill(struct sim_disk *disk);

/** Until then, nothing at all can be written. */
void sim_disk_break(struct sim_disk *disk);
void sim_disk_mend(struct sim_disk *disk);
