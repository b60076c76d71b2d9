#include "agent/cli/fetch.h"

#include <stdlib.h>

#include <ev.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/http/client.h"
#include "agent/http/resolver.h"

struct cli_fetch {
	struct ev_loop *loop;
	struct resolver *resolver;
	struct http_client *http;
	struct arena *arena; /* of the answer that is awaited */
	struct http_response *answer;
};

static bool
open_all(struct cli_fetch *fetch, struct err *err)
{
	fetch->loop = ev_loop_new(EVFLAG_AUTO);
	if (!fetch->loop)
		return err_set(err, "the kernel gives no event loop");
	fetch->resolver = resolver_new(fetch->loop, err);
	if (!fetch->resolver)
		return false;
	fetch->http = http_client_new(fetch->loop, fetch->resolver);
	return true;
}

struct cli_fetch *
cli_fetch_new(struct err *err)
{
	if (!http_global_init(err))
		return NULL;
	struct cli_fetch *fetch = mem_zalloc(sizeof(*fetch));
	if (open_all(fetch, err))
		return fetch;
	cli_fetch_free(fetch);
	return NULL;
}

void
cli_fetch_free(struct cli_fetch *fetch)
{
	if (!fetch)
		return;
	if (fetch->http)
		http_client_free(fetch->http);
	if (fetch->resolver)
		resolver_free(fetch->resolver);
	if (fetch->loop)
		ev_loop_destroy(fetch->loop);
	free(fetch);
	http_global_finish();
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct cli_fetch *fetch = cookie;
	struct http_response *copy = arena_alloc(fetch->arena, sizeof(*copy));
	*copy = *response;
	copy->detail = arena_dup(fetch->arena, response->detail);
	copy->headers = arena_dup(fetch->arena, response->headers);
	copy->body =
		arena_dup_n(fetch->arena, response->body, response->body_len);
	fetch->answer = copy;
	ev_break(fetch->loop, EVBREAK_ALL);
}

const struct http_response *
cli_fetch_send(struct cli_fetch *fetch, const struct http_request *request,
	struct arena *arena)
{
	fetch->arena = arena;
	fetch->answer = NULL;
	http_send(fetch->http, request, on_answer, fetch);
	while (!fetch->answer)
		ev_run(fetch->loop, 0);
	return fetch->answer;
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer, (void)events;
	ev_break(loop, EVBREAK_ALL);
}

void
cli_fetch_wait(struct cli_fetch *fetch, int64_t ms)
{
	ev_timer timer;
	ev_timer_init(&timer, on_time, (double)ms / 1000, 0.);
	ev_now_update(fetch->loop);
	ev_timer_start(fetch->loop, &timer);
	while (ev_is_active(&timer))
		ev_run(fetch->loop, 0);
}
