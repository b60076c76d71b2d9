/*
 * Landlock, by its system calls: glibc has none, and headers may be older than
 * the kernel that runs.  What they lack is written out here.
 */
#define _GNU_SOURCE /* O_PATH */
#include "agent/sandbox_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	FILES_1 = (1 << 13) - 1, /* all rights of the first version */
	REFER = 1 << 13, /* version 2 */
	TRUNCATE = 1 << 14, /* version 3 */
	IOCTL_DEV = 1 << 15, /* version 5 */

	/* Rights that make sense for what is no folder. */
	OF_FILES = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE
		| LANDLOCK_ACCESS_FS_READ_FILE | TRUNCATE | IOCTL_DEV,

	READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	KEEP = READ | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE
		| LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE,
};

struct ruleset {
	int fd;
	uint64_t files; /* the rights that are restricted */
};

/* Of every system.  Libraries that are loaded later (nsswitch.conf, iconv),
 * certificates, time zones, names. */
static const char *const readable[] = {
	"/etc",
	"/usr",
	"/lib",
	"/lib32",
	"/lib64",
	"/nix/store",
	"/gnu/store",
	"/proc/self",
	"/proc/sys",
	"/sys/devices/system/cpu",
	"/dev/random",
	"/dev/urandom",
	"/run/NetworkManager",
	"/run/credentials",
	"/run/resolvconf",
	"/run/secrets",
	"/run/systemd",
	"/var/lib/ca-certificates",
	"/var/lib/sss",
};

/* Variables that name a file or a folder to read. */
static const char *const variables[] = {
	"AWS_CONFIG_FILE",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
	"AWS_SHARED_CREDENTIALS_FILE",
	"CREDENTIALS_DIRECTORY",
	"CURL_CA_BUNDLE",
	"HOSTALIASES",
	"OPENSSL_CONF",
	"OPENSSL_MODULES",
	"REQUESTS_CA_BUNDLE",
	"SSL_CERT_DIR",
	"SSL_CERT_FILE",
	"TZDIR",
};

static void
allow(const struct ruleset *ruleset, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat about;
	if (fd < 0)
		return;
	if (fstat(fd, &about) == 0 && !S_ISDIR(about.st_mode))
		rights &= OF_FILES;
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & ruleset->files,
		.parent_fd = fd,
	};
	(void)syscall(SYS_landlock_add_rule, ruleset->fd,
		LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(fd);
}

/* The folder that it is in, since a file that is replaced is another one.  A
 * file right below the root stands for itself. */
static void
allow_around(const struct ruleset *ruleset, const char *path, uint64_t rights)
{
	const char *slash = strrchr(path, '/');
	if (slash == path) {
		allow(ruleset, path, rights);
		return;
	}
	char *folder =
		slash ? mem_dup_n(path, (size_t)(slash - path)) : mem_dup(".");
	allow(ruleset, folder, rights);
	free(folder);
}

/* And the folder that a link leads to. */
static void
allow_file(const struct ruleset *ruleset, const char *path, uint64_t rights)
{
	if (!path || path[0] == '\0')
		return;
	allow_around(ruleset, path, rights);
	char *real = realpath(path, NULL);
	if (real)
		allow_around(ruleset, real, rights);
	free(real);
}

static void
allow_variable(const struct ruleset *ruleset, const char *name)
{
	const char *path = getenv(name);
	struct stat about;
	if (!path || path[0] == '\0')
		return;
	if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
		allow(ruleset, path, READ);
	else
		allow_file(ruleset, path, READ);
}

static void
allow_system(const struct ruleset *ruleset)
{
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		allow(ruleset, readable[i], READ);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		allow_variable(ruleset, variables[i]);
	/* Whoever writes it may keep it elsewhere. */
	allow_file(ruleset, "/etc/resolv.conf", READ);
	allow(ruleset, "/dev/null", READ | LANDLOCK_ACCESS_FS_WRITE_FILE);

	char aws[PATH_MAX];
	const char *home = getenv("HOME");
	if (home && snprintf(aws, sizeof(aws), "%s/.aws", home) < PATH_MAX)
		allow(ruleset, aws, READ);
}

static void
allow_ours(const struct ruleset *ruleset, const struct sandbox_settings *ours)
{
	allow_file(ruleset, ours->config, READ);
	for (size_t i = 0; i < ours->n_files; i++)
		allow_file(ruleset, ours->files[i], READ);
	allow_file(ruleset, ours->socket, LANDLOCK_ACCESS_FS_REMOVE_FILE);

	/* SQLite takes URIs as well. */
	const char *state = ours->state;
	if (state && str_starts(state, "file:"))
		state += strlen("file:");
	allow_file(ruleset, state, KEEP);
}

static bool
open_ruleset(struct ruleset *ruleset, struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 0)
		return err_set(err, "%s: %s",
			errno == EPERM ? "Landlock is not let through, as by "
					 "some container runtimes"
				       : "this kernel has no Landlock",
			strerror(errno));
	struct landlock_ruleset_attr attr = {
		.handled_access_fs = FILES_1 | (version >= 2 ? REFER : 0)
			| (version >= 3 ? TRUNCATE : 0)
			| (version >= 5 ? IOCTL_DEV : 0),
	};
	ruleset->files = attr.handled_access_fs;
	ruleset->fd = (int)syscall(SYS_landlock_create_ruleset, &attr,
		sizeof(attr.handled_access_fs), 0);
	if (ruleset->fd < 0)
		return err_set(err, "Landlock: %s", strerror(errno));
	return true;
}

bool
sandbox_limit_paths(const struct sandbox_settings *settings, struct err *err)
{
	struct ruleset ruleset = { .fd = -1 };
	if (!open_ruleset(&ruleset, err))
		return false;
	allow_system(&ruleset);
	allow_ours(&ruleset, settings);
	bool good = syscall(SYS_landlock_restrict_self, ruleset.fd, 0) == 0;
	if (!good)
		err_set(err, "Landlock: %s", strerror(errno));
	close(ruleset.fd);
	return good;
}
