/*
 * What is said later: posts to a response_url, tried again with back-off.
 *
 * Slack takes five of a URL, and for half an hour; whatever may have arrived
 * counts.  In memory: with the process they are gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct http_client;
struct http_response;

enum {
	CHAT_POSTS_MAX = 5, /* of one URL */
	CHAT_POST_FOR_MS = 30 * 60 * 1000,
};

enum chat_posted {
	CHAT_POSTED = 0,
	CHAT_POST_AGAIN,

	/* That URL takes nothing any more: it may be said elsewhere. */
	CHAT_POST_OVER,

	CHAT_POST_REFUSED, /* what was said */
};

/** What an answer means.  Pure. */
enum chat_posted chat_post_judge(const struct http_response *response);

/** Before try `n`, from 2.  Pure. */
int64_t chat_post_wait_ms(unsigned n, int64_t retry_after_ms);

/** For how long it may be tried again.  The wall clock may have been set since
 * the URL was given, so that the first try is made in any case: Slack knows how
 * old its URL is.  Pure. */
int64_t chat_post_left_ms(int64_t asked_ms, int64_t wall_ms);

struct chat_posts;

/** `loop` and `http` must outlive it. */
struct chat_posts *chat_posts_new(
	struct ev_loop *loop, struct http_client *http);

/** No `done` runs.  NULL is allowed and does nothing. */
void chat_posts_free(struct chat_posts *posts);

/** Runs once, later; never with CHAT_POST_AGAIN.  `spent`: of the URL's. */
typedef void chat_posted_fn(
	void *cookie, enum chat_posted outcome, unsigned spent);

/** One post; all is copied. */
struct chat_post {
	const char *url; /* a secret; see chat_slack_response_url() */
	const char *body; /* JSON */
	int64_t asked_ms; /* wall clock: when the URL was given */
	unsigned spent; /* posts of the URL before */
	bool once; /* it is not worth a second try */
	chat_posted_fn *done; /* or NULL */
	void *cookie;
};

/** Over at once, but told later, when too many wait. */
void chat_posts_send(struct chat_posts *posts, const struct chat_post *wanted);
