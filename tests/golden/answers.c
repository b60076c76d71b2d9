/*
 * What is shown of each answer, in every language.
 *
 * Then each of them with strange things in place of its texts: whatever came,
 * a message stays within Slack's limits, and calls nobody.
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
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/answer.h"
#include "conf/zone.h"
#include "tests/golden/golden.h"

enum {
	FILE_MAX = 1024 * 1024,
	SECTION_MAX = 3000, /* characters; these are Slack's limits */
	MESSAGE_MAX = 40 * 1000,
	ATTACHMENTS_MAX = 20,
	PLAIN_MAX = 3600,
};

static struct words
words_of(int language, struct arena *arena)
{
	struct words words = { .language = language };
	struct err err;
	if (language != WORDS_EN)
		words.zone = conf_zone_find("+09:00", arena, &err);
	return words;
}

/* As it is. */

static char *
shown(const json_t *answer)
{
	struct buf out;
	struct arena *arena = arena_new();
	buf_init(&out, FILE_MAX);
	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		struct words words = words_of(i, arena);
		json_t *slack = chat_answer_slack(answer, &words);
		char *text = json_dumps(slack, JSON_INDENT(1));
		buf_printf(&out, "== %s\n%s\n-- slack\n%s\n",
			words_languages[i].name,
			chat_answer_text(answer, &words, arena), text);
		free(text);
		json_decref(slack);
	}
	arena_free(arena);
	char *text = buf_steal(&out);
	buf_finish(&out);
	return text;
}

static void
test_as_it_is(const json_t *answer, const char *stem)
{
	char *text = shown(answer);
	golden_assert(stem, text);
	free(text);
}

/* With strange things. */

static size_t
characters(const char *text)
{
	size_t n = 0;
	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Of what stands in <> there are links and dates alone, and each is whole. */
static void
assert_calls_nobody(const char *text)
{
	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
		assert_true(
			str_starts(at, "<http") || str_starts(at, "<!date^"));
		assert_non_null(strchr(at, '>'));
	}
	for (const char *at = strchr(text, '&'); at; at = strchr(at + 1, '&'))
		assert_true(str_starts(at, "&amp;") || str_starts(at, "&lt;")
			|| str_starts(at, "&gt;"));
}

/* What is code ends where it is to end. */
static void
assert_code_is_whole(const char *text)
{
	size_t n = 0;
	for (const char *at = strstr(text, "```"); at;
		at = strstr(at + 3, "```"))
		n++;
	assert_true(n % 2 == 0);
}

static void
assert_text(const json_t *text)
{
	assert_true(json_is_string(text));
	const char *string = json_string_value(text);
	assert_true(*string != '\0');
	assert_true(characters(string) <= SECTION_MAX);
	assert_calls_nobody(string);
	assert_code_is_whole(string);
}

static void
assert_sound(const json_t *answer)
{
	struct arena *arena = arena_new();
	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		struct words words = words_of(i, arena);
		json_t *slack = chat_answer_slack(answer, &words);
		const json_t *attachments =
			json_object_get(slack, "attachments");
		size_t n = json_array_size(attachments);
		assert_text(json_object_get(slack, "text"));
		assert_true(n <= ATTACHMENTS_MAX);
		for (size_t j = 0; j < n; j++)
			assert_text(json_object_get(
				json_array_get(attachments, j), "text"));
		char *all = json_dumps(slack, JSON_COMPACT);
		assert_true(characters(all) <= MESSAGE_MAX);
		free(all);
		json_decref(slack);
		assert_true(strlen(chat_answer_text(answer, &words, arena))
			<= PLAIN_MAX);
	}
	arena_free(arena);
}

/* What tells answers apart stays. */
static bool
is_ours(const char *key)
{
	static const char *const keys[] = { "command", "outcome", "status",
		"since", "seen", "opened", "closed", "at", "until", "word" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(key, keys[i]))
			return true;
	return false;
}

static json_t *
with(json_t *json, const char *key, const char *text)
{
	size_t i;
	const char *name;
	json_t *value;
	json_t *copy;
	if (json_is_string(json) && !is_ours(key))
		return json_string(text);
	if (json_is_array(json)) {
		copy = json_array();
		json_array_foreach (json, i, value)
			json_array_append_new(copy, with(value, key, text));
		return copy;
	}
	if (!json_is_object(json))
		return json_deep_copy(json);
	copy = json_object();
	json_object_foreach (json, name, value)
		json_object_set_new(copy, name, with(value, name, text));
	return copy;
}

static char *
repeated(const char *part, size_t n)
{
	struct buf buf;
	buf_init(&buf, FILE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_add_text(&buf, part);
	char *text = buf_steal(&buf);
	buf_finish(&buf);
	return text;
}

static void
test_strange(json_t *answer)
{
	char *const texts[] = {
		mem_dup("<!channel> & <@U0> ``` `x` *b* <http://a|b>"),
		repeated("<!here>", 2000),
		repeated("\xed\x95\x9c", 5000), /* a syllable of Hangul */
		repeated("```", 2000),
		mem_dup("http://a.test/?q=<!everyone>|x\n\r\t\x01 y"),
		repeated("http://shop.test/&", 700),
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *strange = with(answer, "", texts[i]);
		assert_sound(strange);
		json_decref(strange);
		free(texts[i]);
	}
}

/* Hundreds of each list: what is not shown is counted. */
static void
test_many(const json_t *answer)
{
	const char *key;
	json_t *value;
	json_t *copy = json_deep_copy(answer);
	json_object_foreach (copy, key, value) {
		size_t n = json_array_size(value);
		for (size_t i = n; n > 0 && i < 300; i++)
			json_array_append(value, json_array_get(value, i % n));
	}
	assert_sound(copy);
	json_decref(copy);
}

static void
test_case(json_t *answer, const char *stem)
{
	test_as_it_is(answer, stem);
	assert_sound(answer);
	test_strange(answer);
	test_many(answer);
}

int
main(void)
{
	static const char *const folders[] = { "answers", NULL };
	return golden_run("answers", folders, test_case);
}
