#include "agent/judge/bucket.h"

#include <limits.h>

enum {
	HEADROOM = 5, /* one of so many is left to others */
	BURST = 5, /* one of so many may go at once */
	RESERVE = 10, /* so little is left: others are at it as well */
	RESERVE_MIN = 4,
	LAST = 2, /* nothing is left, to all intents */
};

struct bucket_limit
bucket_limit_of(unsigned count, int64_t window_ms)
{
	if (count > BUCKET_COUNT_MAX)
		count = BUCKET_COUNT_MAX;
	unsigned burst = count / BURST;
	return (struct bucket_limit){
		.count = count,
		.window_ms = window_ms,
		.burst = burst > 0 ? burst : 1,
	};
}

struct bucket_limit
bucket_limit_within(unsigned count, int64_t window_ms)
{
	return bucket_limit_of(count - count / HEADROOM, window_ms);
}

struct bucket_limit
bucket_limit_least(struct bucket_limit a, struct bucket_limit b)
{
	if (a.count == 0 || b.count == 0)
		return a.count == 0 ? b : a;
	int64_t a_rate = (int64_t)a.count * b.window_ms;
	int64_t b_rate = (int64_t)b.count * a.window_ms;
	return a_rate <= b_rate ? a : b;
}

/* Per window, beside the burst: the last of both falls on the window's end. */
static int64_t
refill_of(const struct bucket_limit *limit)
{
	return (int64_t)limit->count - limit->burst + 1;
}

static int64_t
credit_at(const struct bucket *bucket, int64_t now_ms)
{
	const struct bucket_limit *limit = &bucket->limit;
	int64_t full = limit->burst * limit->window_ms;
	int64_t passed = now_ms > bucket->at_ms ? now_ms - bucket->at_ms : 0;
	int64_t credit = bucket->credit + passed * refill_of(limit);
	return credit < full ? credit : full;
}

static void
settle(struct bucket *bucket, int64_t now_ms)
{
	if (bucket->left >= 0 && now_ms >= bucket->left_until_ms)
		bucket->left = -1;
	if (bucket->limit.count > 0)
		bucket->credit = credit_at(bucket, now_ms);
	bucket->at_ms = now_ms;
}

static bool
is_same(const struct bucket_limit *a, const struct bucket_limit *b)
{
	return a->count == b->count && a->window_ms == b->window_ms
		&& a->burst == b->burst;
}

void
bucket_set(struct bucket *bucket, struct bucket_limit limit, int64_t now_ms)
{
	struct bucket_limit before = bucket->limit;
	if (is_same(&before, &limit))
		return;
	settle(bucket, now_ms);
	bucket->limit = limit;
	if (limit.count == 0)
		return;
	int64_t credit = before.count > 0
		? bucket->credit / before.window_ms * limit.window_ms
		: BUCKET_START * limit.window_ms;
	int64_t full = limit.burst * limit.window_ms;
	bucket->has_past |= before.count == 0;
	bucket->credit = credit < full ? credit : full;
}

static int64_t
credit_due(const struct bucket *bucket, int64_t now_ms)
{
	const struct bucket_limit *limit = &bucket->limit;
	if (limit->count == 0)
		return now_ms;
	if ((limit->burst == 1 || bucket->sparing) && bucket->busy > 0)
		return now_ms + limit->window_ms; /* or the answer comes */
	int64_t missing = limit->window_ms - credit_at(bucket, now_ms);
	if (missing <= 0)
		return now_ms;
	int64_t refill = refill_of(limit);
	return now_ms + (missing + refill - 1) / refill;
}

int64_t
bucket_due(const struct bucket *bucket, int64_t now_ms)
{
	int64_t due = credit_due(bucket, now_ms);
	bool shut = bucket->left == 0 && bucket->left_until_ms > due;
	return shut ? bucket->left_until_ms : due;
}

unsigned
bucket_room(const struct bucket *bucket, int64_t now_ms)
{
	const struct bucket_limit *limit = &bucket->limit;
	unsigned room = UINT_MAX;
	if (bucket_due(bucket, now_ms) > now_ms)
		return 0;
	if (limit->count > 0)
		room = (unsigned)(credit_at(bucket, now_ms) / limit->window_ms);
	if (bucket->sparing)
		room = 1;
	if (bucket->left >= 0 && bucket->left_until_ms > now_ms
		&& bucket->left < room)
		room = (unsigned)bucket->left;
	return room;
}

void
bucket_take(struct bucket *bucket, int64_t now_ms)
{
	settle(bucket, now_ms);
	bucket->busy++;
	if (bucket->left > 0)
		bucket->left--;
	bucket->credit -= bucket->limit.window_ms;
	if (bucket->credit < 0)
		bucket->credit = 0;
}

/* What is on its way may be counted there already, or not. */
static void
learn_left(
	struct bucket *bucket, const struct bucket_news *news, int64_t now_ms)
{
	const struct bucket_limit *limit = &bucket->limit;
	int64_t window_ms =
		news->reset_ms >= 0 ? news->reset_ms : limit->window_ms;
	if (news->remaining < 0 || window_ms <= 0)
		return;
	int64_t reserve = limit->count / RESERVE;
	if (reserve < RESERVE_MIN)
		reserve = limit->count / 2 < RESERVE_MIN ? limit->count / 2
							 : RESERVE_MIN;
	int64_t rest = news->remaining - bucket->busy;
	bucket->left = rest > reserve ? rest - reserve : 0;
	bucket->left_until_ms = now_ms + window_ms;
	/* What the others leave of a reserve lasts to the end of the window. */
	bucket->sparing = bucket->left == 0 && rest > LAST;
	if (bucket->sparing)
		bucket->left_until_ms = now_ms + window_ms / rest;
	if (bucket->has_past && limit->burst > BUCKET_START)
		bucket->credit +=
			(limit->burst - BUCKET_START) * limit->window_ms;
	bucket->has_past = false;
}

void
bucket_answered(
	struct bucket *bucket, const struct bucket_news *news, int64_t now_ms)
{
	settle(bucket, now_ms);
	if (bucket->busy > 0)
		bucket->busy--;
	/* The request may have arrived as late as its answer was sent. */
	if (bucket->limit.burst == 1)
		bucket->credit = 0;
	if (news)
		learn_left(bucket, news, now_ms);
}
