#include "agent/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"

struct notify {
	int fd;
	struct sockaddr_un address;
	socklen_t size;
};

static bool
make_address(struct notify *notify, const char *path)
{
	struct sockaddr_un *address = &notify->address;
	if (path[0] != '/' && path[0] != '@')
		return false;
	address->sun_family = AF_UNIX;
	if (!str_copy(address->sun_path, sizeof(address->sun_path), path))
		return false;
	/* The length of an abstract name counts, and it has no end. */
	notify->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path)
		+ strlen(path) + (path[0] == '/'));
	if (path[0] == '@')
		address->sun_path[0] = '\0';
	return true;
}

struct notify *
notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	if (!path)
		return NULL;
	struct notify *notify = mem_zalloc(sizeof(*notify));
	if (!make_address(notify, path))
		goto fail;
	notify->fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd >= 0)
		return notify;
fail:
	free(notify);
	return NULL;
}

void
notify_close(struct notify *notify)
{
	if (!notify)
		return;
	close(notify->fd);
	free(notify);
}

bool
notify_send(const struct notify *notify, const char *state)
{
	const struct sockaddr *to = (const void *)&notify->address;
	size_t len = strlen(state);
	return sendto(notify->fd, state, len, MSG_NOSIGNAL, to, notify->size)
		== (ssize_t)len;
}

int64_t
notify_watchdog_us(void)
{
	int64_t us, pid;
	const char *interval = getenv("WATCHDOG_USEC");
	const char *whose = getenv("WATCHDOG_PID");
	if (!interval || !str_int(interval, &us) || us <= 0)
		return 0;
	/* It may be meant for the one that started us. */
	if (whose && (!str_int(whose, &pid) || pid != (int64_t)getpid()))
		return 0;
	return us;
}
