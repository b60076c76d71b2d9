/*
 * How often its target may be asked: what the kind of reporter says of that,
 * what a user set, and what answers say.
 */
#include <string.h>

#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "agent/judge/backoff.h"
#include "agent/outbox_internal.h"

enum {
	NUMBER_SIZE = 24,
	STATUS_TOO_MANY = 429,
	STATUS_UNAVAILABLE = 503,
	UNIX_TIME_MIN = 1000 * 1000 * 1000, /* else X-RateLimit-Reset counts */
};

static struct reporter_limit
limit_of(const struct queue_of *queue)
{
	const struct reporter *reporter = queue->reporter;
	struct reporter_limit limit = { 0 };
	if (reporter->type->limit)
		limit = reporter->type->limit(reporter);
	unsigned learnt = queue->pace.learnt;
	if (learnt == 0 || limit.learnt_ms <= 0)
		return limit;
	struct bucket_limit said = bucket_limit_within(learnt, limit.learnt_ms);
	limit.limit =
		limit.is_set ? bucket_limit_least(limit.limit, said) : said;
	return limit;
}

/* What is known may have changed since. */
static bool
refresh(struct queue_of *queue, int64_t now_ms)
{
	struct reporter_limit limit = limit_of(queue);
	bucket_set(&queue->pace.all_else, limit.limit, now_ms);
	if (limit.apart)
		bucket_set(&queue->pace.reads, limit.limit, now_ms);
	return limit.apart;
}

static bool
is_read(const char *method)
{
	return !method || str_eq(method, "GET") || str_eq(method, "HEAD");
}

static struct bucket *
bucket_for(struct queue_of *queue, const char *method, int64_t now_ms)
{
	bool apart = refresh(queue, now_ms);
	return apart && is_read(method) ? &queue->pace.reads
					: &queue->pace.all_else;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
outbox_pace_due(struct queue_of *queue, int64_t now_ms)
{
	struct pace *pace = &queue->pace;
	bool apart = refresh(queue, now_ms);
	int64_t due = later(now_ms, pace->shut_until_ms);
	due = later(due, bucket_due(&pace->all_else, now_ms));
	return apart ? later(due, bucket_due(&pace->reads, now_ms)) : due;
}

static int64_t
request_due(struct queue_of *queue, const char *method, int64_t now_ms)
{
	const struct bucket *bucket = bucket_for(queue, method, now_ms);
	return later(queue->pace.shut_until_ms, bucket_due(bucket, now_ms));
}

unsigned
outbox_pace_room(struct queue_of *queue, int64_t now_ms)
{
	refresh(queue, now_ms);
	return bucket_room(&queue->pace.all_else, now_ms);
}

int64_t
outbox_pace_request_due(const struct part *part, int64_t now_ms)
{
	return request_due(part->delivery->queue, part->request.method, now_ms);
}

void
outbox_pace_sent(struct part *part, int64_t now_ms)
{
	part->bucket =
		bucket_for(part->delivery->queue, part->request.method, now_ms);
	bucket_take(part->bucket, now_ms);
}

/* Answers. */

/* -1 when it is not there, or is no number. */
static int64_t
number_in(const struct http_response *answer, const char *name)
{
	char text[NUMBER_SIZE];
	int64_t number;
	if (!http_response_header(answer, name, text, sizeof(text))
		|| !str_int(text, &number) || number < 0)
		return -1;
	return number;
}

/* From now; -1 for none.  Some say when, and some how long. */
static int64_t
reset_in(const struct http_response *answer, int64_t wall_ms)
{
	const int64_t max_s = OUTBOX_RETRY_AFTER_MAX_MS / 1000;
	int64_t seconds = number_in(answer, "X-RateLimit-Reset");
	if (seconds >= UNIX_TIME_MIN) {
		seconds -= http_response_date(answer, wall_ms) / 1000;
		if (seconds < 0)
			seconds = 0;
	}
	return seconds > max_s ? OUTBOX_RETRY_AFTER_MAX_MS
		: seconds < 0  ? -1
			       : seconds * 1000;
}

static struct bucket_news
news_in(const struct http_response *answer, int64_t wall_ms)
{
	return (struct bucket_news){
		.limit = number_in(answer, "X-RateLimit-Limit"),
		.remaining = number_in(answer, "X-RateLimit-Remaining"),
		.reset_ms = reset_in(answer, wall_ms),
	};
}

static void
learn(struct queue_of *queue, struct bucket *bucket,
	const struct bucket_news *news, int64_t now_ms)
{
	if (news->limit > 0)
		queue->pace.learnt = news->limit < BUCKET_COUNT_MAX
			? (unsigned)news->limit
			: BUCKET_COUNT_MAX;
	refresh(queue, now_ms);
	bucket_answered(bucket, news, now_ms);
}

void
outbox_pace_shut(struct queue_of *queue, int64_t after_ms, int64_t now_ms)
{
	struct pace *pace = &queue->pace;
	pace->limited++;
	if (after_ms <= 0)
		after_ms = backoff_delay_ms(
			pace->limited, queue->outbox->settings.rng);
	if (after_ms > OUTBOX_RETRY_AFTER_MAX_MS)
		after_ms = OUTBOX_RETRY_AFTER_MAX_MS;
	outbox_pause_until(queue, now_ms + after_ms);
	log_say(pace->limited > 1 ? LOG_DEBUG : LOG_WARN,
		"the receiver asks for fewer requests, waiting",
		log_text("reporter", reporter_label(queue->reporter)),
		log_int("ms", pace->shut_until_ms - now_ms));
}

/* It speaks for the whole target, whatever the step makes of it. */
static void
mind(struct queue_of *queue, const struct http_response *answer,
	const struct bucket_news *news, struct moment now)
{
	struct pace *pace = &queue->pace;
	int64_t after_ms = http_response_retry_after(answer, now.wall_ms);
	if (answer->status == STATUS_TOO_MANY) {
		if (after_ms <= 0 && news->reset_ms > 0)
			after_ms = news->reset_ms;
		outbox_pace_shut(queue, after_ms, now.mono_ms);
		return;
	}
	if (answer->fail == HTTP_FAIL_NONE)
		pace->limited = 0;
	if (after_ms > OUTBOX_RETRY_AFTER_MAX_MS)
		after_ms = OUTBOX_RETRY_AFTER_MAX_MS;
	if (answer->status == STATUS_UNAVAILABLE && after_ms > 0)
		outbox_pause_until(queue, now.mono_ms + after_ms);
}

static void
answered(struct queue_of *queue, struct bucket *bucket,
	const struct http_response *answer, struct moment now)
{
	if (!answer) {
		bucket_answered(bucket, NULL, now.mono_ms);
		return;
	}
	struct bucket_news news = news_in(answer, now.wall_ms);
	learn(queue, bucket, &news, now.mono_ms);
	mind(queue, answer, &news, now);
}

void
outbox_pace_answered(struct part *part, const struct http_response *answer,
	struct moment now)
{
	struct bucket *bucket = part->bucket;
	part->bucket = NULL;
	if (bucket)
		answered(part->delivery->queue, bucket, answer, now);
}

/* For what is asked beside the outbox. */

int64_t
outbox_ask_due(struct outbox *outbox, const struct reporter *reporter,
	const char *method, struct moment now)
{
	struct queue_of *queue = map_get(outbox->by_reporter, reporter->id);
	return queue ? request_due(queue, method, now.mono_ms) : now.mono_ms;
}

void
outbox_asked(struct outbox *outbox, const struct reporter *reporter,
	const char *method, struct moment now)
{
	struct queue_of *queue = map_get(outbox->by_reporter, reporter->id);
	if (queue)
		bucket_take(
			bucket_for(queue, method, now.mono_ms), now.mono_ms);
}

void
outbox_answered(struct outbox *outbox, const struct reporter *reporter,
	const char *method, const struct http_response *answer,
	struct moment now)
{
	struct queue_of *queue = map_get(outbox->by_reporter, reporter->id);
	if (queue)
		answered(queue, bucket_for(queue, method, now.mono_ms), answer,
			now);
}
