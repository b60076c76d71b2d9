/*
 * What other monitors send, read: as it is, then once more in other words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "tests/golden/golden.h"
#include "tests/golden/inbound_play.h"

enum {
	FILE_MAX = 1024 * 1024,
};

static char *
played(struct inbound_case *one)
{
	struct inbound_answer answer = { .arena = arena_new() };
	inbound_case_play(one, &answer);
	char *text = inbound_case_text(&answer);
	arena_free(answer.arena);
	return text;
}

static void
assert_same(const char *what, const char *text, const char *expected)
{
	if (!str_eq(text, expected))
		fail_msg("%s: expected\n%s\nbut it is\n%s", what, expected,
			text);
}

static void
test_as_it_is(struct inbound_case *one, const char *stem)
{
	char *text = played(one);
	golden_assert(stem, text);
	free(text);
}

/* In other words. */

/* Whatever came, this is so. */
static void
assert_sound(const struct inbound_answer *answer, const char *what)
{
	bool is_known = answer->status == 200 || answer->status == 400
		|| answer->status == 403 || answer->status == 503
		|| (answer->status == 413 && answer->n_problems == 0);
	if (!is_known)
		fail_msg("%s: the answer is %d", what, answer->status);
	assert_true(answer->status == 200 || answer->n_problems == 0);
	assert_true(answer->status != 200 || !answer->why);
	for (size_t i = 0; i < answer->n_problems; i++) {
		const struct problem *problem = &answer->problems[i];
		assert_true(*problem->subject != '\0');
		assert_true(*problem->identity != '\0');
		assert_true(*problem->title != '\0');
		assert_true(strlen(problem->subject) <= INBOUND_SUBJECT_MAX);
		assert_true(strlen(problem->identity) <= INBOUND_IDENTITY_MAX);
		assert_true(strlen(problem->text) <= INBOUND_TEXT_MAX);
		assert_true(status_is_bad(problem->status));
		assert_true(problem->at_ms >= 0);
	}
}

/* A copy that ends where it ends, so that reading on is noticed. */
static int
status_of(struct inbound_case *one, const char *body, size_t len,
	const char *what)
{
	char *copy = mem_alloc(len > 0 ? len : 1);
	memcpy(copy, body, len);
	struct inbound_answer answer = { .arena = arena_new() };
	one->request.body = copy;
	one->request.body_len = len;
	inbound_case_play(one, &answer);
	assert_sound(&answer, what);
	int status =
		answer.need == INBOUND_NEED_CERTIFICATE ? 0 : answer.status;
	arena_free(answer.arena);
	free(copy);
	return status;
}

static void
test_truncated(struct inbound_case *one, const char *stem)
{
	const char *body = one->request.body;
	size_t len = one->request.body_len;
	size_t whole = len;
	bool is_json = len > 0 && body[0] == '{' && !one->source.raw;
	while (whole > 0 && body[whole - 1] == '\n')
		whole--;
	for (size_t n = 0; n < len; n++) {
		int status = status_of(one, body, n, stem);
		if (is_json && n < whole && status != 400)
			fail_msg("%s: cut at %zu it is %d", stem, n, status);
	}
	one->request.body = body;
	one->request.body_len = len;
}

/* Each map within it in the opposite order, and with one member more. */
static json_t *
shuffled(json_t *json)
{
	if (json_is_array(json)) {
		json_t *copy = json_array();
		size_t i;
		json_t *item;
		json_array_foreach (json, i, item)
			json_array_append_new(copy, shuffled(item));
		return copy;
	}
	if (!json_is_object(json))
		return json_deep_copy(json);
	const char *keys[256];
	size_t n = 0;
	const char *key;
	json_t *value;
	json_object_foreach (json, key, value) {
		assert_true(n < sizeof(keys) / sizeof(keys[0]));
		keys[n++] = key;
	}
	json_t *copy = json_object();
	while (n-- > 0)
		json_object_set_new(copy, keys[n],
			shuffled(json_object_get(json, keys[n])));
	return copy;
}

/* Of these the whole is shown, or tells one problem from another. */
static bool
counts_as_whole(const char *key, const json_t *around)
{
	static const char *const keys[] = { "content", "dimensions", "labels" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(key, keys[i]))
			return true;
	const char *source =
		json_string_value(json_object_get(around, "source"));
	return str_eq(key, "detail") && source && str_eq(source, "aws.ec2");
}

/* To each other map within it. */
static void
add_unknown(json_t *json)
{
	size_t i;
	const char *key;
	json_t *value;
	json_array_foreach (json, i, value)
		add_unknown(value);
	json_object_foreach (json, key, value)
		if (!counts_as_whole(key, json))
			add_unknown(value);
	if (json_is_object(json))
		json_object_set_new(json, "curlewUnknown",
			json_pack("{s:[i,s]}", "a", 1, "text"));
}

static void
set_body(struct inbound_case *one, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	one->request.body = arena_dup(one->arena, text);
	one->request.body_len = strlen(text);
	free(text);
}

/* What shows a whole body as it is has other words then. */
static bool
is_opaque(const struct inbound_case *one, const json_t *json)
{
	return one->source.type == CONF_INBOUND_SNS && one->source.raw
		? !json_object_get(json, "detail")
		: json_object_get(json, "subscription") != NULL;
}

static void
test_shuffled(struct inbound_case *one, const char *stem, json_t *json)
{
	char *expected = played(one);
	json_t *other = shuffled(json);
	set_body(one, other);
	char *text = played(one);
	assert_same(stem, text, expected);
	free(text);

	add_unknown(other);
	set_body(one, other);
	text = played(one);
	if (!is_opaque(one, json))
		assert_same(stem, text, expected);
	free(text);
	free(expected);
	json_decref(other);
}

static void
test_without_each(
	struct inbound_case *one, json_t *whole, json_t *map, const char *stem)
{
	const char *key;
	json_t *value;
	size_t n = json_object_size(map);
	for (size_t i = 0; i < n; i++) {
		void *at = json_object_iter(map);
		key = json_object_iter_key(at);
		value = json_incref(json_object_iter_value(at));
		char *name = mem_dup(key);
		json_object_del(map, name);
		set_body(one, whole);
		status_of(one, one->request.body, one->request.body_len, stem);
		if (json_is_object(value) && json_object_size(value) > 0) {
			json_object_set(map, name, value);
			test_without_each(one, whole, value, stem);
			json_object_del(map, name);
		}
		json_object_set_new(map, name, value); /* as the last one */
		free(name);
	}
}

/* In front, and behind. */
static void
test_with_an_unknown_field(struct inbound_case *one, const char *stem)
{
	const char *body = one->request.body;
	size_t len = one->request.body_len;
	if (!memchr(body, '=', len) || one->source.raw)
		return;
	char *expected = played(one);
	for (int i = 0; i < 2; i++) {
		struct buf buf;
		buf_init(&buf, FILE_MAX);
		buf_add_text(&buf, i == 0 ? "curlewUnknown=%7Ba&" : "");
		buf_add(&buf, body, len);
		while (buf.len > 0 && buf.data[buf.len - 1] == '\n')
			buf.len--;
		buf_add_text(&buf, i == 1 ? "&curlewUnknown=" : "");
		one->request.body = buf.data;
		one->request.body_len = buf.len;
		char *text = played(one);
		assert_same(stem, text, expected);
		free(text);
		buf_finish(&buf);
	}
	free(expected);
	one->request.body = body;
	one->request.body_len = len;
}

static void
test_without_each_field(struct inbound_case *one, const char *stem)
{
	const char *body = one->request.body;
	size_t len = one->request.body_len;
	for (size_t at = 0; at < len;) {
		const char *amp = memchr(body + at, '&', len - at);
		size_t field = amp ? (size_t)(amp - body) - at + 1 : len - at;
		struct buf buf;
		buf_init(&buf, FILE_MAX);
		buf_add(&buf, body, at);
		buf_add(&buf, body + at + field, len - at - field);
		status_of(one, buf.data, buf.len, stem);
		buf_finish(&buf);
		at += field;
	}
	one->request.body = body;
	one->request.body_len = len;
}

static void
test_case(json_t *game, const char *stem)
{
	struct inbound_case one;
	inbound_case_init(&one, game);
	test_as_it_is(&one, stem);
	test_truncated(&one, stem);
	json_t *json =
		json_loadb(one.request.body, one.request.body_len, 0, NULL);
	if (json_is_object(json)) {
		test_shuffled(&one, stem, json);
		test_without_each(&one, json, json, stem);
	} else if (!json) {
		test_with_an_unknown_field(&one, stem);
		test_without_each_field(&one, stem);
	}
	json_decref(json);
	inbound_case_finish(&one);
}

int
main(void)
{
	static const char *const folders[] = { "inbound", NULL };
	return golden_run("inbound", folders, test_case);
}
