#include "agent/control_address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/base/err.h"
#include "agent/base/str.h"

enum {
	BACKLOG = 16,
};

bool
control_address_beside(const char *state, char path[static CONTROL_PATH_SIZE])
{
	if (str_starts(state, "file:") || str_starts(state, ":memory:"))
		return false;
	size_t len = strlen(state);
	if (str_ends(state, ".db"))
		len -= strlen(".db");
	int n = snprintf(path, CONTROL_PATH_SIZE, "%.*s.sock", (int)len, state);
	return n > 0 && n < CONTROL_PATH_SIZE;
}

bool
control_address_path(const char *state, char path[static CONTROL_PATH_SIZE])
{
	const char *folder = getenv("RUNTIME_DIRECTORY");
	if (!folder || folder[0] == '\0')
		return control_address_beside(state, path);

	/* systemd lists several with colons between them. */
	int len = (int)strcspn(folder, ":");
	int n = snprintf(
		path, CONTROL_PATH_SIZE, "%.*s/curlew.sock", len, folder);
	return n > 0 && n < CONTROL_PATH_SIZE;
}

/*
 * Fill in `address`.  Socket addresses have only 108 bytes; a longer path is
 * reached through its folder's descriptor, which is `*folder` then and must
 * stay open meanwhile, else -1.
 */
static bool
make_address(const char *path, struct sockaddr_un *address, int *folder)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*folder = -1;
	size_t size = sizeof address->sun_path;
	if (strlen(path) < size)
		return str_copy(address->sun_path, size, path);

	const char *name = strrchr(path, '/');
	char of[CONTROL_PATH_SIZE];
	if (!name || (size_t)(name - path) >= sizeof of) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(of, path, (size_t)(name - path));
	of[name - path] = '\0';
	*folder = open(of, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return false;
	int n = snprintf(
		address->sun_path, size, "/proc/self/fd/%d%s", *folder, name);
	if (n < (int)size)
		return true;
	close(*folder);
	errno = ENAMETOOLONG;
	return false;
}

static void
be_patient(int fd, int64_t patience_ms)
{
	struct timeval patience = {
		.tv_sec = patience_ms / 1000,
		.tv_usec = patience_ms % 1000 * 1000,
	};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* 0 is for as long as it takes. */
static int
connect_to(const struct sockaddr_un *address, int64_t patience_ms)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	be_patient(fd, patience_ms);
	const struct sockaddr *to = (const void *)address;
	if (connect(fd, to, sizeof *address) == 0)
		return fd;
	int reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

int
control_address_connect(const char *path, int64_t patience_ms, struct err *err)
{
	struct sockaddr_un address;
	int folder = -1;
	int fd = -1;
	if (make_address(path, &address, &folder))
		fd = connect_to(&address, patience_ms);
	int reason = errno;
	if (fd < 0)
		err_set(err, "%s: %s", path, strerror(reason));
	if (folder >= 0)
		close(folder);
	errno = reason;
	return fd;
}

static bool
remove_stale(
	const struct sockaddr_un *address, const char *path, struct err *err)
{
	struct stat found;
	if (lstat(address->sun_path, &found) != 0)
		return true; /* whatever it is, bind() will tell */
	if (!S_ISSOCK(found.st_mode))
		return err_set(err,
			"%s is in the way: it is a file, not a socket", path);
	int fd = connect_to(address, 0);
	if (fd >= 0) {
		close(fd);
		return err_set(err, "another curlew answers at %s", path);
	}
	unlink(address->sun_path);
	return true;
}

static int
bind_and_listen(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;

	/* bind() gives the file the mode that the socket has before. */
	const struct sockaddr *at = (const void *)address;
	if (fchmod(fd, S_IRUSR | S_IWUSR) == 0
		&& bind(fd, at, sizeof *address) == 0
		&& listen(fd, BACKLOG) == 0)
		return fd;
	int reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

int
control_address_listen(const char *path, struct err *err)
{
	struct sockaddr_un address;
	int folder = -1;
	int fd = -1;
	if (!make_address(path, &address, &folder)) {
		err_set(err, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (remove_stale(&address, path, err)) {
		fd = bind_and_listen(&address);
		if (fd < 0)
			err_set(err, "%s: %s", path, strerror(errno));
	}
	if (folder >= 0)
		close(folder);
	return fd;
}
