#include "tests/sim/net.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/heap.h"
#include "agent/base/list.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/sim/cachet.h"
#include "tests/sim/fate.h"
#include "tests/sim/receiver.h"
#include "tests/sim/sim.h"

enum {
	LATE_MS = SIM_MINUTE_MS,
	RETRY_AFTER_S = 120,
	HEADERS_SIZE = 128,
	KEY_SIZE = 96,
};

struct sim_net {
	struct sim_world *world;
	struct heap calls; /* struct sim_call.at */
	uint64_t n_calls;
	struct sim_fates *fates;
	int64_t patience_ms[SERVER_COUNT]; /* it asked to wait until then */
	unsigned unread; /* answers of the chat that nobody can read */
};

struct sim_call {
	struct heap_item at; /* the next thing that happens to it */
	int64_t effect_ms, answer_ms; /* -1: never, or already */
	enum sim_fate fate;
	enum sim_server server;
	char *method, *path, *body, *key, *token, *bearer;
	struct sim_answer answer;
	http_done_fn *done; /* NULL once it is cancelled */
	void *done_cookie;
};

static const char *const hosts[SERVER_COUNT] = {
	[SERVER_CACHET] = "http://cachet.test",
	[SERVER_CACHET + 1] = "http://inside.test",
	[SERVER_RECEIVER + PLAN_HOOK] = "http://hook.test",
	[SERVER_RECEIVER + PLAN_CHAT] = "http://chat.test",
	[SERVER_RECEIVER + PLAN_OLD] = "http://old.test",
};

static bool
is_cachet(const struct sim_call *call)
{
	return call->server < SERVER_RECEIVER;
}

/* Sending. */

static void
plan_times(struct sim_net *net, struct sim_call *call, int64_t timeout_ms)
{
	struct sim_world *world = net->world;
	int64_t now = world->now.mono_ms;
	int64_t delay = 5 + sim_between(world, 0, 200);
	if (sim_fates_slow(net->fates, call->server))
		delay += sim_between(world, 0, timeout_ms);
	call->effect_ms = now + delay;
	call->answer_ms = now + 2 * delay;
	switch (call->fate) {
	case FATE_REFUSED:
	case FATE_500:
	case FATE_429:
	case FATE_503:
	case FATE_401:
	case FATE_404:
		call->effect_ms = -1;
		break;
	case FATE_LOST:
		call->effect_ms = -1;
		call->answer_ms = now + timeout_ms;
		break;
	case FATE_SILENT:
		call->answer_ms = now + timeout_ms;
		break;
	case FATE_LATE:
		call->effect_ms = now + sim_between(world, 0, LATE_MS);
		call->answer_ms = now + timeout_ms;
		break;
	default:
		break;
	}
	if (call->answer_ms > now + timeout_ms) {
		call->fate = FATE_SILENT;
		call->answer_ms = now + timeout_ms;
	}
}

static void
requeue(struct sim_net *net, struct sim_call *call)
{
	int64_t next = call->effect_ms;
	if (next < 0 || (call->answer_ms >= 0 && call->answer_ms < next))
		next = call->answer_ms;
	call->at.due = next;
	heap_put(&net->calls, &call->at);
}

static char *
header_of(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (str_ieq(request->headers[i].name, name))
			return mem_dup(request->headers[i].value);
	return mem_dup("");
}

static enum sim_server
server_of(const char *url)
{
	for (int i = 0; i < SERVER_COUNT; i++)
		if (str_starts(url, hosts[i]))
			return (enum sim_server)i;
	abort();
}

static struct sim_call *
call_new(const struct http_request *request)
{
	struct sim_call *call = mem_zalloc(sizeof(*call));
	call->server = server_of(request->url);
	call->method = mem_dup(request->method ? request->method : "GET");
	call->path = mem_dup(request->url + strlen(hosts[call->server]));
	call->body = mem_dup_n(
		request->body_len ? request->body : "", request->body_len);
	call->key = header_of(request, "X-Curlew-Delivery");
	call->token = header_of(request, "X-Cachet-Token");
	call->bearer = header_of(request, "Authorization");
	return call;
}

/* A message may tell several things: their keys, with commas in between. */
static bool
next_key(const char **keys, char key[static KEY_SIZE])
{
	size_t len = strcspn(*keys, ",");
	snprintf(key, KEY_SIZE, "%.*s", (int)len, *keys);
	*keys += len + ((*keys)[len] == ',');
	return len > 0;
}

static void
check_sending(struct sim_net *net, const struct sim_call *call)
{
	char key[KEY_SIZE];
	int64_t left = net->patience_ms[call->server] - net->world->now.mono_ms;
	if (left > 0)
		sim_fail(net->world,
			"%s was to be left alone for %" PRId64 " ms yet",
			hosts[call->server], left);
	if (is_cachet(call))
		sim_cachet_watch(net->world->cachets[call->server],
			call->method, call->path, call->body);
	else
		for (const char *keys = call->key; next_key(&keys, key);)
			sim_check_telling(net->world, key);
}

static bool
is_creation(const struct sim_call *call)
{
	return str_eq(call->method, "POST")
		&& str_ends(call->path, "/incidents");
}

void *
sim_net_send(void *cookie, const struct http_request *request,
	http_done_fn *done, void *done_cookie)
{
	struct sim_net *net = cookie;
	struct sim_world *world = net->world;
	sim_step(world);
	struct sim_call *call = call_new(request);
	call->done = done;
	call->done_cookie = done_cookie;
	call->at.order = ++net->n_calls;
	call->fate = sim_fates_of(net->fates, call->server,
		&(struct sim_request){ .method = call->method,
			.path = call->path,
			.body = call->body });
	/* After the third, what it was about is given up. */
	if (call->fate == FATE_GARBAGE
		&& call->server == SERVER_RECEIVER + PLAN_CHAT
		&& ++net->unread > 2)
		call->fate = FATE_500_AFTER;
	/* Only who makes an incident looks afterwards what came late. */
	if (call->fate == FATE_LATE && is_cachet(call)
		&& world->plan.cachets[call->server].reconcile == PLAN_UNWATCHED
		&& !is_creation(call))
		call->fate = FATE_LOST;
	plan_times(net, call, request->total_ms);
	if (world->dead) {
		call->effect_ms = -1; /* it never left */
	} else {
		sim_say(world, "  %s %s %s%s (fate %d)", call->method,
			hosts[call->server], call->path, call->body,
			call->fate);
		check_sending(net, call);
	}
	requeue(net, call);
	/* What must not be repeated is the best moment to die. */
	if (!str_eq(call->method, "GET") && sim_chance(world, 10))
		sim_doom(world, sim_between(world, 0, 20));
	sim_step(world);
	return call;
}

void
sim_net_cancel(void *cookie, void *handle)
{
	(void)cookie;
	struct sim_call *call = handle;
	call->done = NULL;
}

/* Arriving. */

static void
take_effect(struct sim_net *net, struct sim_call *call)
{
	struct sim_world *world = net->world;
	call->effect_ms = -1;
	if (is_cachet(call)) {
		const struct sim_request request = { call->method, call->path,
			call->body, call->token, call->bearer,
			call->fate == FATE_LATE };
		call->answer =
			sim_cachet_ask(world->cachets[call->server], &request);
		sim_say(world, "  %s %s%s does its work: %d", call->method,
			hosts[call->server], call->path, call->answer.status);
		return;
	}
	int who = (int)call->server - SERVER_RECEIVER;
	/* The old form has all that it says in its URL; what a chat is told of
	 * one thing depends on what else there was to say. */
	const char *text = who == PLAN_CHAT ? ""
		: *call->body != '\0'	    ? call->body
					    : call->path;
	char key[KEY_SIZE];
	for (const char *keys = call->key; next_key(&keys, key);)
		sim_receiver_take(
			world->receivers[who], key, text, sim_time(world));
	sim_say(world, "  %s hears %s", hosts[call->server], call->key);
	call->answer = (struct sim_answer){
		.status = 200,
		.body = mem_dup(who == PLAN_CHAT ? "ok" : ""),
	};
}

static void
fail(struct http_response *response, enum http_fail why, bool sent)
{
	response->fail = why;
	response->detail = http_fail_name(why);
	response->sent = sent;
}

static void
say(struct http_response *response, int status, const char *headers,
	const char *body)
{
	response->sent = true;
	response->status = status;
	response->headers = headers;
	response->body = body;
	response->body_len = strlen(body);
}

/* What Cachet 3 says of its limit. */
static const char *
head_of(const struct sim_answer *answer, char headers[static HEADERS_SIZE])
{
	int len = snprintf(
		headers, HEADERS_SIZE, "HTTP/1.1 %d It\r\n", answer->status);
	if (answer->limit > 0)
		snprintf(headers + len, HEADERS_SIZE - (size_t)len,
			"X-RateLimit-Limit: %u\r\n"
			"X-RateLimit-Remaining: %u\r\n",
			answer->limit, answer->remaining);
	return headers;
}

static const char *
patience(struct sim_net *net, const struct sim_call *call, int seconds,
	char headers[static HEADERS_SIZE])
{
	net->patience_ms[call->server] =
		net->world->now.mono_ms + (int64_t)seconds * SIM_SECOND_MS;
	snprintf(headers, HEADERS_SIZE,
		"HTTP/1.1 429 Slow\r\nRetry-After: %d\r\n", seconds);
	return headers;
}

static void
respond(struct sim_net *net, const struct sim_call *call,
	struct http_response *response, char headers[static HEADERS_SIZE])
{
	static const char good[] = "HTTP/1.1 200 OK\r\n";
	static const char bad[] = "HTTP/1.1 500 No\r\n";
	const struct sim_answer *answer = &call->answer;
	switch (call->fate) {
	case FATE_REFUSED:
		fail(response, HTTP_FAIL_REFUSED, false);
		break;
	case FATE_LOST:
	case FATE_SILENT:
	case FATE_LATE:
		fail(response, HTTP_FAIL_TIMEOUT, true);
		break;
	case FATE_CLOSED:
		fail(response, HTTP_FAIL_CLOSED, true);
		break;
	case FATE_500:
	case FATE_500_AFTER:
		say(response, 500, bad, "");
		break;
	case FATE_429:
		say(response, 429,
			patience(net, call,
				(int)sim_between(net->world, 1, RETRY_AFTER_S),
				headers),
			"");
		break;
	case FATE_503:
		say(response, 503, bad, "");
		break;
	case FATE_401:
		say(response, 401, bad, "");
		break;
	case FATE_404:
		say(response, 404, bad, "<html>");
		break;
	case FATE_GARBAGE:
		say(response, 200, good, "<html>");
		break;
	default:
		say(response, answer->status,
			answer->retry_after_s > 0 ? patience(
				net, call, answer->retry_after_s, headers)
						  : head_of(answer, headers),
			answer->body ? answer->body : "");
		break;
	}
}

static void
give_answer(struct sim_net *net, struct sim_call *call)
{
	struct sim_world *world = net->world;
	call->answer_ms = -1;
	if (!call->done)
		return;
	sim_step(world);
	if (world->dead) {
		/* It never heard of it, and still holds the call. */
		call->answer_ms = world->now.mono_ms;
		return;
	}
	http_done_fn *done = call->done;
	call->done = NULL;
	char headers[HEADERS_SIZE];
	struct http_response response = {
		.detail = "",
		.headers = "",
		.body = "",
	};
	respond(net, call, &response, headers);
	sim_say(world, "  %s %s is answered: %d %s", call->method, call->path,
		response.status, response.detail);
	done(call->done_cookie, &response);
	sim_step(world);
}

static void
call_free(struct sim_call *call)
{
	free(call->method);
	free(call->path);
	free(call->body);
	free(call->key);
	free(call->token);
	free(call->bearer);
	free(call->answer.body);
	free(call);
}

int64_t
sim_net_next(const struct sim_net *net)
{
	const struct heap_item *item = heap_first(&net->calls);
	return item ? item->due : -1;
}

void
sim_net_run(struct sim_net *net)
{
	int64_t now = net->world->now.mono_ms;
	struct heap_item *item = heap_first(&net->calls);
	if (!item || item->due > now)
		return;
	heap_remove(&net->calls, item);
	struct sim_call *call = LIST_ENTRY(item, struct sim_call, at);
	if (call->effect_ms >= 0 && call->effect_ms <= now)
		take_effect(net, call);
	else if (call->answer_ms >= 0)
		give_answer(net, call);
	if (call->effect_ms >= 0 || call->answer_ms >= 0)
		requeue(net, call);
	else
		call_free(call);
}

void
sim_net_draw(struct sim_net *net)
{
	sim_fates_draw(net->fates);
}

void
sim_net_cut(struct sim_net *net, enum sim_server server, int64_t from_ms,
	int64_t to_ms)
{
	sim_fates_cut(net->fates, server, from_ms, to_ms);
}

void
sim_net_delay(struct sim_net *net, enum sim_server server, int64_t component,
	int64_t from_ms, int64_t to_ms)
{
	sim_fates_delay(net->fates, server, component, from_ms, to_ms);
}

void
sim_net_forget(struct sim_net *net)
{
	memset(net->patience_ms, 0, sizeof(net->patience_ms));
}

struct sim_net *
sim_net_new(struct sim_world *world)
{
	struct sim_net *net = mem_zalloc(sizeof(*net));
	net->world = world;
	net->fates = sim_fates_new(world);
	return net;
}

void
sim_net_free(struct sim_net *net)
{
	struct heap_item *item;
	while ((item = heap_first(&net->calls))) {
		heap_remove(&net->calls, item);
		call_free(LIST_ENTRY(item, struct sim_call, at));
	}
	heap_finish(&net->calls);
	sim_fates_free(net->fates);
	free(net);
}
