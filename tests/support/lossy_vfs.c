#include "tests/support/lossy_vfs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/lossy_disk.h"

/* What SQLite holds; the real file follows it in memory. */
struct handle {
	sqlite3_file base;
	struct inode *inode;
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *
real_file(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)((struct handle *)(void *)file + 1);
}

static struct inode *
inode_of(sqlite3_file *file)
{
	return ((struct handle *)(void *)file)->inode;
}

/* A file. */

static int
on_close(sqlite3_file *file)
{
	struct inode *inode = inode_of(file);
	sqlite3_file *real = real_file(file);
	inode->handles--;
	inode_drop(inode);
	return real->pMethods->xClose(real);
}

static int
on_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
	const struct inode *inode = inode_of(file);
	size_t from = (size_t)at, n = (size_t)len;
	size_t there = from < inode->size ? inode->size - from : 0;
	if (there > n)
		there = n;
	if (there > 0)
		memcpy(bytes, inode->bytes + from, there);
	memset((char *)bytes + there, 0, n - there);
	return there == n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
on_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	return inode_write(inode_of(file), bytes, (size_t)at, (size_t)len);
}

static int
on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	inode_shrink(inode_of(file), (size_t)size);
	return SQLITE_OK;
}

static int
on_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	return inode_sync(inode_of(file), real_file(file), real_vfs);
}

static int
on_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)inode_of(file)->size;
	return SQLITE_OK;
}

static int
on_lock(sqlite3_file *file, int level)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xLock(real, level);
}

static int
on_unlock(sqlite3_file *file, int level)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xUnlock(real, level);
}

static int
on_check_reserved_lock(sqlite3_file *file, int *reserved)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xCheckReservedLock(real, reserved);
}

/* Nothing may change the size of the real file behind our back. */
static int
on_file_control(sqlite3_file *file, int op, void *argument)
{
	sqlite3_file *real = real_file(file);
	if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
		return SQLITE_OK;
	return real->pMethods->xFileControl(real, op, argument);
}

static int
on_sector_size(sqlite3_file *file)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xSectorSize(real);
}

static int
on_device_characteristics(sqlite3_file *file)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xDeviceCharacteristics(real)
		& SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
on_shm_map(sqlite3_file *file, int page, int size, int extend,
	void volatile **memory)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xShmMap(real, page, size, extend, memory);
}

static int
on_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xShmLock(real, offset, n, flags);
}

static void
on_shm_barrier(sqlite3_file *file)
{
	sqlite3_file *real = real_file(file);
	real->pMethods->xShmBarrier(real);
}

static int
on_shm_unmap(sqlite3_file *file, int delete)
{
	sqlite3_file *real = real_file(file);
	return real->pMethods->xShmUnmap(real, delete);
}

/* Version 2: no memory-mapped reads, which would see the real file. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_file_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_check_reserved_lock,
	.xFileControl = on_file_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_device_characteristics,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

/* The folder. */

/* Temporary files do not matter: none outlives its process. */
static bool
matters(const char *path, int flags)
{
	int kinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL
		| SQLITE_OPEN_WAL;
	return path && (flags & kinds);
}

static int
attach(sqlite3_file *file, struct inode *inode, const char *path)
{
	int code = SQLITE_OK;
	if (!inode) {
		inode = inode_new(path);
		code = inode_load(inode, real_file(file));
	}
	inode->exists = true; /* if it was deleted before, it begins empty */
	inode->handles++;
	((struct handle *)(void *)file)->inode = inode;
	return code;
}

static int
on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
	int *out_flags)
{
	(void)vfs;
	file->pMethods = NULL;
	if (!matters(path, flags))
		return real_vfs->xOpen(real_vfs, path, file, flags, out_flags);

	struct inode *known = inode_find(path);
	if (known && !known->exists && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	int code = real_vfs->xOpen(
		real_vfs, path, real_file(file), flags, out_flags);
	if (code != SQLITE_OK)
		return code;
	code = attach(file, known, path);
	if (code == SQLITE_OK)
		file->pMethods = &methods;
	else
		on_close(file);
	return code;
}

static int
on_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	struct inode *inode = inode_find(path);
	int there;
	int code = vfs->xAccess(vfs, path, SQLITE_ACCESS_READWRITE, &there);
	if (code != SQLITE_OK || !there)
		return SQLITE_IOERR_DELETE_NOENT;
	inode_delete(inode ? inode : inode_new(path));
	return sync_folder ? inode_sync_deletions(real_vfs) : SQLITE_OK;
}

/* As for the real one, an empty file does not exist for SQLite. */
static int
on_access(sqlite3_vfs *vfs, const char *path, int flags, int *answer)
{
	(void)vfs;
	const struct inode *inode = inode_find(path);
	if (!inode)
		return real_vfs->xAccess(real_vfs, path, flags, answer);
	*answer = inode->exists
		&& (flags != SQLITE_ACCESS_EXISTS || inode->size > 0);
	return SQLITE_OK;
}

static void
on_process_end(void)
{
	inode_sync_all(real_vfs);
}

void
lossy_vfs_register(bool as_default)
{
	static sqlite3_vfs lossy;
	if (!real_vfs) {
		real_vfs = sqlite3_vfs_find(NULL);
		assert(real_vfs);
		/* Paths, time, randomness and so on are the real one's. */
		lossy = *real_vfs;
		lossy.iVersion = 2;
		lossy.pNext = NULL;
		lossy.szOsFile += (int)sizeof(struct handle);
		lossy.zName = "lossy";
		lossy.xOpen = on_open;
		lossy.xDelete = on_delete;
		lossy.xAccess = on_access;
		atexit(on_process_end);
	}
	sqlite3_vfs_register(&lossy, as_default);
}
