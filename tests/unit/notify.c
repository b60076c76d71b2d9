#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/notify.h"

/* A manager that listens there; the path as the environment has it. */
static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path)
		+ len + (path[0] == '/'));
	assert_int_equal(bind(fd, (void *)&address, size), 0);
	return fd;
}

static void
assert_hears(int fd, const char *text)
{
	char heard[200] = "";
	assert_true(recv(fd, heard, sizeof(heard) - 1, 0) > 0);
	assert_string_equal(heard, text);
}

static void
speak(const char *path)
{
	int fd = listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	struct notify *notify = notify_open();
	assert_non_null(notify);
	assert_true(notify_send(notify, "READY=1\nSTATUS=all well"));
	assert_hears(fd, "READY=1\nSTATUS=all well");
	assert_true(notify_send(notify, "WATCHDOG=1"));
	assert_hears(fd, "WATCHDOG=1");
	close(fd);
	assert_false(notify_send(notify, "WATCHDOG=1"));
	notify_close(notify);
}

static void
test_socket_in_a_folder(void **state)
{
	(void)state;
	char folder[] = "/tmp/curlew-notify-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char path[64];
	snprintf(path, sizeof(path), "%s/socket", folder);
	speak(path);
	unlink(path);
	rmdir(folder);
}

static void
test_abstract_socket(void **state)
{
	(void)state;
	char path[64];
	snprintf(path, sizeof(path), "@curlew-notify-%ld", (long)getpid());
	speak(path);
}

static void
test_nobody_to_tell(void **state)
{
	(void)state;
	static char far[200] = "/";
	memset(far + 1, 'x', sizeof(far) - 2);
	const char *const paths[] = { "", "relative", "vsock:2:1234", far };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		setenv("NOTIFY_SOCKET", paths[i], 1);
		assert_null(notify_open());
	}
	unsetenv("NOTIFY_SOCKET");
	assert_null(notify_open());
	notify_close(NULL);
}

static void
test_watchdog(void **state)
{
	(void)state;
	char mine[32];
	snprintf(mine, sizeof(mine), "%ld", (long)getpid());
	const struct {
		const char *interval;
		const char *pid;
		int64_t us;
	} rows[] = {
		{ NULL, NULL, 0 },
		{ "60000000", NULL, 60000000 },
		{ "60000000", mine, 60000000 },
		{ "60000000", "1", 0 },
		{ "60000000", "", 0 },
		{ "0", NULL, 0 },
		{ "-5", NULL, 0 },
		{ "soon", NULL, 0 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (rows[i].interval)
			setenv("WATCHDOG_USEC", rows[i].interval, 1);
		if (rows[i].pid)
			setenv("WATCHDOG_PID", rows[i].pid, 1);
		assert_int_equal(notify_watchdog_us(), rows[i].us);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_socket_in_a_folder),
		cmocka_unit_test(test_abstract_socket),
		cmocka_unit_test(test_nobody_to_tell),
		cmocka_unit_test(test_watchdog),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
