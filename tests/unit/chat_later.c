/*
 * Chats: where answers may go that come later, what becomes of them, and what
 * was heard before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/chat/post.h"
#include "agent/chat/reply.h"
#include "agent/chat/seen.h"
#include "agent/chat/slack_read.h"
#include "agent/http/response.h"

static void
test_where_answers_may_go(void **unused)
{
	(void)unused;
	static const struct {
		const char *host;
		const char *url;
		bool good;
	} rows[] = {
		{ "hooks.slack.com", "https://hooks.slack.com/commands/1",
			true },
		{ "hooks.slack.com", "https://HOOKS.slack.com/c", true },
		{ "hooks.slack.com", "https://hooks.slack.com:443/c", true },
		{ "hooks.slack.com", "http://hooks.slack.com/c", false },
		{ "hooks.slack.com", "https://hooks.slack.com:8443/c", false },
		{ "hooks.slack.com", "https://hooks.slack.com.evil.test/",
			false },
		{ "hooks.slack.com", "https://evil.test/hooks.slack.com",
			false },
		{ "hooks.slack.com", "https://hooks.slack.com@evil.test/",
			false },
		{ "hooks.slack.com", "https://evil.test#@hooks.slack.com/",
			false },
		{ "hooks.slack.com", "https://a:b@hooks.slack.com/c", false },
		{ "hooks.slack.com", "https://evil.test\\@hooks.slack.com/",
			false },
		{ "hooks.slack.com", "//hooks.slack.com/c", false },
		{ "hooks.slack.com", "hooks.slack.com/c", false },
		{ "hooks.slack.com", "file:///etc/passwd", false },
		{ "hooks.slack.com", "", false },
		{ "http://127.0.0.1:9001", "http://127.0.0.1:9001/r", true },
		{ "http://127.0.0.1:9001", "http://127.0.0.1:9002/r", false },
		{ "http://127.0.0.1:9001", "https://127.0.0.1:9001/r", false },
		{ "proxy.test:8443", "https://proxy.test:8443/r", true },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new_small();
		const struct conf_chat chat = { .response_host = rows[i].host };
		const char *url =
			chat_slack_response_url(&chat, rows[i].url, arena);
		if ((url != NULL) != rows[i].good)
			fail_msg("%s: %s", rows[i].host, rows[i].url);
		arena_free(arena);
	}
}

static void
test_what_an_answer_means(void **unused)
{
	(void)unused;
	static const struct {
		const char *body;
		int status;
		enum chat_posted outcome;
	} rows[] = {
		{ "ok", 200, CHAT_POSTED },
		{ "", 204, CHAT_POSTED },
		{ "{\"ok\":false,\"error\":\"expired_url\"}", 404,
			CHAT_POST_OVER },
		{ "{\"ok\":false,\"error\":\"used_url\"}", 404,
			CHAT_POST_OVER },
		{ "used_url", 403, CHAT_POST_OVER },
		{ "", 404, CHAT_POST_OVER },
		{ "", 410, CHAT_POST_OVER },
		{ "", 429, CHAT_POST_AGAIN },
		{ "", 500, CHAT_POST_AGAIN },
		{ "", 503, CHAT_POST_AGAIN },
		{ "", 0, CHAT_POST_AGAIN },
		{ "invalid_payload", 400, CHAT_POST_REFUSED },
		{ "", 302, CHAT_POST_REFUSED },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct http_response response = {
			.status = rows[i].status,
			.fail = rows[i].status ? HTTP_FAIL_NONE
					       : HTTP_FAIL_REFUSED,
			.body = rows[i].body,
			.body_len = strlen(rows[i].body),
		};
		assert_int_equal(chat_post_judge(&response), rows[i].outcome);
	}
	assert_int_equal(chat_post_wait_ms(2, 0), 1000);
	assert_int_equal(chat_post_wait_ms(3, 0), 4000);
	assert_int_equal(chat_post_wait_ms(4, 0), 16000);
	assert_int_equal(chat_post_wait_ms(50, 0), 60000);
	assert_int_equal(chat_post_wait_ms(2, 30000), 30000);
}

static void
test_where_to_answer_to_is_kept(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const struct chat_reply given = { "https://a.test/\"\\",
		1709294400123 };
	const char *text = chat_reply_write(&given, 100, arena);
	struct chat_reply read = chat_reply_read(text, strlen(text), arena);
	assert_string_equal(read.url, given.url);
	assert_int_equal(read.asked_ms, given.asked_ms);
	text = chat_reply_write(&given, strlen(text) - 1, arena);
	read = chat_reply_read(text, strlen(text), arena);
	assert_string_equal(read.url, "");
	assert_int_equal(read.asked_ms, given.asked_ms);
	assert_string_equal(chat_reply_read("{", 1, arena).url, "");
	assert_string_equal(chat_reply_read(NULL, 0, arena).url, "");
	arena_free(arena);
}

static void
test_what_was_heard_before(void **unused)
{
	(void)unused;
	struct chat_seen *seen = chat_seen_new(3);
	assert_false(chat_seen_before(seen, ""));
	assert_false(chat_seen_before(seen, ""));
	assert_false(chat_seen_before(seen, "a"));
	assert_true(chat_seen_before(seen, "a"));
	assert_false(chat_seen_before(seen, "b"));
	assert_false(chat_seen_before(seen, "c"));
	assert_true(chat_seen_before(seen, "a"));
	assert_false(chat_seen_before(seen, "d")); /* in place of a */
	assert_false(chat_seen_before(seen, "a"));
	assert_true(chat_seen_before(seen, "c"));
	chat_seen_free(seen);
}

static void
test_how_long_it_may_be_tried(void **unused)
{
	(void)unused;
	const int64_t hour_ms = INT64_C(2) * CHAT_POST_FOR_MS;
	assert_int_equal(chat_post_left_ms(0, 0), CHAT_POST_FOR_MS);
	assert_int_equal(chat_post_left_ms(0, 1000), CHAT_POST_FOR_MS - 1000);
	assert_int_equal(chat_post_left_ms(0, hour_ms), 0);
	assert_int_equal(chat_post_left_ms(hour_ms, 0), CHAT_POST_FOR_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_answers_may_go),
		cmocka_unit_test(test_what_an_answer_means),
		cmocka_unit_test(test_where_to_answer_to_is_kept),
		cmocka_unit_test(test_what_was_heard_before),
		cmocka_unit_test(test_how_long_it_may_be_tried),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
