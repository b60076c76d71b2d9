#include "agent/cli/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/cli/config.h"
#include "agent/control_address.h"
#include "conf/conf.h"

enum {
	ANSWER_MAX = 64 * 1024 * 1024,
	PATIENCE_MS = 10 * 1000,
	PIECE_SIZE = 64 * 1024,
	PLACES_MAX = 4,
	AGAIN_SIZE = 64,
	PAUSE_MS = 20,
	DONE_WITHIN_MS = 90 * 1000, /* the agent has less */
};

static const char unanswered[] = "the agent does not answer";

/** Where it may be, in the order in which one looks. */
struct places {
	char paths[PLACES_MAX][CONTROL_PATH_SIZE];
	size_t count;
};

static char *
next_place(struct places *places)
{
	return places->paths[places->count++];
}

static void
add_place(struct places *places, const char *folder, const char *below)
{
	if (!folder || folder[0] == '\0')
		return;
	snprintf(next_place(places), CONTROL_PATH_SIZE, "%s%s", folder, below);
}

/* One that runs as a service has a folder that is not in our environment. */
static void
add_usual_places(struct places *places)
{
	add_place(places, "/run/curlew", "/curlew.sock");
	add_place(places, "/var/lib/curlew", "/curlew.sock");
	if (getenv("XDG_STATE_HOME"))
		add_place(places, getenv("XDG_STATE_HOME"),
			"/curlew/curlew.sock");
	else
		add_place(places, getenv("HOME"),
			"/.local/state/curlew/curlew.sock");
}

static bool
add_configured(struct places *places, const char *path, struct err *err)
{
	struct arena *arena = arena_new();
	const char *state = conf_state_of(path, arena, err);
	if (!state)
		err_set(err,
			"%s cannot be used (`curlew check %s` says why), so "
			"where the agent would be is not known; give --socket",
			path, path);
	else if (!control_address_path(state, next_place(places)))
		places->count--;
	arena_free(arena);
	return state != NULL;
}

static bool
find_places(
	const struct cli_agent *agent, struct places *places, struct err *err)
{
	places->count = 0;
	if (agent->socket) {
		add_place(places, agent->socket, "");
		return true;
	}
	if (agent->state) {
		if (!control_address_beside(agent->state, next_place(places)))
			places->count--;
		return true;
	}
	if (agent->config)
		return add_configured(places, agent->config, err);

	struct err ignored;
	const char *path = cli_config_path(NULL);
	if (path)
		add_configured(places, path, &ignored);
	add_usual_places(places);
	return true;
}

static int
connect_anywhere(
	const struct places *places, int64_t patience_ms, struct err *err)
{
	if (places->count == 0)
		return err_set(err, "this state has no socket beside it"), -1;
	for (size_t i = 0; i < places->count; i++) {
		int fd = control_address_connect(
			places->paths[i], patience_ms, err);
		if (fd >= 0)
			return fd;
		if (errno == EAGAIN)
			return err_set(err, "%s", unanswered), -1;
		if (errno == EACCES || errno == EPERM) {
			err_prefix(err, "the agent is another user's");
			return -1;
		}
	}
	struct buf where;
	buf_init(&where, sizeof err->text);
	for (size_t i = 0; i < places->count; i++)
		buf_printf(&where, "%s%s", i > 0 ? ", " : "", places->paths[i]);
	err_set(err,
		"no agent is running: nobody answers at %s; `curlew run` "
		"starts one",
		where.data);
	buf_finish(&where);
	return -1;
}

static bool
exchange(int fd, const char *request, struct buf *answer, struct err *err)
{
	size_t len = strlen(request);
	if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len
		|| send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
		return err_set(err, "the agent hung up: %s", strerror(errno));
	for (;;) {
		char piece[PIECE_SIZE];
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue; /* stopped for a while, and continued */
		if (n < 0 && errno == EAGAIN)
			return err_set(err, "%s", unanswered);
		if (n < 0)
			return err_set(
				err, "%s: %s", unanswered, strerror(errno));
		if (!buf_add(answer, piece, (size_t)n))
			return err_set(err, "the answer is too long");
	}
	if (answer->len == 0)
		return err_set(err, "the agent hung up without an answer");
	return true;
}

bool
cli_ask(const struct cli_agent *agent, const char *request, struct buf *answer,
	struct err *err)
{
	struct places places;
	if (!find_places(agent, &places, err))
		return false;
	int64_t patience_ms = agent->patience_ms;
	int fd = connect_anywhere(
		&places, patience_ms ? patience_ms : PATIENCE_MS, err);
	if (fd < 0)
		return false;
	bool good = exchange(fd, request, answer, err);
	close(fd);
	return good;
}

json_t *
cli_ask_parse(const struct buf *answer, struct err *err)
{
	json_error_t where;
	json_t *json = json_loadb(answer->data, answer->len, 0, &where);
	if (!json)
		err_set(err, "the agent's answer is not JSON: %s", where.text);
	return json;
}

json_t *
cli_ask_json(
	const struct cli_agent *agent, const char *request, struct err *err)
{
	struct buf answer;
	buf_init(&answer, ANSWER_MAX);
	json_t *json = cli_ask(agent, request, &answer, err)
		? cli_ask_parse(&answer, err)
		: NULL;
	buf_finish(&answer);
	const char *error = json_string_value(json_object_get(json, "error"));
	if (!error)
		return json;
	err_set(err, "%s", error);
	json_decref(json);
	return NULL;
}

static bool
is_done(const json_t *answer)
{
	return !json_object_get(answer, "pending")
		&& !json_is_false(json_object_get(answer, "done"));
}

json_t *
cli_ask_until_done(const struct cli_agent *agent, const char *request,
	const char *then, struct err *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	json_t *begun = cli_ask_json(agent, request, err);
	if (!begun)
		return NULL;
	char again[AGAIN_SIZE];
	snprintf(again, sizeof(again), "%s %" JSON_INTEGER_FORMAT, then,
		json_integer_value(json_object_get(begun, "request")));
	json_decref(begun);
	for (int waited = 0; waited < DONE_WITHIN_MS; waited += PAUSE_MS) {
		json_t *json = cli_ask_json(agent, again, err);
		if (!json || is_done(json))
			return json;
		json_decref(json);
		nanosleep(&pause, NULL);
	}
	err_set(err, "the agent takes too long");
	return NULL;
}
