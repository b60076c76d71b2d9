/*
 *     cli_send_test_carry -> tell_all -> tell -> carry_part -> send
 *     (the loop) on_answer -> back to carry_part
 */
#include "agent/cli/send_test.h"

#include <string.h>

#include <ev.h>
#include <openssl/evp.h>

#include "agent/agent_reporters.h"
#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/cover.h"
#include "agent/http/client.h"
#include "agent/http/resolver.h"
#include "agent/http/url.h"
#include "agent/moved.h"
#include "reporters/payload.h"
#include "reporters/reporter.h"

enum {
	STEPS_MAX = 50,
	LASTED_MS = 250 * 1000, /* the made-up outage */
	PAUSE_MAX_MS = 10 * 1000,
	LATENCY_US = 42 * 1000,
};

struct teller {
	const struct cli_send_test *test;
	const struct reporter *reporter;
	struct ev_loop *loop;
	struct resolver *resolver;
	struct http_client *http;
	struct arena *arena;
	char incident[UUID_TEXT_SIZE];
	const char *token;
	struct event_place place;
	char ref[REPORTER_REF_SIZE];
	int64_t sent_at_us;

	/* Of the part that is carried. */
	json_t *requests;
	struct reporter_context context;
	struct http_request request;
	struct moved moved;
	bool moves, said_moved;
	bool undoes;
	struct reporter_step step;
};

/* What is shown. */

static json_t *
covered(const struct teller *teller, const char *text)
{
	return payload_text(cover_text(
		teller->test->cover, text ? text : "", teller->arena));
}

/* Who has a signature may send the same again, for a while. */
static json_t *
covered_body(const struct teller *teller, const char *body)
{
	static const char key[] = "\"sign\":\"";
	const char *sign = strstr(body, key);
	if (!sign)
		return covered(teller, body);
	const char *end = sign + strlen(key);
	return covered(teller,
		arena_printf(teller->arena, "%.*s...%s", (int)(end - body),
			body, end + strcspn(end, "\"")));
}

/* Others may be what lets us in. */
static bool
is_shown(const char *name)
{
	return str_ieq(name, "Content-Type") || str_ieq(name, "Accept")
		|| str_ieq(name, "X-Curlew-Delivery")
		|| str_ieq(name, "X-Curlew-Timestamp");
}

static json_t *
headers_json(const struct teller *teller, const struct http_request *request)
{
	json_t *json = json_object();
	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *header = &request->headers[i];
		if (!header->value)
			continue;
		json_object_set_new(json, header->name,
			is_shown(header->name) ? covered(teller, header->value)
					       : json_string("..."));
	}
	return json;
}

/* What people will read of a mail: the text is in base64. */
static const char *
mail_text(const char *message, struct arena *arena)
{
	const char *blank = strstr(message, "\r\n\r\n");
	if (!blank)
		return message;
	size_t headers = (size_t)(blank - message) + strlen("\r\n\r\n");
	const char *coded = message + headers;
	EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
	unsigned char *text = arena_alloc(arena, strlen(coded) + 1);
	int len = 0;
	int rest = 0;
	if (!decoder)
		return message;
	EVP_DecodeInit(decoder);
	bool good = EVP_DecodeUpdate(decoder, text, &len,
			    (const unsigned char *)coded, (int)strlen(coded))
		>= 0;
	good = good && EVP_DecodeFinal(decoder, text + len, &rest) == 1;
	EVP_ENCODE_CTX_free(decoder);
	return good ? arena_printf(arena, "%.*s%.*s", (int)headers, message,
		       len + rest, (const char *)text)
		    : message;
}

static json_t *
request_json(const struct teller *teller, const struct http_request *request)
{
	const char *method = request->method ? request->method : "GET";
	const char *body = request->body_len > 0 ? request->body : "";
	if (request->mail)
		body = mail_text(body, teller->arena);
	json_t *json = json_object();
	json_object_set_new(
		json, "method", json_string(request->mail ? "MAIL" : method));
	json_object_set_new(json, "url",
		payload_text(request->mail
				? request->url
				: url_covered(request->url, teller->arena)));
	if (request->mail) {
		json_t *to = json_array();
		for (size_t i = 0; i < request->mail->n_to; i++)
			json_array_append_new(
				to, payload_text(request->mail->to[i]));
		json_object_set_new(
			json, "from", payload_text(request->mail->from));
		json_object_set_new(json, "to", to);
	} else {
		json_object_set_new(
			json, "headers", headers_json(teller, request));
	}
	json_object_set_new(json, "body", covered_body(teller, body));
	return json;
}

static json_t *
answer_json(const struct teller *teller, const struct http_response *answer)
{
	json_t *json = json_object();
	json_object_set_new(json, "ms",
		json_integer((clock_mono_us() - teller->sent_at_us) / 1000));
	json_object_set_new(json, "status",
		answer->status ? json_integer(answer->status) : json_null());
	json_object_set_new(json, "body", covered(teller, answer->body));
	json_object_set_new(json, "error",
		answer->fail == HTTP_FAIL_NONE
			? json_null()
			: covered(teller, answer->detail));
	return json;
}

/* One message. */

static void
step(struct teller *teller, const struct http_response *answer)
{
	const struct reporter_type *type = teller->reporter->type;
	(teller->undoes ? type->undo : type->step)(
		teller->reporter, &teller->context, answer, &teller->step);
}

static void
on_answer(void *cookie, const struct http_response *answer)
{
	struct teller *teller = cookie;
	size_t last = json_array_size(teller->requests) - 1;
	json_object_set_new(json_array_get(teller->requests, last), "answer",
		answer_json(teller, answer));
	teller->moves = moved_follow(&teller->moved, teller->reporter,
		&teller->request, answer, teller->arena, &teller->said_moved);
	if (!teller->moves) {
		teller->context.now_ms = clock_wall_ms();
		step(teller, answer);
	}
	ev_break(teller->loop, EVBREAK_ALL);
}

static void
send_request(struct teller *teller)
{
	json_array_append_new(
		teller->requests, request_json(teller, &teller->request));
	teller->sent_at_us = clock_mono_us();
	http_send(teller->http, &teller->request, on_answer, teller);
	ev_run(teller->loop, 0);
}

static void
on_pause_over(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* As far apart as its limit has them. */
static void
keep_limit(const struct teller *teller)
{
	const struct reporter_type *type = teller->reporter->type;
	struct reporter_limit limit = { .is_set = false };
	if (type->limit)
		limit = type->limit(teller->reporter);
	if (limit.limit.count == 0 || limit.limit.burst > 1)
		return;
	int64_t pause_ms = limit.limit.window_ms / limit.limit.count;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	ev_timer timer;
	ev_timer_init(&timer, on_pause_over, (double)pause_ms / 1e3, 0);
	ev_timer_start(teller->loop, &timer);
	ev_run(teller->loop, 0);
}

static void
carry_part(struct teller *teller)
{
	teller->moved = (struct moved){ 0 };
	step(teller, NULL);
	for (int i = 0; i < STEPS_MAX && teller->step.kind == STEP_SEND; i++) {
		if (!teller->moves)
			teller->request = teller->step.request;
		send_request(teller);
	}
}

static const char *
outcome_of(const struct reporter_step *step)
{
	switch (step->kind) {
	case STEP_DONE:
		return "taken";
	case STEP_REJECTED:
	case STEP_SUSPENDED:
		return "refused";
	case STEP_RETRY:
	case STEP_SEND:
		break;
	}
	return "failed";
}

static void
add_message(struct teller *teller, const char *name, json_t *messages)
{
	json_t *message = json_object();
	json_object_set_new(message, "event", json_string(name));
	json_object_set_new(message, "requests", teller->requests);
	json_object_set_new(
		message, "outcome", json_string(outcome_of(&teller->step)));
	json_object_set_new(
		message, "detail", covered(teller, teller->step.detail));
	json_array_append_new(messages, message);
}

/* True when it was taken. */
static bool
tell_part(struct teller *teller, const struct event *event,
	const struct reporter_part *part, unsigned number)
{
	char carry[REPORTER_CARRY_MAX] = "";
	teller->requests = json_array();
	teller->context = (struct reporter_context){
		.event = event,
		.part = part,
		.part_number = number,
		.now_ms = clock_wall_ms(),
		.opening = event->kind == EVENT_OPENED ? OPENING_NONE
						       : OPENING_TOLD,
		.ref = teller->ref,
		.carry = carry,
		.token = teller->token,
		.is_test = true,
		.arena = teller->arena,
	};
	carry_part(teller);
	teller->context.carry = NULL;
	return teller->step.kind == STEP_DONE;
}

/* The parts that are news; true when each was taken. */
static bool
tell(struct teller *teller, const struct event *event, json_t *messages)
{
	struct reporter_plan plan = { .n = 0 };
	bool good = true;
	teller->reporter->type->plan(teller->reporter, event, &plan);
	for (unsigned i = 0; good && i < plan.n; i++) {
		if (plan.parts[i].kind != PART_EVENT)
			continue;
		good = tell_part(teller, event, &plan.parts[i], i);
		if (good && teller->step.ref[0] != '\0')
			str_copy(teller->ref, sizeof(teller->ref),
				teller->step.ref);
		add_message(teller, event_kind_name(event->kind), messages);
	}
	return good;
}

/* What the public could see later on. */
static bool
take_back(struct teller *teller, const struct event *event, json_t *messages)
{
	const struct reporter_part part = { .kind = PART_EVENT };
	if (!teller->reporter->type->undo || teller->ref[0] == '\0')
		return true;
	teller->undoes = true;
	bool good = tell_part(teller, event, &part, 0);
	add_message(teller, "removed", messages);
	return good;
}

static struct event
outage_of(const struct teller *teller)
{
	int64_t now_ms = clock_wall_ms();
	return (struct event){
		.kind = EVENT_OPENED,
		.incident = teller->incident,
		.seq = 1,
		.at_ms = now_ms - LASTED_MS,
		.opened_ms = now_ms - LASTED_MS,
		.from = STATUS_OPERATIONAL,
		.to = STATUS_MAJOR_OUTAGE,
		.cause = CAUSE_HTTP_STATUS,
		.message = "This is only a test, by `curlew send-test`",
		.latency_us = LATENCY_US,
		.endpoint = {
			.name = "curlew test",
			.url = "https://example.net/curlew-test",
			.method = "GET",
			.is_public = true,
			.titles = {
				.outage = "curlew test is unavailable",
				.performance =
					"curlew test has degraded performance",
				.operational = "curlew test is operational",
			},
		},
	};
}

static struct event
recovery_of(const struct event *outage)
{
	struct event event = *outage;
	event.kind = EVENT_CLOSED;
	event.seq = 2;
	event.at_ms = outage->opened_ms + LASTED_MS;
	event.from = outage->to;
	event.to = STATUS_OPERATIONAL;
	event.cause = CAUSE_NONE;
	event.message = "";
	return event;
}

/* Where the public reads, nobody is to see it. */
static void
hide(struct teller *teller, struct event *outage)
{
	struct event_endpoint *endpoint = &outage->endpoint;
	if (!teller->reporter->type->undo)
		return;
	teller->place.reporter = teller->reporter->id;
	endpoint->places = &teller->place;
	endpoint->n_places = 1;
	endpoint->actions[0] = ACTION_CREATE_INCIDENT;
	endpoint->n_actions = 1;
	endpoint->is_public = false;
}

static json_t *
tell_all(struct teller *teller)
{
	struct rng rng;
	rng_seed_os(&rng);
	uuid_make(clock_wall_ms(), &rng, teller->incident);
	json_t *messages = json_array();
	struct event outage = outage_of(teller);
	hide(teller, &outage);
	struct event recovery = recovery_of(&outage);
	bool good = tell(teller, &outage, messages);
	if (good) {
		keep_limit(teller);
		good = tell(teller, &recovery, messages);
	}
	good = take_back(teller, &recovery, messages) && good;
	json_t *record = json_object();
	json_object_set_new(
		record, "reporter", payload_text(teller->reporter->id));
	json_object_set_new(
		record, "type", json_string(teller->reporter->type->conf.name));
	json_object_set_new(record, "taken", json_boolean(good));
	json_object_set_new(record, "messages", messages);
	return record;
}

static json_t *
tell_on_loop(struct teller *teller, struct err *err)
{
	struct resolver_settings how = {
		.system = teller->test->system_resolver,
	};
	json_t *record = NULL;
	teller->resolver = resolver_new(teller->loop, err);
	if (!teller->resolver)
		return NULL;
	if (resolver_configure(teller->resolver, &how, err)) {
		teller->http = http_client_new(teller->loop, teller->resolver);
		if (cli_send_test_token(teller->test, teller->loop,
			    teller->http, teller->arena, &teller->token, err)) {
			if (teller->token)
				cover_add(teller->test->cover, teller->token);
			record = tell_all(teller);
		}
		http_client_free(teller->http);
	}
	resolver_free(teller->resolver);
	return record;
}

json_t *
cli_send_test_carry(const struct cli_send_test *test, struct err *err)
{
	struct teller teller = {
		.test = test,
		.reporter = test->home->reporter,
	};
	if (!http_global_init(err))
		return NULL;
	json_t *record = NULL;
	teller.arena = arena_new();
	teller.loop = ev_loop_new(EVFLAG_AUTO);
	if (teller.loop)
		record = tell_on_loop(&teller, err);
	else
		err_set(err, "the kernel gives no event loop");
	if (teller.loop)
		ev_loop_destroy(teller.loop);
	arena_free(teller.arena);
	http_global_finish();
	return record;
}
