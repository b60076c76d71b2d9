#include "agent/cli/probe_look.h"

#include <string.h>

#include <ev.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/http/client.h"
#include "agent/http/resolver.h"
#include "agent/stall.h"

enum {
	CONTENT_TYPE_SIZE = 128,
	REASON_MAX = 80,
};

/* What a look needs, and a worker has. */
struct looker {
	struct ev_loop *loop;
	struct resolver *resolver;
	struct http_client *http;
	struct pattern_cache *patterns;
	struct stall stall;
	struct cli_probe_seen *seen;
};

/* "Not Found" of "HTTP/1.1 404 Not Found". */
static const char *
reason_of(const struct http_response *response, struct arena *arena)
{
	size_t len = strcspn(response->headers, "\r\n");
	const char *line = response->headers;
	for (int words = 0; words < 2; words++) {
		const char *blank = memchr(line, ' ', len);
		if (!blank)
			return "";
		len -= (size_t)(blank + 1 - line);
		line = blank + 1;
	}
	return arena_dup_n(arena, line, len < REASON_MAX ? len : REASON_MAX);
}

/* In its query there may be what is not for everybody. */
static const char *
shown_url(const char *url, struct arena *arena)
{
	size_t len = strcspn(url, "?");
	return arena_printf(
		arena, "%.*s%s", (int)len, url, url[len] == '?' ? "?..." : "");
}

static void
on_hop(void *cookie, const struct probe_hop *hop)
{
	struct cli_probe_seen *seen = cookie;
	if (seen->n_hops == CLI_PROBE_HOPS_MAX)
		return;
	struct arena *arena = seen->arena;
	const struct http_response *response = hop->response;
	char type[CONTENT_TYPE_SIZE];
	if (!http_response_header(response, "Content-Type", type, sizeof(type)))
		type[0] = '\0';
	seen->hops[seen->n_hops++] = (struct cli_probe_hop){
		.method = arena_dup(arena, hop->method),
		.url = shown_url(hop->url, arena),
		.fail = response->fail,
		.detail = arena_dup(arena, response->detail),
		.code = response->status,
		.reason = reason_of(response, arena),
		.content_type = arena_dup(arena, type),
		.address = arena_dup(arena, response->address),
		.size = response->body_len,
		.is_cut = response->body_cut,
		.is_sent = response->sent,
		.timing = response->timing,
	};
}

static void
on_finding(void *cookie, const struct probe_finding *finding)
{
	struct cli_probe_seen *seen = cookie;
	struct cli_probe_finding *copy =
		arena_alloc(seen->arena, sizeof(*copy));
	copy->finding = *finding;
	copy->finding.type = arena_dup(seen->arena, finding->type);
	copy->finding.wanted = arena_dup(seen->arena, finding->wanted);
	copy->finding.why = arena_dup(seen->arena, finding->why);
	if (seen->last)
		seen->last->next = copy;
	else
		seen->findings = copy;
	seen->last = copy;
}

static void
on_done(void *cookie, struct result *result)
{
	struct looker *looker = cookie;
	looker->seen->result = *result;
	ev_break(looker->loop, EVBREAK_ALL);
}

static void
look(struct looker *looker, const struct cli_probe_asked *asked)
{
	struct probe_watch watch = {
		.on_hop = on_hop,
		.on_finding = on_finding,
		.cookie = looker->seen,
	};
	struct probe_env env = {
		.loop = looker->loop,
		.http = looker->http,
		.patterns = looker->patterns,
		.stalls = stall_count,
		.cookie = &looker->stall,
		.watch = &watch,
	};
	struct probe *probe = probe_new(asked->type, asked->settings, &env);
	stall_watch(&looker->stall, true);
	probe_start(probe, clock_wall_ms(), on_done, looker);
	ev_run(looker->loop, 0);
	probe_free(probe);
}

static bool
look_on_loop(struct looker *looker, const struct cli_probe_asked *asked,
	struct err *err)
{
	struct resolver_settings how = { .system = asked->system_resolver };
	looker->resolver = resolver_new(looker->loop, err);
	if (!looker->resolver)
		return false;
	if (!resolver_configure(looker->resolver, &how, err)) {
		resolver_free(looker->resolver);
		return false;
	}
	looker->http = http_client_new(looker->loop, looker->resolver);
	looker->patterns = pattern_cache_new();
	stall_init(&looker->stall, looker->loop);
	look(looker, asked);
	stall_finish(&looker->stall);
	pattern_cache_free(looker->patterns);
	http_client_free(looker->http);
	resolver_free(looker->resolver);
	return true;
}

bool
cli_probe_look(const struct cli_probe_asked *asked, struct cli_probe_seen *seen,
	struct err *err)
{
	*seen = (struct cli_probe_seen){ .arena = arena_new() };
	seen->target = asked->type->target(asked->settings, seen->arena);
	if (!http_global_init(err))
		return false;
	struct looker looker = { .seen = seen };
	looker.loop = ev_loop_new(EVFLAG_AUTO);
	bool good = looker.loop
		? look_on_loop(&looker, asked, err)
		: err_set(err, "the kernel gives no event loop");
	if (looker.loop)
		ev_loop_destroy(looker.loop);
	http_global_finish();
	return good;
}

void
cli_probe_forget(struct cli_probe_seen *seen)
{
	result_finish(&seen->result);
	arena_free(seen->arena);
	seen->arena = NULL;
}

const struct cli_probe_hop *
cli_probe_last(const struct cli_probe_seen *seen)
{
	return seen->n_hops > 0 ? &seen->hops[seen->n_hops - 1] : NULL;
}
