/*
 * What somebody says at the control socket.  A NUL parts two pieces that are
 * sent one after the other.
 */
#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/control.h"
#include "agent/control_address.h"
#include "tests/fuzz/fuzz.h"

enum {
	REQUEST_MAX = 16 * 1024, /* bytes, with the end of the line */
	ANSWER_MAX = 64 * 1024,
	PIECES = 3,
	TURNS_MAX = 100,
};

#define UNKNOWN "{\"error\": \"this agent does not know the request\"}\n"

static bool
answer_echo(void *cookie, const char *argument, uint64_t *at, struct buf *out)
{
	unsigned *asked = cookie;
	++*asked;
	buf_printf(out, "[%s]", argument);
	return ++*at < PIECES;
}

static const struct control_verb verbs[] = {
	{ "echo", answer_echo },
	{ 0 },
};

static struct ev_loop *loop;
static char path[64];
static unsigned asked;
static struct control *control;

static char folder[] = "/tmp/fuzz-control-XXXXXX";

static void
close_all(void)
{
	control_close(control), control = NULL;
	ev_loop_destroy(loop), loop = NULL;
	rmdir(folder);
}

static void
open_all(void)
{
	struct err err;
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/c.sock", folder);
	loop = ev_loop_new(EVFLAG_AUTO);
	control = control_open(loop, path, verbs, &asked, &err);
	assert(control);
	atexit(close_all);
}

static void
turn(int times)
{
	for (int i = 0; i < times; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

/* False when they hang up meanwhile. */
static bool
say(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
		turn(3);
	}
	return true;
}

/* All that comes until they hang up. */
static void
hear(int fd, struct buf *answer)
{
	char piece[4096];
	buf_clear(answer);
	for (int i = 0; i < TURNS_MAX; i++) {
		turn(1);
		ssize_t n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
		if (n > 0)
			buf_add(answer, piece, (size_t)n);
		else if (n == 0 || errno == ECONNRESET)
			return;
	}
	assert(!"they never hung up");
}

static void
ask(const char *one, size_t one_len, const char *two, size_t two_len,
	struct buf *answer)
{
	struct err err;
	int fd = control_address_connect(path, 0, &err);
	assert(fd >= 0);
	asked = 0;
	if (say(fd, one, one_len))
		say(fd, two, two_len);
	shutdown(fd, SHUT_WR);
	hear(fd, answer);
	close(fd);
	turn(2);
}

/* What must come of a line. */
static void
check(const char *line, size_t len, const struct buf *answer)
{
	const char *end = memchr(line, '\n', len);
	if (!end || (size_t)(end - line) >= REQUEST_MAX) {
		assert(answer->len == 0 && asked == 0);
		return;
	}
	struct buf expected;
	buf_init(&expected, ANSWER_MAX);
	char *text = mem_dup_n(line, (size_t)(end - line));
	const char *argument = str_eq(text, "echo") ? "" : text + 5;
	bool known = str_eq(text, "echo") || str_starts(text, "echo ");
	for (int i = 0; i < (known ? PIECES : 0); i++)
		buf_printf(&expected, "[%s]", argument);
	if (!known)
		buf_add_text(&expected, UNKNOWN);
	assert(asked == (known ? PIECES : 0));

	/* Who talks on may lose the end of the answer, as sockets are. */
	if (end + 1 == line + len)
		assert(str_eq(answer->data, expected.data));
	else
		assert(str_starts(expected.data, answer->data));
	free(text);
	buf_finish(&expected);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	struct buf answer;
	struct buf line;
	if (!loop)
		open_all();
	fuzz_split(data, size, &parts);
	buf_init(&answer, ANSWER_MAX);
	buf_init(&line, size + 1);
	size_t len = strlen(parts.text);
	buf_add(&line, parts.text, len);
	buf_add(&line, parts.bytes, parts.len);
	ask(parts.text, len, parts.bytes, parts.len, &answer);
	check(line.data, line.len, &answer);
	ask("echo still here\n", 16, "", 0, &answer);
	check("echo still here\n", 16, &answer);
	buf_finish(&answer);
	buf_finish(&line);
	fuzz_free(&parts);
	return 0;
}
