#define _GNU_SOURCE /* statx() */
#include "agent/base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

/* What there is of the path: itself, or the folder that it would be in.  The
 * caller frees it. */
static char *
existing(const char *path)
{
	struct stat about;
	char *there = mem_dup(path);
	while (stat(there, &about) != 0) {
		char *slash = strrchr(there, '/');
		if (!slash || str_eq(there, "/")) {
			free(there);
			return mem_dup(slash ? "/" : ".");
		}
		slash[slash == there] = '\0';
	}
	return there;
}

static uint64_t
mount_of(const char *path)
{
	struct statx about;
	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &about) != 0)
		return 0;
	return about.stx_mask & STATX_MNT_ID ? about.stx_mnt_id : 0;
}

/* In the container's own files, which are gone with it. */
static bool
is_mounted(const char *path)
{
	uint64_t root = mount_of("/");
	return root == 0 || mount_of(path) != root;
}

static void
add(struct err *err, const char *advice)
{
	size_t len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, "%s", advice);
}

static void
advise(struct err *err, int error, const char *path)
{
	char advice[sizeof(err->text)];
	struct stat about;
	if (stat(path, &about) != 0)
		return;
	if (S_ISDIR(about.st_mode) && !is_mounted(path)) {
		add(err,
			"; nothing is mounted there, and what is written would "
			"be gone with the container: mount a folder, as in "
			"-v \"$PWD\":/usr/src/app/config, and name a file in "
			"it");
	} else if (error != EROFS && about.st_uid != geteuid()) {
		snprintf(advice, sizeof(advice),
			"; %s belongs to %u:%u and this is %u:%u: run the "
			"container with --user %u:%u",
			path, about.st_uid, about.st_gid, geteuid(), getegid(),
			about.st_uid, about.st_gid);
		add(err, advice);
	}
}

bool
owner_advise(struct err *err, int error, const char *path)
{
	const char *image = getenv("CURLEW_IMAGE");
	if (!image || image[0] == '\0')
		return false;
	if (error != EACCES && error != EPERM && error != EROFS)
		return false;
	char *there = existing(path);
	advise(err, error, there);
	free(there);
	return false;
}
