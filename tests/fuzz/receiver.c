/*
 * What Cachet and those behind webhooks answer: a letter for the reporter and
 * the kind of event, then answers with a NUL between them, each a status of
 * three digits, headers, an empty line and a body.
 */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/conf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/fuzz_types.h"

#define NOW_MS INT64_C(1795210493000)
#define TOKEN "zq9SECRET" /* in no sentence of ours */
#define HOST "https://status.example.net/"

enum {
	SENDS_MAX = 600, /* of one part, until nobody answers any more */
	ROUNDS_MAX = 4, /* how often a part begins anew */
	REPORTERS = 3,
};

static const char document[] =
	"endpoints: [{name: shop, url: 'http://shop.test'}]\n"
	"cachet: {api_url: '" HOST "api/v1', token: " TOKEN "}\n"
	"reporters:\n"
	"- {type: slack, name: a, url: '" HOST "services/T/B/x'}\n"
	"- {type: webhook, name: b, url: '" HOST "{name}', body: '{title}'}\n";

static const char event_format[] =
	"{\"kind\":\"%s\",\"incident\":\"019378c5-1a2b-7c3d-8e4f-"
	"5a6b7c8d9e0f\","
	"\"seq\":%d,\"first\":false,\"at_ms\":1795210492000,"
	"\"opened_ms\":1795210492000,\"from\":%d,\"to\":%d,"
	"\"cause\":\"http_status\",\"message\":\"Unexpected HTTP status\","
	"\"latency_us\":312400,\"endpoint\":{\"name\":\"shop\","
	"\"url\":\"https://shop.example.net/\",\"method\":\"GET\","
	"\"component_id\":7,\"metric_id\":3,\"actions\":[\"CREATE_INCIDENT\","
	"\"UPDATE_STATUS\",\"PUSH_METRICS\"],\"public\":true,"
	"\"outage\":\"shop is unavailable\","
	"\"performance\":\"shop has degraded performance\","
	"\"operational\":\"shop is operational\"}}";

static struct reporter *reporters[REPORTERS];

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie;
	(void)message;
	assert(severity != CONF_ERROR);
}

static void
make_reporters(void)
{
	struct err err;
	struct conf *conf = conf_load(fuzz_file(document, strlen(document)),
		fuzz_types(), on_complaint, NULL);
	assert(conf && conf->reporters.count == REPORTERS - 1);
	const struct conf_chosen *others = conf->reporters.items;
	reporters[0] = reporter_new(conf->cachets.items, &err);
	reporters[1] = reporter_new(&others[0], &err);
	reporters[2] = reporter_new(&others[1], &err);
	assert(reporters[0] && reporters[1] && reporters[2]);
	/* The document stays: they borrow from it. */
}

/* The answers, one after the other; then nobody is there. */
struct talk {
	const char *at, *end;
	struct arena *arena;
};

static struct http_response
next_answer(struct talk *talk)
{
	if (talk->at >= talk->end)
		return (struct http_response){
			.fail = HTTP_FAIL_REFUSED,
			.detail = "nobody is there",
			.headers = "",
			.body = "",
		};
	size_t left = (size_t)(talk->end - talk->at);
	const char *nul = memchr(talk->at, '\0', left);
	char *text = arena_dup_n(
		talk->arena, talk->at, nul ? (size_t)(nul - talk->at) : left);
	talk->at += strlen(text) + 1;
	int status = 0;
	size_t i = 0;
	for (; i < 3 && isdigit((unsigned char)text[i]); i++)
		status = status * 10 + (text[i] - '0');
	char *body = strstr(text, "\n\n");
	if (body)
		*body = '\0', body += 2;
	return (struct http_response){
		.status = status >= 200 && status < 600 ? status : 200,
		.detail = "",
		.headers = arena_printf(
			talk->arena, "HTTP/1.1 %d\r\n%s\r\n", status, text + i),
		.body = body ? body : "",
		.body_len = body ? strlen(body) : 0,
		.sent = true,
	};
}

static void
check_line(const char *text, bool may_tell)
{
	assert(may_tell || !strstr(text, TOKEN));
	for (; *text != '\0'; text++)
		assert((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void
check_request(const struct http_request *request)
{
	check_line(request->url, false);
	assert(str_starts(request->url, HOST));
	check_line(request->method, false);
	for (size_t i = 0; i < request->n_headers; i++) {
		check_line(request->headers[i].name, false);
		check_line(request->headers[i].value, true);
	}
	assert(request->body_len == 0 || request->body);
}

static void
check_outcome(const struct reporter_step *step)
{
	check_line(step->detail, false);
	check_line(step->ref, false);
	assert(strlen(step->ref) < REPORTER_REF_SIZE);
	assert(strlen(step->mirror_again) < REPORTER_LANE_SIZE);
	assert(step->after_ms >= 0);
	assert(step->kind == STEP_DONE || *step->detail != '\0');
}

/* One turn of a part; false when that was the end of it. */
static bool
play(const struct reporter *reporter, struct reporter_context *context,
	struct talk *talk)
{
	struct reporter_step step = { .kind = STEP_RETRY };
	reporter->type->step(reporter, context, NULL, &step);
	for (int sends = 0; step.kind == STEP_SEND; sends++) {
		assert(sends < SENDS_MAX);
		check_request(&step.request);
		struct http_response answer = next_answer(talk);
		if (step.once && answer.fail != HTTP_FAIL_NONE) {
			context->uncertain = true;
			context->begun_ms = context->now_ms;
		}
		step = (struct reporter_step){ .kind = STEP_RETRY };
		reporter->type->step(reporter, context, &answer, &step);
		assert(memchr(context->carry, '\0', REPORTER_CARRY_MAX));
	}
	check_outcome(&step);
	context->now_ms += step.after_ms > 0 ? step.after_ms : 1000;
	return step.kind == STEP_RETRY
		|| (step.kind == STEP_DONE && step.after_ms > 0);
}

static void
play_part(const struct reporter *reporter, const struct event *event,
	const struct reporter_plan *plan, unsigned number, struct talk *talk)
{
	char carry[REPORTER_CARRY_MAX] = "";
	struct reporter_context context = {
		.event = event,
		.part = &plan->parts[number],
		.part_number = number,
		.now_ms = NOW_MS,
		.opening = OPENING_TOLD,
		.ref = "12",
		.mirror = event->to,
		.carry = carry,
		.token = TOKEN,
		.arena = talk->arena,
	};
	int rounds = 0;
	while (play(reporter, &context, talk) && ++rounds < ROUNDS_MAX)
		continue;
}

static void
vet(const struct reporter *reporter, const struct event *event,
	struct talk *talk)
{
	char carry[REPORTER_CARRY_MAX] = "";
	struct reporter_step step = { .kind = STEP_RETRY };
	struct http_response answer;
	const struct http_response *given = NULL;
	int sends = 0;
	do {
		assert(sends++ < SENDS_MAX);
		step = (struct reporter_step){ .kind = STEP_RETRY };
		reporter->type->vet(reporter, TOKEN, &event->endpoint, given,
			carry, talk->arena, &step);
		if (step.kind == STEP_SEND)
			check_request(&step.request);
		answer = next_answer(talk);
		given = &answer;
	} while (step.kind == STEP_SEND);
	check_line(step.detail, false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { "opened", "closed", "baseline",
		"baseline" };
	if (!reporters[0])
		make_reporters();
	if (size == 0)
		return 0;
	struct arena *arena = arena_new();
	const struct reporter *reporter = reporters[data[0] % REPORTERS];
	unsigned kind = data[0] / REPORTERS % 4;
	/* Seeds are what a 2.4 answered; a new input begins anew. */
	static const char *const memories[] = { "2.4", "2.3", "3", "" };
	unsigned memory = data[0] / (REPORTERS * 4) % 4;
	str_copy(reporter->memory, REPORTER_MEMORY_SIZE, memories[memory]);
	const char *text = arena_printf(arena, event_format, kinds[kind],
		kind == 1 ? 2 : 1, kind == 1 ? 3 : 1, kind == 0 ? 3 : 1);
	struct event event;
	struct err err;
	bool good = event_decode(text, arena, &event, &err);
	assert(good);
	if (kind == 3)
		event.kind = EVENT_POINT; /* these are never stored */
	const char *answers = (const char *)data + 1;
	struct talk talk = { answers, answers + size - 1, arena };
	struct reporter_plan plan = { 0 };
	reporter->type->plan(reporter, &event, &plan);
	assert(plan.n <= REPORTER_PARTS_MAX);
	for (unsigned i = 0; i < plan.n; i++) {
		play_part(reporter, &event, &plan, i, &talk);
		talk.at = answers;
	}
	if (reporter->type->vet)
		vet(reporter, &event, &talk);
	arena_free(arena);
	return 0;
}
