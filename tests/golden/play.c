#include "tests/golden/play.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/model/token.h"
#include "reporters/reporter.h"
#include "reporters/view.h"
#include "tests/golden/play_parts.h"

enum {
	OUT_MAX = 1024 * 1024,
	STEPS_MAX = 200,
	MORE_MAX = 64,
};

/** A stand-in for the outbox. */
struct player {
	struct buf out;
	const json_t *game;
	const json_t *answers;
	size_t next; /* of them */
	const struct reporter *reporter;
	struct event event;
	struct event closing;
	struct event more[MORE_MAX];
	struct reporter_meter meter;
	struct reporter_plan plan;
	struct reporter_context context;
	struct reporter_view *view; /* of a look; NULL for none */
	char carry[REPORTER_CARRY_MAX];
	char kept[REPORTER_CARRY_MAX]; /* across restarts */
	bool told;
	struct arena *arena;
};

/* The event and its context. */

static const char default_event[] =
	"{\"kind\":\"opened\","
	"\"incident\":\"019378c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f\",\"seq\":1,"
	"\"first\":false,\"at_ms\":1795210492000,\"opened_ms\":1795210492000,"
	"\"from\":1,\"to\":3,\"cause\":\"http_status\","
	"\"message\":\"Unexpected HTTP status (500)\",\"latency_us\":312400,"
	"\"endpoint\":{\"name\":\"shop\",\"url\":\"https://shop.example.net/\","
	"\"method\":\"GET\",\"component_id\":7,"
	"\"actions\":[\"CREATE_INCIDENT\",\"UPDATE_STATUS\"],\"public\":true,"
	"\"outage\":\"shop is unavailable\","
	"\"performance\":\"shop has degraded performance\","
	"\"operational\":\"shop is operational\"}}";

static void
read_event(struct player *player, json_t *given, struct event *event)
{
	json_t *json = json_loads(default_event, 0, NULL);
	const char *kind = json_string_value(json_object_get(given, "kind"));
	if (kind && str_eq(kind, "closed"))
		json_object_update_new(json,
			json_pack("{s:i,s:I,s:i,s:i,s:s,s:s}", "seq", 2,
				"at_ms", (json_int_t)1795210742000, "from", 3,
				"to", 1, "cause", "none", "message", ""));
	if (given)
		json_object_update_recursive(json, given);
	char *text = json_dumps(json, 0);
	json_decref(json);
	struct err err;
	if (!event_decode(text, player->arena, event, &err))
		abort();
	free(text);
}

static const char *
text_at(const json_t *json, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : fallback;
}

static int64_t
number_at(const json_t *json, const char *key, int64_t fallback)
{
	const json_t *number = json_object_get(json, key);
	return number ? json_integer_value(number) : fallback;
}

static void
read_context(struct player *player)
{
	const json_t *given = json_object_get(player->game, "context");
	unsigned part = (unsigned)number_at(given, "part", 0);
	str_copy(player->carry, sizeof(player->carry),
		text_at(given, "carry", ""));
	str_copy(player->kept, sizeof(player->kept), player->carry);
	player->context = (struct reporter_context){
		.event = &player->event,
		.part = &player->plan.parts[part % REPORTER_PARTS_MAX],
		.part_number = part,
		.now_ms = number_at(given, "now_ms", 1795210493000),
		.opening = play_opening(text_at(given, "opening", "none")),
		.ref = text_at(given, "ref", ""),
		.begun_ms = number_at(given, "begun_ms", 0),
		.mirror = (enum status)number_at(
			given, "mirror", player->event.to),
		.mirror_of_setters = (enum status)number_at(
			given, "mirror_of_setters", STATUS_OPERATIONAL),
		.carry = player->carry,
		.arena = player->arena,
	};
	player->context.uncertain = player->context.begun_ms > 0;
	player->context.point = play_point(&player->event,
		json_object_get(player->game, "meter"), &player->meter);
	json_t *closing = json_object_get(player->game, "closing");
	if (closing) {
		read_event(player, closing, &player->closing);
		player->context.closing = &player->closing;
	}
	json_t *more = json_object_get(player->game, "more");
	for (size_t i = 0; i < json_array_size(more) && i < MORE_MAX; i++)
		read_event(player, json_array_get(more, i), &player->more[i]);
	player->context.more = player->more;
	player->context.n_more = json_array_size(more);

	/* A part that was not planned: the mirror after a late creation. */
	const char *lane = text_at(given, "lane", NULL);
	if (lane) {
		struct reporter_part *mirror =
			&player->plan.parts[part % REPORTER_PARTS_MAX];
		mirror->kind = PART_MIRROR;
		str_copy(mirror->lane, sizeof(mirror->lane), lane);
	}
}

/* What comes out. */

static void
tell_provider(struct buf *out, const struct token_provider *provider)
{
	switch (provider->kind) {
	case TOKEN_TEXT:
		buf_printf(out, "token \"%s\"\n", provider->value);
		break;
	case TOKEN_VARIABLE:
		buf_printf(out, "token of variable %s\n", provider->value);
		break;
	case TOKEN_AWS:
		buf_printf(out, "token of AWS, %s in %s of %s\n",
			provider->secret_key, provider->secret_name,
			provider->region);
		break;
	}
}

/* The token is the last literal one, where there is a choice. */
static void
choose_token(struct player *player)
{
	const struct token_source *source = player->reporter->token_source;
	for (size_t i = 0; source && i < source->count; i++) {
		const struct token_provider *provider = &source->providers[i];
		if (source->count > 1 || provider->kind != TOKEN_TEXT)
			tell_provider(&player->out, provider);
		if (provider->kind == TOKEN_TEXT)
			player->context.token = provider->value;
	}
}

static void
tell_plan(struct player *player)
{
	static const char *const kinds[] = {
		[PART_EVENT] = "event",
		[PART_MIRROR] = "mirror",
		[PART_POINT] = "point",
	};
	buf_printf(&player->out, "id %s\n", player->reporter->id);
	player->reporter->type->plan(
		player->reporter, &player->event, &player->plan);
	for (size_t i = 0; i < player->plan.n; i++)
		buf_printf(&player->out, "part %zu: %s \"%s\"\n", i,
			kinds[player->plan.parts[i].kind],
			player->plan.parts[i].lane);
}

static void
tell_request(struct player *player, const struct reporter_step *step)
{
	struct buf *out = &player->out;
	const struct http_request *request = &step->request;
	buf_printf(out, "\n%s %s%s%s\n", request->method, request->url,
		step->once ? " (once)" : "", step->undone ? " (undone)" : "");
	for (size_t i = 0; i < request->n_headers; i++)
		buf_printf(out, "%s: %s\n", request->headers[i].name,
			request->headers[i].value);
	if (request->mail)
		play_mail(out, request);
	else if (request->body_len > 0)
		buf_printf(out, "%s\n", (const char *)request->body);
	if (*player->carry != '\0')
		buf_printf(out, "carry \"%s\"\n", player->carry);
}

static void
tell_outcome(struct player *player, const struct reporter_step *step)
{
	static const char *const names[] = {
		[STEP_SEND] = "send",
		[STEP_DONE] = "done",
		[STEP_RETRY] = "retry",
		[STEP_REJECTED] = "rejected",
		[STEP_SUSPENDED] = "suspended",
	};
	struct buf *out = &player->out;
	buf_printf(out, "\n=> %s", names[step->kind]);
	if (step->ref[0] != '\0')
		buf_printf(out, " ref %s", step->ref);
	if (step->mirror_again[0] != '\0')
		buf_printf(out, ", mirror again \"%s\"", step->mirror_again);
	if (step->after_ms > 0)
		buf_printf(out, " after %lld ms", (long long)step->after_ms);
	buf_printf(out, "%s%s%s%s%s%s%s",
		step->sets_mirror ? ", and it set the mirror" : "",
		step->told_closing ? ", and its end" : "",
		step->undone ? ", undone" : "",
		step->limited ? ", limited" : "", step->early ? ", early" : "",
		step->target_down ? ", target down" : "",
		step->refused ? ", token refused" : "");
	if (step->detail[0] != '\0')
		buf_printf(out, ": %s", step->detail);
	buf_add_char(out, '\n');
	if (*player->carry != '\0' && step->kind != STEP_REJECTED)
		buf_printf(out, "carry \"%s\"\n", player->carry);
}

/* What comes in. */

static enum http_fail
fail_of(const char *name)
{
	for (int fail = HTTP_FAIL_NONE; fail < HTTP_FAIL_COUNT; fail++)
		if (str_eq(http_fail_name((enum http_fail)fail), name))
			return (enum http_fail)fail;
	abort();
}

static const char *
headers_of(struct player *player, json_t *given, int status)
{
	struct buf buf;
	buf_init(&buf, OUT_MAX);
	buf_printf(&buf, "HTTP/1.1 %d\r\n", status);
	for (void *at = json_object_iter(given); at;
		at = json_object_iter_next(given, at))
		buf_printf(&buf, "%s: %s\r\n", json_object_iter_key(at),
			json_string_value(json_object_iter_value(at)));
	const char *headers = arena_dup(player->arena, buf.data);
	buf_finish(&buf);
	return headers;
}

static const char *
body_of(struct player *player, const json_t *body)
{
	if (!body)
		return "";
	if (json_is_string(body))
		return json_string_value(body);
	char *text = json_dumps(body, JSON_COMPACT);
	const char *copy = arena_dup(player->arena, text);
	free(text);
	return copy;
}

static struct http_response
answer_of(struct player *player, const json_t *given)
{
	struct http_response answer = { .detail = "", .headers = "" };
	const char *fail = text_at(given, "fail", NULL);
	answer.status = (int)number_at(given, "status", 0);
	answer.sent = answer.status > 0
		|| json_is_true(json_object_get(given, "sent"));
	if (fail) {
		answer.fail = fail_of(fail);
		answer.detail = text_at(given, "detail", "it went wrong");
	}
	if (answer.status > 0)
		answer.headers = headers_of(player,
			json_object_get(given, "headers"), answer.status);
	answer.body = body_of(player, json_object_get(given, "body"));
	answer.body_len = strlen(answer.body);
	answer.body_cut = json_is_true(json_object_get(given, "cut"));
	if (json_is_true(json_object_get(given, "forgotten")))
		player->reporter->memory[0] = '\0';

	buf_printf(&player->out, "<- %s %.300s\n",
		fail ? fail : arena_printf(player->arena, "%d", answer.status),
		answer.body);
	return answer;
}

/* The play. */

static void
step_once(struct player *player, const struct http_response *answer,
	struct reporter_step *step)
{
	*step = (struct reporter_step){ .kind = STEP_RETRY };
	const struct reporter_type *type = player->reporter->type;
	if (player->view)
		type->look(player->reporter, &player->context, answer,
			player->view, step);
	else if (json_is_true(json_object_get(player->game, "vet")))
		type->vet(player->reporter, player->context.token,
			&player->event.endpoint, answer, player->carry,
			player->arena, step);
	else
		type->step(player->reporter, &player->context, answer, step);
}

static void
keep(struct player *player, bool uncertain)
{
	str_copy(player->kept, sizeof(player->kept), player->carry);
	player->context.uncertain = uncertain;
	if (uncertain)
		player->context.begun_ms = player->context.now_ms;
}

static void
restart(struct player *player)
{
	buf_add_text(&player->out, "-- restart\n");
	str_copy(player->carry, sizeof(player->carry), player->kept);
}

/* Go on after an outcome, while there are answers left; false at the end. */
static bool
come_back(struct player *player, const struct reporter_step *step)
{
	if (step->undone || step->kind == STEP_DONE)
		player->context.uncertain = false;
	str_copy(player->kept, sizeof(player->kept), player->carry);
	bool final = step->kind == STEP_REJECTED
		|| (step->kind == STEP_DONE && step->after_ms == 0);
	if (final || player->next >= json_array_size(player->answers))
		return false;
	int64_t pause = step->after_ms > 0 ? step->after_ms : 1000;
	player->context.now_ms += pause;
	buf_printf(&player->out, "-- after %lld ms\n", (long long)pause);
	return true;
}

static void
play_steps(struct player *player)
{
	struct reporter_step step;
	step_once(player, NULL, &step);
	for (int i = 0; i < STEPS_MAX; i++) {
		if (step.kind != STEP_SEND) {
			tell_outcome(player, &step);
			if (!come_back(player, &step))
				return;
			step_once(player, NULL, &step);
			continue;
		}
		tell_request(player, &step);
		if (step.undone)
			player->context.uncertain = false;
		if (step.once)
			keep(player, true);
		const json_t *given =
			json_array_get(player->answers, player->next++);
		if (!given)
			return;
		if (json_is_string(given)) {
			restart(player);
			step_once(player, NULL, &step);
		} else {
			struct http_response answer = answer_of(player, given);
			step_once(player, &answer, &step);
		}
	}
	buf_add_text(&player->out, "there is no end of it\n");
}

static void
set_environment(json_t *env, bool set)
{
	for (void *at = json_object_iter(env); at;
		at = json_object_iter_next(env, at)) {
		const char *name = json_object_iter_key(at);
		const json_t *value = json_object_iter_value(at);
		if (set)
			setenv(name, json_string_value(value), 1);
		else
			unsetenv(name);
	}
}

/* Looks. */

static void
want(struct player *player)
{
	size_t i;
	const json_t *id;
	json_array_foreach (json_object_get(player->game, "wanted"), i, id)
		player->view->wanted[player->view->n_wanted++] =
			json_integer_value(id);
}

/* A part that sets an incident right: {"close": 123}. */
static void
plan_mend(struct player *player)
{
	const json_t *mend = json_object_get(player->game, "mend");
	const json_t *reopen = json_object_get(mend, "reopen");
	if (!mend)
		return;
	player->plan.n = 1;
	player->reporter->type->mend(player->reporter,
		reopen ? MEND_REOPEN : MEND_CLOSE,
		json_integer_value(
			reopen ? reopen : json_object_get(mend, "close")),
		&player->plan.parts[0], player->carry);
	str_copy(player->kept, sizeof(player->kept), player->carry);
}

static void
play_look(struct player *player)
{
	player->view = view_new();
	player->view->with_metrics =
		json_is_true(json_object_get(player->game, "metrics"));
	want(player);
	play_steps(player);
	play_view(player->reporter, player->view, &player->event.endpoint,
		&player->out);
	view_free(player->view);
	player->view = NULL;
}

static void
play_reporter(struct player *player)
{
	const json_t *game = player->game;
	const char *type = text_at(game, "type", "");
	const struct conf_chosen *chosen = play_settings(type,
		json_object_get(game, "settings"), player->arena, &player->out);
	struct err err;
	struct reporter *reporter = chosen ? reporter_new(chosen, &err) : NULL;
	if (!reporter)
		return;
	player->reporter = reporter;
	/* What a Cachet is, only some cases are about. */
	const char *memory =
		text_at(game, "memory", str_eq(type, "cachet") ? "2.4" : "");
	str_copy(reporter->memory, REPORTER_MEMORY_SIZE, memory);
	reporter->hears_presses =
		json_is_true(json_object_get(game, "hears_presses"));
	read_event(player, json_object_get(game, "event"), &player->event);
	tell_plan(player);
	read_context(player);
	choose_token(player);
	plan_mend(player);
	bool vet = json_is_true(json_object_get(game, "vet"));
	if (json_is_true(json_object_get(game, "look")))
		play_look(player);
	else if (vet || player->context.part_number < player->plan.n)
		play_steps(player);
	if (!str_eq(memory, reporter->memory))
		buf_printf(&player->out, "memory \"%s\"\n", reporter->memory);
	reporter_free(reporter);
}

char *
play(const json_t *game)
{
	struct player player = {
		.game = game,
		.answers = json_object_get(game, "answers"),
		.arena = arena_new(),
	};
	buf_init(&player.out, OUT_MAX);
	buf_printf(&player.out, "# %s\n", text_at(game, "about", ""));
	json_t *env = json_object_get(game, "env");
	set_environment(env, true);
	play_reporter(&player);
	set_environment(env, false);
	arena_free(player.arena);
	char *text = buf_steal(&player.out);
	buf_finish(&player.out);
	return text;
}
