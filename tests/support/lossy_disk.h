/*
 * The memory of lossy_vfs.c: files as this process sees them, and what of them
 * is not on disk yet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#include "agent/base/list.h"

struct inode {
	struct list all;
	char *path;
	char *bytes;
	size_t size, room;
	bool exists;
	unsigned handles;

	size_t kept; /* the least size since the last sync */
	bool *dirty; /* a flag a page of `room` */
	bool unsynced;
	bool deleted; /* and perhaps made again since: not on disk yet */
};

/** NULL when all that is to know of it is on disk. */
struct inode *inode_find(const char *path);

struct inode *inode_new(const char *path);

/** Forget it, once nobody has it open and all of it is on disk. */
void inode_drop(struct inode *inode);

/** Read what is on disk.  An SQLite code, as of all below. */
int inode_load(struct inode *inode, sqlite3_file *real);

int inode_write(
	struct inode *inode, const void *bytes, size_t from, size_t len);
void inode_shrink(struct inode *inode, size_t size);
void inode_delete(struct inode *inode);

/** Put it on disk: its content and, as a journal does, all deletions. */
int inode_sync(struct inode *inode, sqlite3_file *real, sqlite3_vfs *vfs);
int inode_sync_deletions(sqlite3_vfs *vfs);
void inode_sync_all(sqlite3_vfs *vfs);
