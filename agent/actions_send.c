/*
 *     actions_send -> compose -> the transport
 *        ^                          |
 *        |                       on_answer -> actions_judge
 *        |                          |-> go_on: again, elsewhere, follow
 *        +--------------------------+-> actions_end
 */
#include "agent/actions_internal.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/fault.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/seal.h"
#include "agent/base/str.h"
#include "agent/http/follow.h"
#include "agent/http/url.h"
#include "agent/judge/backoff.h"
#include "conf/action.h"
#include "conf/action_fill.h"
#include "conf/conf.h"

enum {
	CONNECT_MS = 10 * 1000,
	LOOK_MS = 30 * 1000, /* for an answer about how it goes */
	LOOK_EVERY_MAX_MS = 30 * 1000,
	LOOK_WISH_MAX_MS = 5 * 60 * 1000,
	BODY_MAX = 64 * 1024,
	SEALED_MAX = 16 * 1024,
};

/* Time. */

static void
remember(struct run *run, const char *last)
{
	free(run->last);
	run->last = last ? mem_dup(last) : NULL;
}

static void
end_late(struct run *run, struct moment now)
{
	struct arena *arena = arena_new();
	char limit[DURATION_TEXT_SIZE];
	duration_text(run->action->timeout_ms, limit);
	const char *what = run->follow ? "it was taken, and was not over"
		: run->arrived	       ? "no good answer came"
				       : "it did not succeed";
	bool unsure = run->follow || run->arrived;
	bool more = run->last && *run->last != '\0';
	actions_end(run, unsure ? ACTIONS_UNSURE : ACTIONS_FAILED, 0,
		arena_printf(arena, "%s within %s%s%s", what, limit,
			more ? ": " : "", more ? run->last : ""),
		now);
	arena_free(arena);
}

void
actions_check_time(struct run *run, struct moment now)
{
	if (!run_is_over(run) && !run->call && now.mono_ms >= run->until_ms)
		end_late(run, now);
}

static void
wait(struct run *run, int64_t ms, struct moment now)
{
	run->due_ms = now.mono_ms + ms;
	if (run->due_ms >= run->until_ms)
		end_late(run, now);
}

/* Answers. */

static void
go_again(struct run *run, const struct actions_verdict *verdict,
	struct moment now)
{
	struct rng *rng = run->actions->settings.rng;
	int64_t ms = backoff_delay_ms(++run->failures, rng);
	remember(run, verdict->result);
	log_say(LOG_WARN, "action is tried again",
		log_text("action", run->row.action),
		log_text("run", run->row.id),
		log_text("reason", verdict->result));
	wait(run, ms > verdict->after_ms ? ms : verdict->after_ms, now);
}

static void
go_elsewhere(struct run *run, const struct actions_verdict *verdict,
	struct moment now)
{
	if (++run->redirects > HTTP_FOLLOW_MAX) {
		actions_end(run, ACTIONS_FAILED, 0,
			"there is no end of redirects", now);
		return;
	}
	run->elsewhere = mem_dup(verdict->url);
	run->due_ms = now.mono_ms;
}

static void
keep_place(struct run *run, const char *url)
{
	struct buf sealed;
	if (run->follow && str_eq(run->follow, url))
		return;
	/* It may be another one each time that it is asked. */
	struct arena *place = arena_new_small();
	buf_init(&sealed, SEALED_MAX);
	seal_close(actions_key(run->action, place), run->row.id, url,
		strlen(url), &sealed);
	run->follow = arena_dup(place, url);
	run->row.state = STORE_RUN_TAKEN;
	run->row.follow = arena_dup(place, sealed.data);
	buf_finish(&sealed);
	arena_free(run->place);
	run->place = place;
	actions_touch(run);
}

static void
go_on(struct run *run, const struct actions_verdict *verdict, struct moment now)
{
	int64_t ms = INT64_C(1000) << (run->asked < 5 ? run->asked : 5);
	if (ms > LOOK_EVERY_MAX_MS)
		ms = LOOK_EVERY_MAX_MS;
	if (verdict->after_ms > 0)
		ms = verdict->after_ms;
	if (ms > LOOK_WISH_MAX_MS)
		ms = LOOK_WISH_MAX_MS;
	run->asked++;
	run->failures = 0;
	run->redirects = 0;
	keep_place(run, verdict->url);
	remember(run, verdict->result);
	wait(run, ms, now);
}

static void
on_answer(void *cookie, const struct http_response *answer)
{
	struct run *run = cookie;
	run->call = NULL;
	const struct actions_settings *settings = &run->actions->settings;
	struct moment now = settings->now(settings->now_cookie);
	struct arena *arena = arena_new();
	fault_point("action-answer");
	struct actions_verdict verdict = actions_judge(run->action,
		run->follow != NULL, &run->request, answer, now.wall_ms, arena);
	verdict.result =
		actions_clean(run->conf, run->action, verdict.result, arena);
	run->arrived |= answer->status == 0 && answer->sent;
	actions_hang_up(run);
	switch (verdict.next) {
	case ACTIONS_NEXT_AGAIN:
		go_again(run, &verdict, now);
		break;
	case ACTIONS_NEXT_ELSEWHERE:
		go_elsewhere(run, &verdict, now);
		break;
	case ACTIONS_NEXT_FOLLOW:
		go_on(run, &verdict, now);
		break;
	case ACTIONS_NEXT_END:
		actions_end(
			run, verdict.end, answer->status, verdict.result, now);
	}
	arena_free(arena);
}

/* Requests. */

/* How it goes is asked for with what the request itself had. */
static bool
compose(struct run *run, struct moment now, struct err *err)
{
	struct conf_action action = *run->action;
	const struct conf_action_said said = {
		.words = &run->words,
		.text = run->row.text,
		.user = run->row.who,
		.user_id = run->row.user,
		.channel = run->row.channel,
		.id = run->row.id,
		.now_ms = now.wall_ms,
	};
	if (run->follow) {
		action.method = "GET";
		action.body = NULL;
	}
	run->request_arena = arena_new();
	if (!conf_action_fill(
		    &action, &said, run->request_arena, &run->request, err))
		return false;
	struct http_request *request = &run->request;
	int64_t left_ms = run->until_ms - now.mono_ms;
	request->total_ms =
		run->follow && left_ms > LOOK_MS ? LOOK_MS : left_ms;
	request->connect_ms = left_ms < CONNECT_MS ? left_ms : CONNECT_MS;
	request->body_max = BODY_MAX;
	request->cut_body = true;
	if (run->elsewhere)
		request->url = arena_dup(run->request_arena, run->elsewhere);
	else if (run->follow)
		request->url = run->follow;
	free(run->elsewhere), run->elsewhere = NULL;
	return true;
}

int64_t
actions_send(struct run *run, struct moment now)
{
	const struct outbox_transport *transport =
		&run->actions->settings.transport;
	struct err err;
	if (run_is_over(run) || run->call || run->unwritten)
		return -1;
	if (run->due_ms > now.mono_ms)
		return run->due_ms;
	if (!compose(run, now, &err)) {
		actions_end(run, ACTIONS_FAILED, 0, err.text, now);
		return now.mono_ms;
	}
	fault_point("action-before");
	run->call = transport->send(
		transport->cookie, &run->request, on_answer, run);
	fault_point("action-after");
	return -1;
}

void
actions_hang_up(struct run *run)
{
	const struct outbox_transport *transport =
		&run->actions->settings.transport;
	if (run->call)
		transport->cancel(transport->cookie, run->call);
	run->call = NULL;
	arena_free(run->request_arena);
	run->request_arena = NULL;
}

/* After a start. */

static bool
find_place(struct run *run)
{
	struct buf url;
	buf_init(&url, URL_MAX);
	bool good = seal_open(actions_key(run->action, run->arena), run->row.id,
		run->row.follow, &url);
	if (good)
		run->follow = arena_dup_n(run->arena, url.data, url.len);
	buf_finish(&url);
	return good;
}

void
actions_resume(struct run *run, struct moment now)
{
	run->arrived = true; /* as far as anybody knows */
	if (!run->action)
		actions_end(run, ACTIONS_UNSURE, 0,
			"the configuration has it no more, so that it was "
			"dropped when curlew started again",
			now);
	else if (run->row.state == STORE_RUN_TAKEN && !find_place(run))
		actions_end(run, ACTIONS_UNSURE, 0,
			"it was taken, but the configuration is another one "
			"now, so that nobody can ask how it goes",
			now);
	else if (run->row.state == STORE_RUN_ASKED && !run->action->repeat)
		actions_end(run, ACTIONS_UNSURE, 0,
			"curlew ended while it was asked for, and it must not "
			"be sent twice",
			now);
}
