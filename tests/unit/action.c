/* A row reads: of this pattern, this text gives these words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "conf/action.h"
#include "conf/action_example.h"
#include "conf/action_fill.h"
#include "conf/action_pattern.h"

#define DIFFERS "differs"

static const struct conf_pair looks[] = {
	{ "vm", "[a-z][a-z0-9-]{0,15}" },
	{ "cloud", "gcp|aws|g" },
	{ "all", ".+" },
	{ "words", "[a-z]+( [a-z]+)*" },
	{ "evil", "(a|a)*b" },
};

static const struct {
	const char *pattern;
	const char *text;
	const char *said; /* words "a=b;c=d;", DIFFERS, or why not */
} rows[] = {
	{ "", "", "" },
	{ "", "  \t ", "" },
	{ "", "x", DIFFERS },
	{ "now", "NOW", "" },
	{ "now", "now!", DIFFERS },
	{ "create {vm} on {cloud}", "create vm1 on gcp", "vm=vm1;cloud=gcp;" },
	{ "create {vm} on {cloud}", " Create   vm1\tON  aws ",
		"vm=vm1;cloud=aws;" },
	{ "create  {vm}   on {cloud}", "create a on g", "vm=a;cloud=g;" },
	{ "create {vm} on {cloud}", "create vm1", DIFFERS },
	{ "create {vm} on {cloud}", "create vm1 on", DIFFERS },
	{ "create {vm} on {cloud}", "create on gcp", DIFFERS },
	{ "create {vm} on {cloud}", "create vm1 on gcp now",
		"{cloud} cannot be \"gcp now\": it must look like gcp|aws|g" },
	{ "create {vm} on {cloud}", "create VM1 on gcp",
		"{vm} cannot be \"VM1\": it must look like "
		"[a-z][a-z0-9-]{0,15}" },
	{ "create {vm} on {cloud}", "create vm1 on azure",
		"{cloud} cannot be \"azure\": it must look like gcp|aws|g" },
	{ "create {vm} on {cloud}", "create a b on gcp",
		"{vm} cannot be \"a b\": it must look like "
		"[a-z][a-z0-9-]{0,15}" },
	{ "create {vm} on {cloud}", "create on on gcp", "vm=on;cloud=gcp;" },
	{ "do {x}", "do a b",
		"{x} cannot be \"a b\": it must be one word without blanks" },
	{ "do {x}", "do ../%2e%2e/", "x=../%2e%2e/;" },
	{ "do {x}", "do {y}", "x={y};" },
	{ "do {x}", "do \"q'", "x=\"q';" },
	{ "do {x}", "do a\nb",
		"{x} cannot be \"a b\": it must be one word without blanks" },
	{ "do {x}", "do \xf0\x9f\x9a\x80", "x=\xf0\x9f\x9a\x80;" },
	{ "do {x}", "do \xff", "x=\xef\xbf\xbd;" },
	{ "{x}:{y}", "a:b:c", "x=a;y=b:c;" },
	{ "{x}:{y}", "a:", DIFFERS },
	{ "vm-{x}", "VM-7", "x=7;" },
	{ "{x}s", "says", "x=say;" },
	{ "say {all}", "say it as  it is", "all=it as it is;" },
	{ "{all} to {x}", "a to b to c", "all=a to b;x=c;" },
	{ "{words} {x}", "a b c", "words=a b;x=c;" },
	{ "{words} {x}", "a 1 c",
		"{x} cannot be \"1 c\": it must be one word without blanks" },
	{ "a {{b}} {x}", "A {B} c", "x=c;" },
	{ "{x} \xc3\xa9", "a \xc3\xa9", "x=a;" },
};

static const struct conf_action *
action_of(const char *const *pattern)
{
	static struct conf_action action;
	action = (struct conf_action){
		.name = "test",
		.patterns = { pattern, 1 },
		.words = { looks, sizeof(looks) / sizeof(looks[0]) },
	};
	return &action;
}

static const char *
shown(enum conf_action_match found, const struct conf_action_words *words,
	const struct err *err, struct arena *arena)
{
	const char *text = "";
	if (found == CONF_ACTION_DIFFERS)
		return DIFFERS;
	if (found == CONF_ACTION_BAD_WORD)
		return err->text;
	for (size_t i = 0; i < words->n; i++)
		text = arena_printf(arena, "%s%s=%s;", text,
			words->items[i].key, words->items[i].value);
	return text;
}

static void
test_texts_become_words(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_action_words words;
		struct err err;
		enum conf_action_match found =
			conf_action_match(action_of(&rows[i].pattern),
				rows[i].text, arena, &words, &err);
		const char *said = shown(found, &words, &err, arena);
		if (!str_eq(said, rows[i].said))
			fail_msg("\"%s\" of \"%s\" gives %s, not %s",
				rows[i].pattern, rows[i].text, said,
				rows[i].said);
	}
	arena_free(arena);
}

/* What can be said of a pattern, for people to begin with. */
static const struct {
	const char *look; /* of {x} in "do {x} now"; NULL: any */
	const char *example; /* of the word; NULL: none is found */
	const char *choices;
} examples[] = {
	{ NULL, "x1", NULL },
	{ "[a-z][a-z0-9-]{0,62}", "x1", NULL },
	{ "gcp|aws", "gcp", "gcp, aws" },
	{ "gcp|", "gcp", NULL },
	{ "prod", "prod", "prod" },
	{ "[0-9]+", "1", NULL },
	{ "\\d{4}-\\d\\d?", "1111-1", NULL },
	{ "(?:i|vm)-[0-9a-f]{8,17}", "i-aaaaaaaa", NULL },
	{ "(?<kind>web|db)[.]example\\.net", "web.example.net", NULL },
	{ "[^a-z ]+", "1", NULL },
	{ "[]x]|y", "x", NULL },
	{ "(?!x)(?=.b)[a-c]b*", "ab", NULL },
	{ "^(?:[1-9][0-9]?|100)%$", "1%", NULL },
	{ "#[0-9]*", "#", NULL },
	{ "[A-Z]{2,}_\\w+", "AA_a", NULL },
	{ "[[:digit:]]+", NULL, NULL },
	{ "\\p{Lu}\\p{Ll}+", NULL, NULL },
	{ "(a)\\1", NULL, NULL },
	{ "(?!)", NULL, NULL },
	{ "x{999}", NULL, NULL },
};

static void
test_an_example_fits(void **unused)
{
	(void)unused;
	static const char *const pattern = "do {x} now";
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const char *look = examples[i].look;
		const char *word = examples[i].example;
		const struct conf_pair pair = { "x", look };
		const struct conf_action action = {
			.name = "test",
			.patterns = { &pattern, 1 },
			.words = { &pair, look ? 1 : 0 },
		};
		const char *said = conf_action_example(&action, 0, arena);
		const char *whole = word
			? arena_printf(arena, "do %s now", word)
			: "(none)";
		if (!str_eq(said ? said : "(none)", whole))
			fail_msg("%s: %s, not %s", look ? look : "any",
				said ? said : "(none)", whole);
		const char *choices =
			look ? conf_action_choices(look, arena) : NULL;
		const char *expected = examples[i].choices;
		if (!str_eq(choices ? choices : "", expected ? expected : ""))
			fail_msg("%s is one of %s", look, choices);
	}
	arena_free(arena);
}

static void
test_words_may_stand_alone(void **unused)
{
	(void)unused;
	static const char *const pattern = "create {vm} on {cloud}";
	struct arena *arena = arena_new();
	struct conf_action_words words;
	struct err err;
	assert_int_equal(conf_action_match_words(action_of(&pattern), "vm1 gcp",
				 arena, &words, &err),
		CONF_ACTION_MATCHES);
	assert_string_equal(words.items[0].value, "vm1");
	assert_string_equal(words.items[1].value, "gcp");
	assert_int_equal(conf_action_match_words(action_of(&pattern), "vm1",
				 arena, &words, &err),
		CONF_ACTION_DIFFERS);
	assert_int_equal(conf_action_match_words(action_of(&pattern), "vm1 x",
				 arena, &words, &err),
		CONF_ACTION_BAD_WORD);
	arena_free(arena);
}

/* What somebody says costs no more than a moment, whatever it is. */
static void
test_a_catastrophe_ends(void **unused)
{
	(void)unused;
	static const char *const patterns[] = {
		"{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m} {n} end",
		"{all} {words} {vm} end",
		"{evil} end",
	};
	struct arena *arena = arena_new();
	char text[CONF_ACTION_TEXT_MAX + 2];
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	struct conf_action_words words;
	struct err err;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		assert_int_not_equal(conf_action_match(action_of(&patterns[i]),
					     text, arena, &words, &err),
			CONF_ACTION_MATCHES); /* too long */
		text[CONF_ACTION_TEXT_MAX] = '\0';
		for (size_t k = 1; i < 2 && k < CONF_ACTION_TEXT_MAX; k += 2)
			text[k] = ' ';
		assert_int_not_equal(conf_action_match(action_of(&patterns[i]),
					     text, arena, &words, &err),
			CONF_ACTION_MATCHES);
		memset(text, 'a', sizeof(text) - 1);
	}
	arena_free(arena);
}

static const struct {
	const char *pattern;
	const char *why; /* what it says */
} bad_patterns[] = {
	{ "{a}{b}", "{b} follows {a} with nothing between them" },
	{ "{a} {a}", "{a} stands there twice" },
	{ "{a b}", "the name of a word" },
	{ "{}", "the name of a word" },
	{ "{a", "the name of a word" },
	{ "a}", "a } has no {" },
	{ "{1} {2} {3} {4} {5} {6} {7} {8} {9} {10} {11} {12} {13} {14} {15} "
	  "{16} {17}",
		"has more than 16 words" },
};

static void
test_patterns_that_never_match(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	size_t n = sizeof(bad_patterns) / sizeof(bad_patterns[0]);
	for (size_t i = 0; i < n; i++) {
		struct conf_action_pattern pattern;
		struct err err;
		assert_false(conf_action_pattern_read(
			bad_patterns[i].pattern, arena, &pattern, &err));
		if (!strstr(err.text, bad_patterns[i].why))
			fail_msg("%s: %s", bad_patterns[i].pattern, err.text);
	}
	arena_free(arena);
}

/* Filling: {x} is the nasty word. */

static const struct {
	const char *url;
	const char *word;
	const char *filled; /* NULL: it is refused */
} urls[] = {
	{ "https://f.test/a/{x}", "b", "https://f.test/a/b" },
	{ "https://f.test/a/{x}", "b/../c?d=e#f",
		"https://f.test/a/b%2F..%2Fc%3Fd%3De%23f" },
	{ "https://f.test/a/{x}", "%2e%2e/", "https://f.test/a/%252e%252e%2F" },
	{ "https://f.test/a/{x}", "..", NULL },
	{ "https://f.test/a/{x}", ".", NULL },
	{ "https://f.test/a/.{x}", ".", NULL },
	{ "https://f.test/a/%2E{x}", ".", NULL },
	{ "https://f.test/a/{x}/b", "..", NULL },
	{ "https://f.test/a?x={x}", "..", "https://f.test/a?x=.." },
	{ "https://f.test/a/v{x}", "..", "https://f.test/a/v.." },
	{ "https://f.test/{x}", "@evil.test/",
		"https://f.test/%40evil.test%2F" },
	{ "https://f.test?{x}", "a&b=c d+e",
		"https://f.test?a%26b%3Dc%20d%2Be" },
	{ "https://f.test/?x={x}", "\"'{}\\\xf0\x9f\x9a\x80",
		"https://f.test/?x=%22%27%7B%7D%5C%F0%9F%9A%80" },
	{ "f.test/{x}", "://", "http://f.test/%3A%2F%2F" },
	{ "https://u:p@f.test:8443/{x}", "a", "https://u:p@f.test:8443/a" },
	{ "https://f.test/{{{x}}}", "a", "https://f.test/%7Ba%7D" },
};

static bool
fill(const struct conf_action *action, const char *word, struct arena *arena,
	struct http_request *request, struct err *err)
{
	const struct conf_action_words words = {
		.items = { { "x", word } },
		.n = 1,
	};
	const struct conf_action_said said = {
		.words = &words,
		.text = "do it",
		.user = "ann",
		.user_id = "U1",
		.channel = "C1",
		.id = "0193-id",
		.now_ms = INT64_C(1700000000999),
	};
	return conf_action_fill(action, &said, arena, request, err);
}

static void
test_words_in_a_url(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const struct conf_action action = {
			.name = "test",
			.url = urls[i].url,
			.method = "POST",
		};
		struct http_request request;
		struct err err;
		bool good = fill(&action, urls[i].word, arena, &request, &err);
		if (good != (urls[i].filled != NULL))
			fail_msg("%s and %s: %s", urls[i].url, urls[i].word,
				good ? request.url : err.text);
		if (good)
			assert_string_equal(request.url, urls[i].filled);
	}
	arena_free(arena);
}

static const struct {
	const char *url;
	const char *why;
} bad_urls[] = {
	{ "https://{x}/", "path and query alone" },
	{ "https://f.test{x}/", "path and query alone" },
	{ "https://f.test:{x}/", "path and query alone" },
	{ "{x}://f.test/", "path and query alone" },
	{ "{x}", "path and query alone" },
	{ "https://{x}@f.test/", "path and query alone" },
	{ "https://f.test/#{x}", "never sent" },
	{ "https://f.test/{y}", "there is no {y} to fill in; there are {x}" },
	{ "https://f.test/", "{x} is asked for, and nothing" },
	{ "ftp://f.test/{x}", "http" },
};

static void
test_urls_that_cannot_be_filled(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	struct conf_action_pattern pattern;
	struct err err;
	assert_true(conf_action_pattern_read("do {x}", arena, &pattern, &err));
	for (size_t i = 0; i < sizeof(bad_urls) / sizeof(bad_urls[0]); i++) {
		const struct conf_action action = {
			.name = "test",
			.url = bad_urls[i].url,
			.method = "POST",
		};
		const char *key;
		assert_false(
			conf_action_fill_try(&action, &pattern, &key, &err));
		if (!strstr(err.text, bad_urls[i].why))
			fail_msg("%s: %s", bad_urls[i].url, err.text);
	}
	arena_free(arena);
}

#define NASTY "a\"b\\c<d>&'{e}\xf0\x9f\x9a\x80"

static const struct {
	const char *type; /* NULL: no such header */
	const char *filled; /* of "v={x}" */
} bodies[] = {
	{ NULL, "v=" NASTY },
	{ "text/plain", "v=" NASTY },
	{ "application/json; charset=utf-8",
		"v=a\\\"b\\\\c<d>&'{e}\xf0\x9f\x9a\x80" },
	{ "application/vnd.api+json", "v=a\\\"b\\\\c<d>&'{e}\xf0\x9f\x9a\x80" },
	{ "application/x-www-form-urlencoded",
		"v=a%22b%5Cc%3Cd%3E%26%27%7Be%7D%F0%9F%9A%80" },
	{ "text/xml", "v=a&quot;b\\c&lt;d&gt;&amp;&#39;{e}\xf0\x9f\x9a\x80" },
};

static void
test_words_in_a_text(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	const struct conf_node body = {
		.kind = CONF_NODE_TEXT,
		.text = "v={x}",
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct conf_pair header = { "content-type",
			bodies[i].type };
		const struct conf_action action = {
			.name = "test",
			.url = "https://f.test/",
			.method = "PUT",
			.headers = { &header, bodies[i].type ? 1 : 0 },
			.body = &body,
		};
		struct http_request request;
		struct err err;
		assert_true(fill(&action, NASTY, arena, &request, &err));
		assert_string_equal(request.body, bodies[i].filled);
	}
	arena_free(arena);
}

static const char *
header_of(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (str_ieq(request->headers[i].name, name))
			return request->headers[i].value;
	return NULL;
}

static void
test_words_in_json_and_headers(void **unused)
{
	(void)unused;
	struct arena *arena = arena_new();
	static const char *const keys[] = { "vm", "by", "n" };
	const struct conf_node items[] = {
		{ .kind = CONF_NODE_TEXT, .text = "{x}" },
		{ .kind = CONF_NODE_TEXT,
			.text = "{user}/{user_id} {{in}} "
				"{channel} {action} {id}" },
		{ .kind = CONF_NODE_INT, .integer = 3 },
	};
	const struct conf_node body = {
		.kind = CONF_NODE_MAP,
		.count = 3,
		.items = items,
		.keys = keys,
	};
	const struct conf_pair header = { "X-Vm", "vm {x}" };
	const struct conf_action action = {
		.name = "test",
		.url = "https://f.test/",
		.method = "POST",
		.headers = { &header, 1 },
		.body = &body,
		.secret = "hush",
	};
	struct http_request request;
	struct err err;
	assert_true(fill(&action, "a\"b", arena, &request, &err));
	assert_string_equal(request.body,
		"{\"vm\":\"a\\\"b\",\"by\":\"ann/U1 {in} C1 test 0193-id\","
		"\"n\":3}");
	assert_string_equal(header_of(&request, "X-Vm"), "vm a\"b");
	assert_string_equal(
		header_of(&request, "Content-Type"), "application/json");
	assert_string_equal(
		header_of(&request, "X-Curlew-Delivery"), "0193-id");
	assert_string_equal(header_of(&request, "Idempotency-Key"), "0193-id");
	assert_string_equal(
		header_of(&request, "X-Curlew-Timestamp"), "1700000000");
	assert_int_equal(strlen(header_of(&request, "X-Curlew-Signature")), 67);
	assert_false(fill(&action, "a\r\nEvil: 1", arena, &request, &err));
	assert_non_null(strstr(err.text, "one line"));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_become_words),
		cmocka_unit_test(test_an_example_fits),
		cmocka_unit_test(test_words_may_stand_alone),
		cmocka_unit_test(test_a_catastrophe_ends),
		cmocka_unit_test(test_patterns_that_never_match),
		cmocka_unit_test(test_words_in_a_url),
		cmocka_unit_test(test_urls_that_cannot_be_filled),
		cmocka_unit_test(test_words_in_a_text),
		cmocka_unit_test(test_words_in_json_and_headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
