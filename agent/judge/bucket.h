/*
 * How often a target may be asked: a token bucket that learns from what the
 * target says of its limit.  Pure: time is an argument, of the monotonic clock.
 *
 * In no window of the limit's length are more than `count` requests allowed,
 * whenever it begins: at most `burst` of them at once, the rest evenly.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	BUCKET_COUNT_MAX = 1000 * 1000,
	/* A new bucket has no more: it has a past, until the target says what
	 * is left. */
	BUCKET_START = 4,
};

struct bucket_limit {
	unsigned count; /* requests in a window; 0: as many as need be */
	int64_t window_ms;

	/*
	 * 1 to `count`.  With 1, each request waits for the answer to the one
	 * before, so that no two arrive closer than they were meant to.
	 */
	unsigned burst;
};

/** What an answer says about the limit; -1 where it does not. */
struct bucket_news {
	int64_t limit; /* X-RateLimit-Limit */
	int64_t remaining; /* X-RateLimit-Remaining */
	int64_t reset_ms; /* X-RateLimit-Reset, from now */
};

struct bucket {
	struct bucket_limit limit;
	int64_t credit; /* requests times the length of the window */
	int64_t at_ms; /* when it was that much */
	bool has_past; /* which nobody told us */
	unsigned busy; /* requests that are not answered */
	bool sparing; /* so little is left that it goes one by one */
	int64_t left; /* that the target lets through; -1: it did not say */
	int64_t left_until_ms;
};

/**
 * What to allow ourselves where the target publishes `count` in a window: a
 * fifth is left to others that share our address or our user.
 */
struct bucket_limit bucket_limit_within(unsigned count, int64_t window_ms);

/** Exactly as many as `count`, a fifth of them at once. */
struct bucket_limit bucket_limit_of(unsigned count, int64_t window_ms);

/** The tighter one. */
struct bucket_limit bucket_limit_least(
	struct bucket_limit a, struct bucket_limit b);

/** A zeroed bucket has no limit, and is filled by this. */
void bucket_set(
	struct bucket *bucket, struct bucket_limit limit, int64_t now_ms);

/** The earliest time at which one may be sent, `now_ms` or later. */
int64_t bucket_due(const struct bucket *bucket, int64_t now_ms);

/** How many may be sent at once, now; UINT_MAX where nothing limits them. */
unsigned bucket_room(const struct bucket *bucket, int64_t now_ms);

/** One is sent; it need not be due. */
void bucket_take(struct bucket *bucket, int64_t now_ms);

/** One was answered, or it never will be: then `news` is NULL. */
void bucket_answered(
	struct bucket *bucket, const struct bucket_news *news, int64_t now_ms);
