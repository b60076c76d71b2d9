#include "agent/store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/owner.h"
#include "agent/base/str.h"

enum {
	HOLDER_SIZE = 32,
};

bool
store_is_uri(const char *path)
{
	return str_eq(path, ":memory:") || str_starts(path, "file:");
}

/* What was made in a folder survives a power cut only when it was synced. */
static void
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* The folder that `path` is in; the caller frees it. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return mem_dup(".");
	if (slash == path)
		return mem_dup("/");
	return mem_dup_n(path, (size_t)(slash - path));
}

static bool
create_folder(const char *folder)
{
	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST;

	char *parent = folder_of(folder);
	sync_folder(parent);
	free(parent);
	return true;
}

/* Like mkdir -p; only what is missing is made. */
static bool
create_folders(const char *folder, struct err *err)
{
	char *upto = mem_dup(folder);
	bool good = true;
	for (char *slash = strchr(upto + 1, '/'); good && slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		good = create_folder(upto);
		*slash = '/';
	}
	good = good && create_folder(upto);
	int error = errno;
	free(upto);
	if (good)
		return true;
	err_set(err,
		"cannot create the folder %s: %s; give `state` a path that can "
		"be written",
		folder, strerror(error));
	return owner_advise(err, error, folder);
}

static bool
create_in(const char *folder, const char *path, struct err *err)
{
	struct stat at;
	if (stat(folder, &at) != 0 && !create_folders(folder, err))
		return false;

	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool created = fd >= 0;
	if (!created && errno == EEXIST)
		fd = open(path, O_RDWR | O_CLOEXEC);
	int error = errno;
	if (fd < 0) {
		err_set(err,
			"cannot open %s: %s; give `state` a path that can be "
			"written",
			path, strerror(error));
		return owner_advise(err, error, path);
	}
	close(fd);
	if (created)
		sync_folder(folder);
	return true;
}

bool
store_create_file(const char *path, struct err *err)
{
	char *folder = folder_of(path);
	bool good = create_in(folder, path, err);
	free(folder);
	return good;
}

static int
refuse_second(int fd, const char *path, struct err *err)
{
	char holder[HOLDER_SIZE] = "";
	ssize_t len = pread(fd, holder, sizeof(holder) - 1, 0);
	close(fd);

	holder[len > 0 ? len : 0] = '\0';
	holder[strspn(holder, "0123456789")] = '\0';
	err_set(err,
		"%s is in use by process %s: stop that one first, or give this "
		"one a `state` of its own",
		path, *holder ? holder : "(unknown)");
	return -1;
}

static void
write_holder(int fd)
{
	char holder[HOLDER_SIZE];
	int len = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
	/* Only for people: the lock holds without it. */
	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, holder, (size_t)len, 0);
}

static int
lock_at(const char *lock_path, const char *path, struct err *err)
{
	int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		int error = errno;
		err_set(err, "cannot open %s: %s", lock_path, strerror(error));
		owner_advise(err, error, lock_path);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		write_holder(fd);
		return fd;
	}
	if (errno == EWOULDBLOCK)
		return refuse_second(fd, path, err);
	err_set(err, "cannot lock %s: %s", lock_path, strerror(errno));
	close(fd);
	return -1;
}

int
store_lock_file(const char *path, struct err *err)
{
	static const char suffix[] = ".lock";
	size_t size = strlen(path) + sizeof(suffix);
	char *lock_path = mem_alloc(size);
	snprintf(lock_path, size, "%s%s", path, suffix);
	int fd = lock_at(lock_path, path, err);
	free(lock_path);
	return fd;
}
