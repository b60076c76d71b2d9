/*
 * The network between the agent and its receivers.
 *
 * A request has an effect at its server at one moment and an answer at the
 * agent at another; chance may take away either.  A request that is on its way
 * when the agent dies still arrives.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "agent/base/str.h"

enum fate {
	FATE_FINE = 0,
	FATE_REFUSED,
	FATE_LOST, /* no effect, and silence */
	FATE_ANSWER_LOST, /* the effect, and a closed connection */
	FATE_LATE, /* silence, and the effect within a minute */
	FATE_500,
	FATE_500_AFTER, /* the effect, and a 500 all the same */
	FATE_429,
	FATE_503,
	FATE_GARBAGE, /* the effect, and an answer that nobody can read */
};

struct sim_call {
	struct heap_item at; /* the next thing that happens to it */
	int64_t effect_ms, answer_ms; /* -1: never, or already */
	enum fate fate;
	enum sim_server server;
	char *method, *url, *body, *key, *token;
	struct sim_answer answer;
	http_done_fn *done; /* NULL once it is cancelled */
	void *done_cookie;
};

static const char *const hosts[SERVER_COUNT] = {
	"http://cachet.test",
	"http://hook.test",
	"http://slack.test",
	"http://old.test",
};

static enum sim_server
server_of(const char *url)
{
	for (int i = 0; i < SERVER_COUNT; i++)
		if (str_starts(url, hosts[i]))
			return (enum sim_server)i;
	abort();
}

const struct sim_downtime *
sim_net_downtime(const struct sim_world *world, int server)
{
	int64_t now = world->now.wall_ms;
	for (size_t i = 0; i < 4; i++) {
		const struct sim_downtime *down = &world->downtimes[server][i];
		if (now >= down->from_ms && now < down->to_ms)
			return down;
	}
	return NULL;
}

static enum fate
draw_fate(struct sim_world *world, const struct sim_call *call)
{
	static const struct {
		enum fate fate;
		unsigned thousandths;
	} fates[] = {
		{ FATE_REFUSED, 40 },
		{ FATE_LOST, 30 },
		{ FATE_ANSWER_LOST, 60 },
		{ FATE_500, 40 },
		{ FATE_500_AFTER, 40 },
		{ FATE_429, 20 },
		{ FATE_503, 20 },
		{ FATE_GARBAGE, 20 },
	};
	if (world->now.wall_ms >= world->start_ms + SIM_STORM_MS)
		return FATE_FINE;
	const struct sim_downtime *down =
		sim_net_downtime(world, (int)call->server);
	if (down)
		return down->hangs ? FATE_LOST : FATE_REFUSED;
	/* Only reconciliation could undo a late write of a component. */
	if (str_eq(call->method, "POST") && call->server == SERVER_CACHET
		&& str_ends(call->url, "/incidents") && sim_chance(world, 60))
		return FATE_LATE;
	unsigned draw = (unsigned)rng_below(&world->rng, 1000);
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		if (draw < fates[i].thousandths)
			return fates[i].fate;
		draw -= fates[i].thousandths;
	}
	return FATE_FINE;
}

static void
plan_times(struct sim_world *world, struct sim_call *call, int64_t timeout_ms)
{
	int64_t now = world->now.mono_ms;
	int64_t delay = 5 + (int64_t)rng_below(&world->rng, 200);
	call->effect_ms = now + delay;
	call->answer_ms = now + 2 * delay;
	switch (call->fate) {
	case FATE_REFUSED:
	case FATE_500:
	case FATE_429:
	case FATE_503:
		call->effect_ms = -1;
		break;
	case FATE_LOST:
		call->effect_ms = -1;
		call->answer_ms = now + timeout_ms;
		break;
	case FATE_LATE:
		call->effect_ms = now + (int64_t)rng_below(&world->rng, 60000);
		call->answer_ms = now + timeout_ms;
		break;
	default:
		break;
	}
}

static void
requeue(struct sim_world *world, struct sim_call *call)
{
	int64_t next = call->effect_ms;
	if (next < 0 || (call->answer_ms >= 0 && call->answer_ms < next))
		next = call->answer_ms;
	call->at.due = next;
	heap_put(&world->calls, &call->at);
}

static char *
header_of(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (str_ieq(request->headers[i].name, name))
			return mem_dup(request->headers[i].value);
	return mem_dup("");
}

void *
sim_net_send(void *cookie, const struct http_request *request,
	http_done_fn *done, void *done_cookie)
{
	struct sim_world *world = cookie;
	sim_step(world);
	struct sim_call *call = mem_zalloc(sizeof(*call));
	call->method = mem_dup(request->method ? request->method : "GET");
	call->url = mem_dup(request->url);
	call->body = mem_dup_n(
		request->body_len ? request->body : "", request->body_len);
	call->key = header_of(request, "X-Curlew-Delivery");
	call->token = header_of(request, "X-Cachet-Token");
	call->server = server_of(request->url);
	call->done = done;
	call->done_cookie = done_cookie;
	call->at.order = ++world->n_calls;
	call->fate = draw_fate(world, call);
	plan_times(world, call, request->total_ms);
	if (world->dead)
		call->effect_ms = -1; /* it never left */
	sim_say(world, "  send %s %s fate %d", call->method, call->url,
		call->fate);
	requeue(world, call);
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

static void
take_effect(struct sim_world *world, struct sim_call *call)
{
	call->effect_ms = -1;
	free(call->answer.body);
	if (call->server == SERVER_CACHET) {
		call->answer = sim_cachet_ask(world->cachet, call->method,
			call->url + strlen(hosts[SERVER_CACHET]), call->token,
			call->body);
		return;
	}
	bool slack = str_starts(call->url, "http://slack.test");
	/* The old form has all that it says in its URL. */
	sim_receiver_take(world->receivers[call->server - SERVER_RECEIVER],
		call->key, *call->body != '\0' ? call->body : call->url);
	call->answer = (struct sim_answer){ 200, mem_dup(slack ? "ok" : "") };
}

static void
respond(struct sim_call *call, struct http_response *response)
{
	response->sent = true;
	switch (call->fate) {
	case FATE_REFUSED:
		response->fail = HTTP_FAIL_REFUSED;
		response->detail = "connection refused";
		response->sent = false;
		break;
	case FATE_LOST:
	case FATE_LATE:
		response->fail = HTTP_FAIL_TIMEOUT;
		response->detail = "no answer in time";
		break;
	case FATE_ANSWER_LOST:
		response->fail = HTTP_FAIL_CLOSED;
		response->detail = "closed before an answer";
		break;
	case FATE_500:
	case FATE_500_AFTER:
		response->status = 500;
		response->headers = "HTTP/1.1 500 No\r\n";
		break;
	case FATE_429:
		response->status = 429;
		response->headers = "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n";
		break;
	case FATE_503:
		response->status = 503;
		response->headers = "HTTP/1.1 503 Busy\r\n";
		break;
	case FATE_GARBAGE:
		response->status = 200;
		response->headers = "HTTP/1.1 200 OK\r\n";
		response->body = "<html>";
		break;
	case FATE_FINE:
		response->status = call->answer.status;
		response->headers = "HTTP/1.1 200 OK\r\n";
		response->body = call->answer.body ? call->answer.body : "";
		break;
	}
	response->body_len = strlen(response->body);
}

static void
give_answer(struct sim_world *world, struct sim_call *call)
{
	call->answer_ms = -1;
	http_done_fn *done = call->done;
	call->done = NULL;
	if (!done)
		return;
	sim_step(world);
	if (world->dead) {
		/* It never heard of it, and still holds the call. */
		call->done = done;
		call->answer_ms = world->now.mono_ms;
		return;
	}
	struct http_response response = {
		.detail = "",
		.headers = "",
		.body = "",
	};
	respond(call, &response);
	done(call->done_cookie, &response);
	sim_step(world);
}

static void
call_free(struct sim_call *call)
{
	free(call->method);
	free(call->url);
	free(call->body);
	free(call->key);
	free(call->token);
	free(call->answer.body);
	free(call);
}

int64_t
sim_net_next(const struct sim_world *world)
{
	const struct heap_item *item = heap_first(&world->calls);
	return item ? item->due : -1;
}

void
sim_net_run(struct sim_world *world)
{
	struct heap_item *item = heap_first(&world->calls);
	if (!item || item->due > world->now.mono_ms)
		return;
	heap_remove(&world->calls, item);
	struct sim_call *call = LIST_ENTRY(item, struct sim_call, at);
	if (call->effect_ms >= 0 && call->effect_ms <= world->now.mono_ms)
		take_effect(world, call);
	else if (call->answer_ms >= 0)
		give_answer(world, call);
	if (call->effect_ms >= 0 || call->answer_ms >= 0)
		requeue(world, call);
	else
		call_free(call);
}

void
sim_net_finish(struct sim_world *world)
{
	struct heap_item *item;
	while ((item = heap_first(&world->calls))) {
		heap_remove(&world->calls, item);
		call_free(LIST_ENTRY(item, struct sim_call, at));
	}
	heap_finish(&world->calls);
}
