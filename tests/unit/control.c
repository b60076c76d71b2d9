#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ev.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/control.h"
#include "agent/control_address.h"

enum {
	PIECES = 40,
	PIECE_LEN = 100 * 1000,
	LONG_NAME = 120, /* more than a socket address takes */
};

struct place {
	char folder[200];
	char path[400];
	struct ev_loop *loop;
	struct control *control;
};

static bool
answer_echo(void *cookie, const char *argument, uint64_t *at, struct buf *out)
{
	(void)cookie;
	*at = 1;
	buf_printf(out, "[%s]", argument);
	return false;
}

static bool
answer_pieces(void *cookie, const char *argument, uint64_t *at, struct buf *out)
{
	(void)cookie, (void)argument;
	for (int i = 0; i < PIECE_LEN; i++)
		buf_add_char(out, (char)('a' + *at % 26));
	return ++*at < PIECES;
}

static const struct control_verb verbs[] = {
	{ "echo", answer_echo },
	{ "pieces", answer_pieces },
	{ 0 },
};

static int
set_up(void **state)
{
	static struct place place;
	snprintf(place.folder, sizeof place.folder, "/tmp/control-XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	snprintf(place.path, sizeof place.path, "%.100s/c.sock", place.folder);
	place.loop = ev_loop_new(EVFLAG_AUTO);
	place.control = NULL;
	*state = &place;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *place = *state;
	control_close(place->control), place->control = NULL;
	ev_loop_destroy(place->loop);
	unlink(place->path);
	assert_int_equal(rmdir(place->folder), 0);
	return 0;
}

static void
open_it(struct place *place)
{
	struct err err;
	place->control =
		control_open(place->loop, place->path, verbs, NULL, &err);
	if (!place->control)
		fail_msg("%s", err.text);
}

static int
knock(const struct place *place, const char *request)
{
	struct err err;
	int fd = control_address_connect(place->path, 0, &err);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	return fd;
}

/* Until the other side hangs up. */
static void
read_all(const struct place *place, int fd, struct buf *answer)
{
	for (;;) {
		char piece[4096];
		ssize_t n = read(fd, piece, sizeof piece);
		if (n == 0)
			break;
		if (n > 0)
			buf_add(answer, piece, (size_t)n);
		else
			ev_run(place->loop, EVRUN_ONCE);
	}
	close(fd);
}

static void
assert_answer(struct place *place, const char *request, const char *expected)
{
	struct buf answer;
	buf_init(&answer, 1000);
	read_all(place, knock(place, request), &answer);
	assert_non_null(strstr(answer.data, expected));
	buf_finish(&answer);
}

static void
test_a_line_is_answered(void **state)
{
	struct place *place = *state;
	open_it(place);
	assert_answer(place, "echo\n", "[]");
	assert_answer(place, "echo a name of words\n", "[a name of words]");
	assert_answer(place, "dance\n", "\"error\"");
	assert_answer(place, "\n", "\"error\"");
}

static void
test_a_long_answer_comes_in_pieces(void **state)
{
	struct place *place = *state;
	open_it(place);
	struct buf answer;
	buf_init(&answer, 2 * (size_t)PIECES * PIECE_LEN);
	read_all(place, knock(place, "pieces\n"), &answer);
	assert_int_equal(answer.len, (size_t)PIECES * PIECE_LEN);
	for (size_t i = 0; i < answer.len; i++)
		assert_int_equal(
			answer.data[i], 'a' + (int)(i / PIECE_LEN) % 26);
	buf_finish(&answer);
}

static void
test_who_does_not_read_holds_up_nobody(void **state)
{
	struct place *place = *state;
	open_it(place);
	int idle = knock(place, "");
	int lazy = knock(place, "pieces\n");
	assert_answer(place, "echo x\n", "[x]");
	close(idle);
	close(lazy);
	assert_answer(place, "echo y\n", "[y]");
}

static void
test_an_endless_line_is_hung_up_on(void **state)
{
	struct place *place = *state;
	open_it(place);
	char line[5000];
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	int fd = knock(place, line);
	char byte;
	while (read(fd, &byte, 1) < 0 && errno == EAGAIN)
		ev_run(place->loop, EVRUN_ONCE);
	close(fd);
	assert_answer(place, "echo z\n", "[z]");
}

static void
test_many_wait_their_turn(void **state)
{
	struct place *place = *state;
	open_it(place);
	int idle[12];
	for (size_t i = 0; i < 12; i++)
		idle[i] = knock(place, "");
	for (size_t i = 0; i < 12; i++)
		ev_run(place->loop, EVRUN_NOWAIT);
	int fd = knock(place, "echo x\n");
	for (size_t i = 0; i < 12; i++)
		close(idle[i]);
	struct buf answer;
	buf_init(&answer, 1000);
	read_all(place, fd, &answer);
	assert_string_equal(answer.data, "[x]");
	buf_finish(&answer);
}

static void
test_it_is_the_owners_alone_and_goes_away(void **state)
{
	struct place *place = *state;
	open_it(place);
	struct stat found;
	assert_int_equal(stat(place->path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
	control_close(place->control), place->control = NULL;
	assert_int_not_equal(stat(place->path, &found), 0);
}

static void
test_a_stale_socket_is_replaced_a_live_one_is_not(void **state)
{
	struct place *place = *state;
	struct err err;
	int fd = control_address_listen(place->path, &err);
	assert_true(fd >= 0);
	assert_null(control_open(place->loop, place->path, verbs, NULL, &err));
	assert_non_null(strstr(err.text, "another curlew answers"));
	close(fd);
	open_it(place);
	assert_answer(place, "echo x\n", "[x]");
}

static void
test_a_file_in_the_way_is_left_alone(void **state)
{
	struct place *place = *state;
	struct err err;
	close(open(place->path, O_WRONLY | O_CREAT, 0600));
	assert_null(control_open(place->loop, place->path, verbs, NULL, &err));
	assert_non_null(strstr(err.text, "in the way"));
	assert_int_equal(access(place->path, F_OK), 0);
}

static void
test_a_path_may_be_longer_than_an_address(void **state)
{
	struct place *place = *state;
	char folder[200];
	snprintf(folder, sizeof folder, "%.40s/%0*d", place->folder, LONG_NAME,
		0);
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(place->path, sizeof place->path, "%s/c.sock", folder);
	open_it(place);
	assert_answer(place, "echo x\n", "[x]");
	control_close(place->control), place->control = NULL;
	assert_int_equal(rmdir(folder), 0);
}

static const struct {
	const char *state;
	const char *runtime; /* NULL: not set */
	const char *path; /* NULL: there is none */
} paths[] = {
	{ "/var/lib/curlew/curlew.db", NULL, "/var/lib/curlew/curlew.sock" },
	{ "state", NULL, "state.sock" },
	{ "/a/b.sqlite", NULL, "/a/b.sqlite.sock" },
	{ ":memory:", NULL, NULL },
	{ "file:x?vfs=memdb", NULL, NULL },
	{ "/a/b.db", "/run/curlew", "/run/curlew/curlew.sock" },
	{ "/a/b.db", "/run/one:/run/two", "/run/one/curlew.sock" },
	{ ":memory:", "/run/curlew", "/run/curlew/curlew.sock" },
	{ "/a/b.db", "", "/a/b.sock" },
};

static void
test_where_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		unsetenv("RUNTIME_DIRECTORY");
		if (paths[i].runtime)
			setenv("RUNTIME_DIRECTORY", paths[i].runtime, 1);
		char path[CONTROL_PATH_SIZE];
		bool found = control_address_path(paths[i].state, path);
		assert_int_equal(found, paths[i].path != NULL);
		if (found)
			assert_string_equal(path, paths[i].path);
	}
	unsetenv("RUNTIME_DIRECTORY");
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_a_line_is_answered),
		WITH_PLACE(test_a_long_answer_comes_in_pieces),
		WITH_PLACE(test_who_does_not_read_holds_up_nobody),
		WITH_PLACE(test_an_endless_line_is_hung_up_on),
		WITH_PLACE(test_many_wait_their_turn),
		WITH_PLACE(test_it_is_the_owners_alone_and_goes_away),
		WITH_PLACE(test_a_stale_socket_is_replaced_a_live_one_is_not),
		WITH_PLACE(test_a_file_in_the_way_is_left_alone),
		WITH_PLACE(test_a_path_may_be_longer_than_an_address),
		cmocka_unit_test(test_where_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
