#include "tests/support/lossy_disk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/support/lossy_vfs.h"

enum {
	PAGE = 512, /* how finely is remembered what is not on disk yet */
	CHUNK = 64 * 1024, /* as large as a page gets; more, SQLite cannot */
};

static struct list inodes = { &inodes, &inodes };
static int64_t quota = -1;

void
lossy_vfs_quota(int64_t bytes)
{
	quota = bytes;
}

static struct inode *
inode_at(struct list *at)
{
	return LIST_ENTRY(at, struct inode, all);
}

struct inode *
inode_find(const char *path)
{
	LIST_EACH (at, &inodes, after)
		if (str_eq(inode_at(at)->path, path))
			return inode_at(at);
	return NULL;
}

struct inode *
inode_new(const char *path)
{
	struct inode *inode = mem_zalloc(sizeof(*inode));
	inode->path = mem_dup(path);
	list_add(&inodes, &inode->all);
	return inode;
}

void
inode_drop(struct inode *inode)
{
	if (inode->handles > 0 || inode->unsynced || inode->deleted)
		return;
	list_remove(&inode->all);
	free(inode->path);
	free(inode->bytes);
	free(inode->dirty);
	free(inode);
}

static void
make_room(struct inode *inode, size_t size)
{
	if (size <= inode->room)
		return;
	size_t room = inode->room > 0 ? inode->room : (size_t)64 * PAGE;
	while (room < size)
		room *= 2;
	size_t pages = room / PAGE, before = inode->room / PAGE;
	inode->bytes = mem_grow(inode->bytes, room, 1);
	inode->dirty = mem_grow(inode->dirty, pages, sizeof(bool));
	memset(inode->bytes + inode->room, 0, room - inode->room);
	memset(inode->dirty + before, 0, (pages - before) * sizeof(bool));
	inode->room = room;
}

int
inode_load(struct inode *inode, sqlite3_file *real)
{
	sqlite3_int64 size;
	int code = real->pMethods->xFileSize(real, &size);
	if (code != SQLITE_OK)
		return code;
	make_room(inode, (size_t)size);
	inode->size = inode->kept = (size_t)size;

	sqlite3_int64 at = 0;
	while (code == SQLITE_OK && at < size) {
		int len = size - at < CHUNK ? (int)(size - at) : CHUNK;
		code = real->pMethods->xRead(real, inode->bytes + at, len, at);
		at += len;
	}
	return code;
}

static bool
fits(size_t more)
{
	int64_t used = (int64_t)more;
	LIST_EACH (at, &inodes, after)
		used += (int64_t)inode_at(at)->size;
	return quota < 0 || used <= quota;
}

static void
mark_dirty(struct inode *inode, size_t from, size_t to)
{
	for (size_t page = from / PAGE; page * PAGE < to; page++)
		inode->dirty[page] = true;
	inode->unsynced = true;
}

static void
mark_clean(struct inode *inode)
{
	if (inode->room > 0)
		memset(inode->dirty, 0, inode->room / PAGE * sizeof(bool));
	inode->unsynced = false;
}

int
inode_write(struct inode *inode, const void *bytes, size_t from, size_t len)
{
	size_t to = from + len;
	if (to > inode->size && !fits(to - inode->size))
		return SQLITE_FULL;
	make_room(inode, to);
	memcpy(inode->bytes + from, bytes, len);
	mark_dirty(inode, from, to);
	if (to > inode->size) {
		mark_dirty(inode, inode->size, to); /* also a hole before it */
		inode->size = to;
	}
	return SQLITE_OK;
}

void
inode_shrink(struct inode *inode, size_t size)
{
	if (size >= inode->size)
		return;
	memset(inode->bytes + size, 0, inode->size - size);
	inode->size = size;
	if (inode->kept > size)
		inode->kept = size;
	inode->unsynced = true;
}

void
inode_delete(struct inode *inode)
{
	inode_shrink(inode, 0);
	mark_clean(inode);
	inode->kept = 0;
	inode->exists = false;
	inode->deleted = true;
}

static size_t
end_of_dirty(const struct inode *inode, size_t from)
{
	size_t to = from;
	while (to < inode->size && to - from < CHUNK && inode->dirty[to / PAGE])
		to += PAGE;
	return to < inode->size ? to : inode->size;
}

static int
write_pages(struct inode *inode, sqlite3_file *real)
{
	int code = SQLITE_OK;
	size_t at = 0;
	while (code == SQLITE_OK && at < inode->size) {
		size_t end = end_of_dirty(inode, at);
		if (end > at)
			code = real->pMethods->xWrite(real, inode->bytes + at,
				(int)(end - at), (sqlite3_int64)at);
		at = end > at ? end : at + PAGE;
	}
	return code;
}

static int
write_content(struct inode *inode, sqlite3_file *real)
{
	sqlite3_int64 size;
	int code = real->pMethods->xFileSize(real, &size);
	if (code == SQLITE_OK && (size_t)size > inode->kept)
		code = real->pMethods->xTruncate(
			real, (sqlite3_int64)inode->kept);
	if (code == SQLITE_OK)
		code = write_pages(inode, real);
	if (code != SQLITE_OK)
		return code;
	mark_clean(inode);
	inode->kept = inode->size;
	inode->deleted = false;
	return SQLITE_OK;
}

static int
cut_to_nothing(struct inode *inode, sqlite3_file *real)
{
	(void)inode;
	return real->pMethods->xTruncate(real, 0);
}

/* With a handle of its own, for files that nobody has open. */
static int
with_real(struct inode *inode, sqlite3_vfs *vfs,
	int (*act)(struct inode *, sqlite3_file *))
{
	sqlite3_file *real = mem_zalloc((size_t)vfs->szOsFile);
	size_t len = strlen(inode->path);
	char *name = mem_zalloc(len + 4); /* as xOpen wants it: NULs behind */
	memcpy(name, inode->path, len);
	int code = vfs->xOpen(vfs, name, real,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
			| SQLITE_OPEN_MAIN_JOURNAL,
		NULL);
	if (code == SQLITE_OK)
		code = act(inode, real);
	if (real->pMethods)
		real->pMethods->xClose(real);
	free(name);
	free(real);
	return code;
}

/* Deleted and made again: empty, for its content awaits its own sync. */
static int
sync_deletion(struct inode *inode, sqlite3_vfs *vfs)
{
	int code = inode->exists ? with_real(inode, vfs, cut_to_nothing)
				 : vfs->xDelete(vfs, inode->path, 0);
	if (code != SQLITE_OK && code != SQLITE_IOERR_DELETE_NOENT)
		return code;
	inode->deleted = false;
	inode_drop(inode);
	return SQLITE_OK;
}

int
inode_sync_deletions(sqlite3_vfs *vfs)
{
	int code = SQLITE_OK;
	LIST_EACH (at, &inodes, after)
		if (code == SQLITE_OK && inode_at(at)->deleted)
			code = sync_deletion(inode_at(at), vfs);
	return code;
}

/*
 * The kernel keeps what was written when the process is killed, so that there
 * is no need to wait for a real disk.
 */
int
inode_sync(struct inode *inode, sqlite3_file *real, sqlite3_vfs *vfs)
{
	int code = write_content(inode, real);
	return code == SQLITE_OK ? inode_sync_deletions(vfs) : code;
}

void
inode_sync_all(sqlite3_vfs *vfs)
{
	inode_sync_deletions(vfs);
	LIST_EACH (at, &inodes, after)
		if (inode_at(at)->unsynced)
			with_real(inode_at(at), vfs, write_content);
}
