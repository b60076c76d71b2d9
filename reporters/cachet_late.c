/*
 * What is told late is told with its own times; and an outage that is over by
 * then is told as one: an incident that is fixed when it is created.
 *
 * Each Cachet wants times in a way of its own, and answers 500 to any other.
 * Cachet 2 takes them for its own time zone, unless the request has one.
 */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/duration.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	LATE_MS = 2 * 60 * 1000, /* who comes earlier is not late */
	DATE_LEN = 10,
	TIME_AT = 11,
	MINUTES_LEN = 5,
	SECONDS_LEN = 8,
};

static bool
is_late(const struct reporter_context *context)
{
	int64_t opened_ms = context->event->opened_ms;
	return opened_ms > 0
		&& (context->closing || context->now_ms - opened_ms >= LATE_MS);
}

/* "2026-11-20 23:14:05" */
static const char *
time_of(int64_t wall_ms, struct arena *arena)
{
	char text[CLOCK_TEXT_SIZE];
	clock_text(wall_ms, text);
	return arena_printf(arena, "%.*s %.*s", DATE_LEN, text, SECONDS_LEN,
		text + TIME_AT);
}

static const char *
began(enum cachet_generation generation, int64_t wall_ms, struct arena *arena)
{
	char text[CLOCK_TEXT_SIZE];
	clock_text(wall_ms, text);
	if (generation == CACHET_2_3)
		return arena_printf(arena, "%.2s/%.2s/%.4s %.*s", text + 8,
			text + 5, text, MINUTES_LEN, text + TIME_AT);
	if (generation == CACHET_2_4)
		return arena_printf(arena, "%.*s %.*s", DATE_LEN, text,
			MINUTES_LEN, text + TIME_AT);
	return arena_printf(arena, "%.*sT%.*sZ", DATE_LEN, text, SECONDS_LEN,
		text + TIME_AT);
}

void
cachet_late_date(const struct cachet_job *job, json_t *body)
{
	enum cachet_generation generation = job->cachet->generation;
	const struct reporter_context *context = job->context;
	if (!is_late(context))
		return;
	json_object_set_new(body,
		generation == CACHET_2_3 ? "created_at" : "occurred_at",
		json_string(began(generation, context->event->opened_ms,
			context->arena)));
}

void
cachet_late_zone(const struct cachet_job *job, struct http_request *request)
{
	if (!is_late(job->context) || job->cachet->generation == CACHET_3)
		return;
	size_t n = request->n_headers;
	struct http_header *headers =
		arena_alloc(job->context->arena, (n + 1) * sizeof(*headers));
	memcpy(headers, request->headers, n * sizeof(*headers));
	headers[n] = (struct http_header){ "Time-Zone", "UTC" };
	request->headers = headers;
	request->n_headers = n + 1;
}

/* No two outages of an endpoint have the same. */
static const char *
times_of(const struct reporter_context *context)
{
	struct arena *arena = context->arena;
	int64_t from_ms = context->event->opened_ms;
	int64_t to_ms = context->closing->at_ms;
	char length[DURATION_TEXT_SIZE];
	duration_text(to_ms > from_ms ? to_ms - from_ms : 0, length);
	return arena_printf(arena, "%s to %s UTC (%s).",
		time_of(from_ms, arena), time_of(to_ms, arena), length);
}

const char *
cachet_late_text(const struct reporter_context *context)
{
	const struct event *closing = context->closing;
	const char *text = event_text(context->event);
	if (!closing)
		return text;
	bool says_more = *closing->message != '\0';
	return arena_printf(context->arena, "%s" CACHET_LATE_FROM "%s%s%s",
		text, times_of(context), says_more ? " " : "",
		closing->message);
}

static bool
says(const json_t *incident, const char *times)
{
	const char *message =
		json_string_value(json_object_get(incident, "message"));
	return message && strstr(message, times);
}

static bool
is_unmarked(const json_t *incident)
{
	json_t *meta = cachet_look_meta(incident);
	bool unmarked = !json_object_get(meta, "curlew");
	json_decref(meta);
	return unmarked;
}

int64_t
cachet_late_find(const struct cachet_job *job)
{
	if (!job->context->closing)
		return 0;
	const char *times = times_of(job->context);
	json_t *data = cachet_call_data(job->answer);
	int64_t found = 0;
	size_t i;
	const json_t *incident;
	json_array_foreach (data, i, incident) {
		int64_t id;
		if (is_unmarked(incident) && says(incident, times)
			&& cachet_look_is_titled(job->cachet, incident,
				event_title(job->context->event))
			&& payload_number(json_object_get(incident, "id"), &id)
			&& (found == 0 || id < found))
			found = id;
	}
	json_decref(data);
	return found;
}
