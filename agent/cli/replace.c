#define _XOPEN_SOURCE 700 /* realpath() */
/* A temporary file beside it, on disk, then its name. */
#include "agent/cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/owner.h"
#include "agent/base/str.h"

enum {
	BACKUPS_MAX = 1000,
	READ_MAX = 64 * 1024 * 1024,
};

static bool
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* The folder that it is, or would be, in. */
static bool
folder_of(const char *path, char folder[static CLI_REPLACE_PATH_SIZE])
{
	if (!str_copy(folder, CLI_REPLACE_PATH_SIZE, path))
		return false;
	char *slash = strrchr(folder, '/');
	if (!slash)
		return str_copy(folder, CLI_REPLACE_PATH_SIZE, ".");
	slash[slash == folder] = '\0';
	return true;
}

/* The owner and the mode of another file, as far as we may. */
static bool
look_like(int fd, const char *like)
{
	struct stat about;
	if (!like)
		return true;
	if (stat(like, &about) != 0)
		return false;
	if (fchown(fd, about.st_uid, about.st_gid) != 0)
		about.st_mode &= (mode_t) ~(S_IRWXG | S_IRWXO);
	return fchmod(fd, about.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) == 0;
}

/* The folder knows the new name for good. */
static void
sync_folder(const char *path)
{
	char folder[CLI_REPLACE_PATH_SIZE];
	if (!folder_of(path, folder))
		return;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* Always false. */
static bool
fail_beside(const char *path, int error, struct err *err)
{
	char folder[CLI_REPLACE_PATH_SIZE];
	err_set(err, "cannot write %s: %s", path, err_system(error));
	if (folder_of(path, folder))
		owner_advise(err, error, folder);
	return false;
}

/* To a name that nobody else has; 0 or errno. */
static int
write_beside(const char *path, const char *like, const char *bytes, size_t len,
	char temporary[static CLI_REPLACE_PATH_SIZE])
{
	int size =
		snprintf(temporary, CLI_REPLACE_PATH_SIZE, "%s.XXXXXX", path);
	if (size < 0 || size >= CLI_REPLACE_PATH_SIZE)
		return ENAMETOOLONG;
	int fd = mkstemp(temporary);
	if (fd < 0)
		return errno;
	bool good = write_all(fd, bytes, len) && look_like(fd, like)
		&& fsync(fd) == 0;
	int error = good ? 0 : errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error != 0)
		(void)unlink(temporary);
	return error;
}

bool
cli_file_create(const char *path, const char *like, const char *bytes,
	size_t len, struct err *err)
{
	char temporary[CLI_REPLACE_PATH_SIZE];
	int error = write_beside(path, like, bytes, len, temporary);
	if (error != 0)
		return fail_beside(path, error, err);
	/* Unlike rename(), it does not take the place of what is there. */
	error = link(temporary, path) == 0 ? 0 : errno;
	(void)unlink(temporary);
	if (error == EEXIST)
		return err_set(err, "%s is there already", path);
	if (error != 0)
		return err_set(
			err, "cannot write %s: %s", path, err_system(error));
	sync_folder(path);
	return true;
}

/* Beside the file, and not there yet: .bak, .bak2, ... */
static bool
name_backup(const char *path, char backup[static CLI_REPLACE_PATH_SIZE],
	struct err *err)
{
	char number[16] = "";
	for (int n = 1; n <= BACKUPS_MAX; n++) {
		if (n > 1)
			snprintf(number, sizeof(number), "%d", n);
		int len = snprintf(backup, CLI_REPLACE_PATH_SIZE, "%s.bak%s",
			path, number);
		if (len < 0 || len >= CLI_REPLACE_PATH_SIZE)
			return err_set(err, "the path is too long");
		if (access(backup, F_OK) != 0)
			return true;
	}
	return err_set(err, "%s has too many backups", path);
}

static bool
back_up(const char *path, char backup[static CLI_REPLACE_PATH_SIZE],
	struct err *err)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return err_set(
			err, "cannot open %s: %s", path, err_system(errno));
	struct stat about = { 0 };
	bool good =
		fstat(fileno(file), &about) == 0 && about.st_size <= READ_MAX;
	size_t size = good ? (size_t)about.st_size : 0;
	char *bytes = mem_alloc(size + 1);
	good = good && fread(bytes, 1, size, file) == size;
	fclose(file);
	if (!good)
		err_set(err, "cannot read %s", path);
	const char *like = path;
	good = good && name_backup(path, backup, err)
		&& cli_file_create(backup, like, bytes, size, err);
	free(bytes);
	if (!good)
		backup[0] = '\0';
	return good;
}

bool
cli_file_replace(const char *path, const char *bytes, size_t len,
	char backup[static CLI_REPLACE_PATH_SIZE], struct err *err)
{
	char temporary[CLI_REPLACE_PATH_SIZE];
	char *real = realpath(path, NULL);
	if (!real)
		return err_set(
			err, "cannot open %s: %s", path, err_system(errno));
	bool good = false;
	if (access(real, W_OK) != 0) {
		int denied = errno;
		err_set(err, "cannot write %s: %s", path, err_system(denied));
		owner_advise(err, denied, real);
		goto free_path;
	}
	int error = write_beside(real, real, bytes, len, temporary);
	if (error != 0) {
		fail_beside(real, error, err);
		goto free_path;
	}
	good = back_up(real, backup, err);
	if (good && rename(temporary, real) != 0)
		good = err_set(
			err, "cannot write %s: %s", path, err_system(errno));
	if (!good)
		(void)unlink(temporary);
	sync_folder(real);
free_path:
	free(real);
	return good;
}
