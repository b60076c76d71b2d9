/*
 *     chat_posts_send -> go ... on_answer -> settle
 *                                         -> wait ... on_due -> go
 */
#include "agent/chat/post.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/list.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/client.h"

enum {
	WAITING_MAX = 1000,
	ANSWER_MAX = 16 * 1024,
	TOTAL_MS = 15 * 1000,
	FIRST_WAIT_MS = 1000,
	LAST_WAIT_MS = 60 * 1000,
	WAIT_FACTOR = 4,
};

struct chat_posts {
	struct ev_loop *loop;
	struct http_client *http;
	struct list all;
	size_t count;
};

struct post {
	struct chat_posts *posts;
	struct list link;
	struct http_call *call;
	struct ev_timer due;
	char *url;
	char *body;
	int64_t until_ms; /* monotonic: no try begins after it */
	unsigned tries;
	unsigned spent; /* of the five */
	unsigned before; /* of these, by others */
	enum chat_posted outcome;
	bool once;
	chat_posted_fn *done;
	void *cookie;
};

/* Pure. */

static const char *const over[] = { "expired_url", "used_url" };

enum chat_posted
chat_post_judge(const struct http_response *response)
{
	int status = response->status;
	if (response->fail != HTTP_FAIL_NONE && status == 0)
		return CHAT_POST_AGAIN;
	if (status / 100 == 2)
		return CHAT_POSTED;
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (strstr(response->body, over[i]))
			return CHAT_POST_OVER;
	if (status == 404 || status == 410)
		return CHAT_POST_OVER;
	if (status == 408 || status == 425 || status == 429 || status >= 500)
		return CHAT_POST_AGAIN;
	return CHAT_POST_REFUSED;
}

int64_t
chat_post_wait_ms(unsigned n, int64_t retry_after_ms)
{
	int64_t wait_ms = FIRST_WAIT_MS;
	for (unsigned i = 2; i < n && wait_ms < LAST_WAIT_MS; i++)
		wait_ms *= WAIT_FACTOR;
	if (wait_ms > LAST_WAIT_MS)
		wait_ms = LAST_WAIT_MS;
	return wait_ms > retry_after_ms ? wait_ms : retry_after_ms;
}

int64_t
chat_post_left_ms(int64_t asked_ms, int64_t wall_ms)
{
	int64_t left_ms = asked_ms + CHAT_POST_FOR_MS - wall_ms;
	if (left_ms > CHAT_POST_FOR_MS)
		return CHAT_POST_FOR_MS;
	return left_ms > 0 ? left_ms : 0;
}

/* Making and unmaking. */

struct chat_posts *
chat_posts_new(struct ev_loop *loop, struct http_client *http)
{
	struct chat_posts *posts = mem_zalloc(sizeof(*posts));
	posts->loop = loop;
	posts->http = http;
	list_init(&posts->all);
	return posts;
}

static void
free_post(struct post *post)
{
	http_cancel(post->call);
	ev_timer_stop(post->posts->loop, &post->due);
	list_remove(&post->link);
	post->posts->count--;
	free(post->url);
	free(post->body);
	free(post);
}

void
chat_posts_free(struct chat_posts *posts)
{
	if (!posts)
		return;
	LIST_EACH (at, &posts->all, after)
		free_post(LIST_ENTRY(at, struct post, link));
	free(posts);
}

/* Sending. */

static void
settle(struct post *post, enum chat_posted outcome)
{
	if (post->done)
		post->done(post->cookie, outcome, post->spent - post->before);
	free_post(post);
}

static void on_answer(void *cookie, const struct http_response *response);

static void
go(struct post *post)
{
	static const struct http_header headers[] = {
		{ "Content-Type", "application/json; charset=utf-8" },
	};
	const struct http_request request = {
		.method = "POST",
		.url = post->url,
		.headers = headers,
		.n_headers = 1,
		.body = post->body,
		.body_len = strlen(post->body),
		.connect_ms = TOTAL_MS,
		.headers_ms = TOTAL_MS,
		.total_ms = TOTAL_MS,
		.body_max = ANSWER_MAX,
		.cut_body = true,
	};
	post->tries++;
	post->call = http_send(post->posts->http, &request, on_answer, post);
}

static void
on_due(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct post *post = timer->data;
	if (post->outcome == CHAT_POST_AGAIN)
		go(post);
	else
		settle(post, post->outcome);
}

static void
wait(struct post *post, int64_t wait_ms)
{
	ev_now_update(post->posts->loop);
	ev_timer_set(&post->due, (double)wait_ms / 1000., 0.);
	ev_timer_start(post->posts->loop, &post->due);
}

/* The URL is a secret, and so is not in the log. */
static void
note(const struct post *post, const struct http_response *response,
	enum chat_posted outcome)
{
	if (outcome == CHAT_POSTED)
		return;
	log_say(outcome == CHAT_POST_AGAIN ? LOG_INFO : LOG_WARN,
		outcome == CHAT_POST_AGAIN
			? "an answer was not taken, trying again"
			: "an answer could not be given",
		log_int("status", response->status),
		log_text("reason",
			response->fail == HTTP_FAIL_NONE
				? ""
				: http_fail_name(response->fail)),
		log_int("tries", post->tries));
}

static void
on_answer(void *cookie, const struct http_response *response)
{
	struct post *post = cookie;
	post->call = NULL;

	struct moment now = clock_now();
	enum chat_posted outcome = chat_post_judge(response);
	int64_t wait_ms = chat_post_wait_ms(post->tries + 1,
		http_response_retry_after(response, now.wall_ms));
	post->spent += response->sent;
	if (outcome == CHAT_POST_AGAIN
		&& (post->once || post->spent >= CHAT_POSTS_MAX
			|| now.mono_ms + wait_ms >= post->until_ms))
		outcome = CHAT_POST_OVER;
	note(post, response, outcome);
	if (outcome == CHAT_POST_AGAIN)
		wait(post, wait_ms);
	else
		settle(post, outcome);
}

void
chat_posts_send(struct chat_posts *posts, const struct chat_post *wanted)
{
	bool is_over =
		posts->count >= WAITING_MAX || wanted->spent >= CHAT_POSTS_MAX;
	struct moment now = clock_now();
	struct post *post = mem_zalloc(sizeof(*post));
	post->posts = posts;
	post->url = mem_dup(wanted->url);
	post->body = mem_dup(wanted->body);
	post->until_ms =
		now.mono_ms + chat_post_left_ms(wanted->asked_ms, now.wall_ms);
	post->spent = post->before = wanted->spent;
	post->once = wanted->once;
	post->done = wanted->done;
	post->cookie = wanted->cookie;
	post->outcome = is_over ? CHAT_POST_OVER : CHAT_POST_AGAIN;
	ev_timer_init(&post->due, on_due, 0., 0.);
	post->due.data = post;
	list_add(&posts->all, &post->link);
	posts->count++;
	if (!is_over) {
		go(post);
		return;
	}
	log_say(LOG_WARN, "an answer could not be given",
		log_text("reason",
			posts->count > WAITING_MAX
				? "too many wait"
				: "its address takes no more"));
	wait(post, 0);
}
