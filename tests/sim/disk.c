#include "tests/sim/disk.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/sim/sim.h"

enum {
	BLOCK = 512,
	REGION = 32 * 1024, /* of shared memory, as SQLite asks for it */
	REGIONS_MAX = 8,
};

enum file_name {
	FILE_DATABASE = 0,
	FILE_WAL,
	FILE_JOURNAL,
	FILES,
};

struct file {
	char *bytes;
	size_t size, room;

	/* As it is on the plate: `bytes` but for these blocks. */
	size_t synced_size;
	bool *dirty; /* one for each block of the room */
	char *before; /* as large as the room */
	bool deleted; /* since, and perhaps made again */
};

enum health {
	DISK_GOOD = 0,
	DISK_FULL,
	DISK_BROKEN,
};

struct sim_disk {
	struct sim_world *world;
	struct file files[FILES];
	void *regions[REGIONS_MAX];
	enum health health;
};

/* What SQLite holds. */
struct handle {
	sqlite3_file base;
	struct file *file;
};

static struct sim_disk *drive; /* a VFS has no cookie for each database */

static struct file *
file_of(sqlite3_file *file)
{
	return ((struct handle *)(void *)file)->file;
}

/* Files. */

static void
make_room(struct file *file, size_t size)
{
	if (size <= file->room)
		return;
	size_t room = file->room > 0 ? file->room : (size_t)128 * BLOCK;
	while (room < size)
		room *= 2;
	size_t more = room - file->room;
	file->bytes = mem_grow(file->bytes, room, 1);
	file->before = mem_grow(file->before, room, 1);
	file->dirty = mem_grow(file->dirty, room / BLOCK, sizeof(bool));
	memset(file->bytes + file->room, 0, more);
	memset(file->before + file->room, 0, more);
	memset(file->dirty + file->room / BLOCK, 0,
		more / BLOCK * sizeof(bool));
	file->room = room;
}

/* Keep what is on the plate of the blocks that are about to change. */
static void
spoil(struct file *file, size_t from, size_t to)
{
	for (size_t block = from / BLOCK; block * BLOCK < to; block++) {
		if (file->dirty[block])
			continue;
		file->dirty[block] = true;
		memcpy(file->before + block * BLOCK,
			file->bytes + block * BLOCK, BLOCK);
	}
}

static void
settle(struct file *file)
{
	if (file->room > 0)
		memset(file->dirty, 0, file->room / BLOCK * sizeof(bool));
	file->synced_size = file->size;
}

static void
truncate_to(struct file *file, size_t size)
{
	if (size >= file->size)
		return;
	spoil(file, size, file->size);
	memset(file->bytes + size, 0, file->size - size);
	file->size = size;
}

/* As on a journaling file system, with any sync of any file. */
static void
settle_deletions(void)
{
	for (size_t i = 0; i < FILES; i++) {
		struct file *file = &drive->files[i];
		if (!file->deleted)
			continue;
		file->deleted = false;
		file->synced_size = 0;
		memset(file->before, 0, file->room);
	}
}

static void
lose_unsynced(struct sim_world *world, struct file *file)
{
	bool as_synced = sim_chance(world, 500);
	size_t size = as_synced ? file->synced_size : file->size;
	for (size_t block = 0; block * BLOCK < file->room; block++)
		if (file->dirty[block] && (as_synced || sim_chance(world, 500)))
			memcpy(file->bytes + block * BLOCK,
				file->before + block * BLOCK, BLOCK);
	file->size = size;
	if (size < file->room)
		memset(file->bytes + size, 0, file->room - size);
	file->deleted = false;
	settle(file);
}

/* Methods of a file. */

/* A step that may be the last: false when it does not happen any more. */
static bool
survives(void)
{
	sim_step(drive->world);
	return !drive->world->dead;
}

static int
on_close(sqlite3_file *file)
{
	(void)file;
	return SQLITE_OK;
}

static int
on_read(sqlite3_file *handle, void *bytes, int len, sqlite3_int64 at)
{
	const struct file *file = file_of(handle);
	size_t from = (size_t)at, n = (size_t)len;
	size_t there = from < file->size ? file->size - from : 0;
	if (there > n)
		there = n;
	if (there > 0)
		memcpy(bytes, file->bytes + from, there);
	memset((char *)bytes + there, 0, n - there);
	return there == n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
on_write(sqlite3_file *handle, const void *bytes, int len, sqlite3_int64 at)
{
	struct file *file = file_of(handle);
	size_t from = (size_t)at, to = from + (size_t)len;
	if (drive->health == DISK_BROKEN || !survives())
		return SQLITE_IOERR_WRITE;
	if (drive->health == DISK_FULL && to > file->size)
		return SQLITE_FULL;
	make_room(file, (to + BLOCK - 1) / BLOCK * BLOCK);
	spoil(file, from, to);
	memcpy(file->bytes + from, bytes, (size_t)len);
	if (to > file->size)
		file->size = to;
	return SQLITE_OK;
}

static int
on_truncate(sqlite3_file *handle, sqlite3_int64 size)
{
	if (drive->health == DISK_BROKEN || !survives())
		return SQLITE_IOERR_TRUNCATE;
	truncate_to(file_of(handle), (size_t)size);
	return SQLITE_OK;
}

static int
on_sync(sqlite3_file *handle, int flags)
{
	(void)flags;
	/* What is written and not yet synced: a good moment to die. */
	if (drive->world->steps_left > 0 && sim_chance(drive->world, 300))
		drive->world->steps_left = 0;
	if (drive->health == DISK_BROKEN || !survives())
		return SQLITE_IOERR_FSYNC;
	settle(file_of(handle));
	settle_deletions();
	return survives() ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int
on_file_size(sqlite3_file *handle, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)file_of(handle)->size;
	return SQLITE_OK;
}

static int
on_lock(sqlite3_file *handle, int level)
{
	(void)handle;
	(void)level;
	return SQLITE_OK;
}

static int
on_check_reserved_lock(sqlite3_file *handle, int *reserved)
{
	(void)handle;
	*reserved = 0;
	return SQLITE_OK;
}

static int
on_file_control(sqlite3_file *handle, int op, void *argument)
{
	(void)handle;
	(void)op;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int
on_sector_size(sqlite3_file *handle)
{
	(void)handle;
	return BLOCK;
}

static int
on_device_characteristics(sqlite3_file *handle)
{
	(void)handle;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
on_shm_map(sqlite3_file *handle, int region, int size, int extend,
	void volatile **memory)
{
	(void)handle;
	(void)extend;
	if (region >= REGIONS_MAX || size != REGION)
		return SQLITE_IOERR_SHMMAP;
	if (!drive->regions[region])
		drive->regions[region] = mem_zalloc(REGION);
	*memory = drive->regions[region];
	return SQLITE_OK;
}

/* There is one process, and one connection in it. */
static int
on_shm_lock(sqlite3_file *handle, int offset, int n, int flags)
{
	(void)handle;
	(void)offset;
	(void)n;
	(void)flags;
	return SQLITE_OK;
}

static void
on_shm_barrier(sqlite3_file *handle)
{
	(void)handle;
}

static int
on_shm_unmap(sqlite3_file *handle, int delete)
{
	(void)handle;
	(void)delete;
	for (size_t i = 0; i < REGIONS_MAX; i++)
		free(drive->regions[i]), drive->regions[i] = NULL;
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_file_size,
	.xLock = on_lock,
	.xUnlock = on_lock,
	.xCheckReservedLock = on_check_reserved_lock,
	.xFileControl = on_file_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_device_characteristics,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

/* Methods of the VFS. */

static struct file *
named(const char *path)
{
	if (str_ends(path, "-wal"))
		return &drive->files[FILE_WAL];
	if (str_ends(path, "-journal"))
		return &drive->files[FILE_JOURNAL];
	return &drive->files[FILE_DATABASE];
}

static int
on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *handle, int flags,
	int *out_flags)
{
	(void)vfs;
	((struct handle *)(void *)handle)->file = named(path ? path : "");
	handle->pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int
on_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	if (drive->health == DISK_BROKEN || !survives())
		return SQLITE_IOERR_DELETE;
	struct file *file = named(path);
	truncate_to(file, 0);
	file->deleted = true;
	if (sync_folder)
		settle_deletions();
	return SQLITE_OK;
}

/* An empty file does not exist for SQLite. */
static int
on_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer)
{
	(void)vfs;
	(void)flags;
	*answer = named(path)->size > 0;
	return SQLITE_OK;
}

static int
on_full_path(sqlite3_vfs *vfs, const char *path, int size, char *full)
{
	(void)vfs;
	return str_copy(full, (size_t)size, path) ? SQLITE_OK : SQLITE_CANTOPEN;
}

static void
register_once(void)
{
	static sqlite3_vfs vfs;
	if (vfs.iVersion)
		return;
	vfs = *sqlite3_vfs_find(NULL); /* time, randomness and so on */
	vfs.iVersion = 2;
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(struct handle);
	vfs.zName = "sim";
	vfs.xOpen = on_open;
	vfs.xDelete = on_delete;
	vfs.xAccess = on_access;
	vfs.xFullPathname = on_full_path;
	sqlite3_vfs_register(&vfs, 0);
}

/* The doors. */

struct sim_disk *
sim_disk_new(struct sim_world *world)
{
	register_once();
	drive = mem_zalloc(sizeof(*drive));
	drive->world = world;
	return drive;
}

void
sim_disk_free(struct sim_disk *disk)
{
	for (size_t i = 0; i < FILES; i++) {
		free(disk->files[i].bytes);
		free(disk->files[i].before);
		free(disk->files[i].dirty);
	}
	for (size_t i = 0; i < REGIONS_MAX; i++)
		free(disk->regions[i]);
	free(disk);
	drive = NULL;
}

void
sim_disk_cut_power(struct sim_disk *disk)
{
	for (size_t i = 0; i < FILES; i++)
		lose_unsynced(disk->world, &disk->files[i]);
}

void
sim_disk_sync(struct sim_disk *disk)
{
	for (size_t i = 0; i < FILES; i++) {
		disk->files[i].deleted = false;
		settle(&disk->files[i]);
	}
}

void
sim_disk_wipe(struct sim_disk *disk)
{
	for (size_t i = 0; i < FILES; i++)
		truncate_to(&disk->files[i], 0);
	sim_disk_sync(disk);
}

bool
sim_disk_is_dirty(const struct sim_disk *disk)
{
	for (size_t i = 0; i < FILES; i++)
		if (disk->files[i].room > 0
			&& memchr(disk->files[i].dirty, true,
				disk->files[i].room / BLOCK))
			return true;
	return false;
}

void
sim_disk_fill(struct sim_disk *disk)
{
	disk->health = DISK_FULL;
}

void
sim_disk_break(struct sim_disk *disk)
{
	disk->health = DISK_BROKEN;
}

void
sim_disk_mend(struct sim_disk *disk)
{
	disk->health = DISK_GOOD;
}
