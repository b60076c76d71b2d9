/*
 * The token of a reporter that needs one, from where it always comes from.
 */
#include <ev.h>

#include "agent/agent_reporters.h"
#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/cli/send_test.h"
#include "agent/cover.h"
#include "agent/credentials.h"
#include "agent/http/client.h"
#include "reporters/reporter.h"

enum {
	PATIENCE_MS = 30 * 1000,
	LOOK_MS = 1000,
};

static void *
on_send(void *cookie, const struct http_request *request, http_done_fn *done,
	void *done_cookie)
{
	return http_send(cookie, request, done, done_cookie);
}

static void
on_cancel(void *cookie, void *call)
{
	(void)cookie;
	http_cancel(call);
}

static struct moment
on_now(void *cookie)
{
	(void)cookie;
	return clock_now();
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer, (void)events;
	ev_break(loop, EVBREAK_ONE);
}

/* Until something happens, or it is time to ask again. */
static void
wait_for(struct ev_loop *loop, int64_t due_ms)
{
	int64_t wait_ms = due_ms < 0 ? LOOK_MS : due_ms - clock_now().mono_ms;
	if (wait_ms > LOOK_MS)
		wait_ms = LOOK_MS;
	ev_timer timer;
	ev_timer_init(
		&timer, on_time, wait_ms > 0 ? (double)wait_ms / 1e3 : 0, 0);
	ev_timer_start(loop, &timer);
	ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &timer);
}

bool
cli_send_test_token(const struct cli_send_test *test, struct ev_loop *loop,
	struct http_client *http, struct arena *arena, const char **token,
	struct err *err)
{
	const struct reporter *reporter = test->home->reporter;
	*token = NULL;
	if (!reporter->token_source)
		return true;
	const struct credentials_settings settings = {
		.owner = reporter->id,
		.source = reporter->token_source,
		.world = &credentials_here,
		.transport = { on_send, on_cancel, http },
		.now = on_now,
	};
	struct credentials *credentials = credentials_new(&settings);
	int64_t until_ms = clock_now().mono_ms + PATIENCE_MS;
	for (;;) {
		struct moment now = clock_now();
		int64_t due_ms = credentials_turn(credentials, now);
		if (credentials_token(credentials)
			|| credentials_are_settled(credentials)
			|| now.mono_ms >= until_ms)
			break;
		wait_for(loop, due_ms);
	}
	const char *found = credentials_token(credentials);
	if (found)
		*token = arena_dup(arena, found);
	else
		err_set(err, "there is no token for %s: %s", reporter->id,
			credentials_trouble(credentials));
	credentials_free(credentials);
	return *token != NULL;
}
