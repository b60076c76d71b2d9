/* A row reads: this pattern matches (or not) this body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/err.h"
#include "agent/base/pattern.h"

static const struct {
	const char *sentence;
	const char *pattern;
	const char *body;
	bool matches;
} meanings[] = {
	{ "anchored at the start", "body", "say body", false },
	{ "not anchored at the end", "abc", "abcdef", true },
	{ "alternatives are anchored, too", "x|body", "say body", false },
	{ "a dot is a line end, too", ".*<body>.*", "x\n<body>\ny", true },
	{ "^ is only the start of the body", "x\n^y", "x\ny", false },
	{ "$ stands before a final line end", "abc$", "abc\n", true },
	{ "$ does not stand before CRLF", "abc$", "abc\r\n", false },
	{ "$ is not the end of a line inside", "abc$", "abc\nx", false },
	{ "\\Z is the very end", "abc\\Z", "abc\n", false },
	{ "\\Z is the end", "abc\\Z", "abc", true },
	{ "an escaped backslash before a Z", "a\\\\Z", "a\\Z", true },
	{ "a Z in a class is as it was", "[\\]Z]+", "]Z", true },
	{ "a bracket first in a class is of it", "[]a]+\\Z", "]a]", true },
	{ "and so it is behind a ^", "[^]a]+\\Z", "xyz", true },
	{ "nothing matches nothing", "", "", true },
	{ "something does not match nothing", ".+", "", false },
	{ "UTF-8 is characters", "h.llo", "h\xc3\xa9llo", true },
	{ "classes are of Unicode", "\\w+\\Z", "h\xc3\xa9llo", true },
	{ "a byte order mark stays", "hello", "\xef\xbb\xbfhello", false },
	{ "a bad byte is a character", "a.b",
		"a\xff"
		"b",
		true },
	{ "a bad byte is U+FFFD", "a\\x{fffd}b",
		"a\xff"
		"b",
		true },
	{ "behind bad bytes nothing begins", "foo",
		"\xff"
		"foo",
		false },
	{ "a dot goes over bad bytes", ".*foo", "\xff\xc3(foo", true },
	{ "options in front work", "(?i)HELLO", "hello", true },
	{ "options behind work, too", "HEL(?i)LO", "hello", true },
	{ "every line begins with ^ if so wished", "(?m)a\n^$\n^\\Z", "a\n\n",
		true },
	{ "up to two, and none", "a{,2}b", "b", true },
	{ "blanks may be left out of account", "(?x) h e # l\n llo", "hello",
		true },
};

static void
test_means_what_python_means(void **unused)
{
	(void)unused;
	struct pattern_cache *cache = pattern_cache_new();
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		struct err err;
		struct pattern *pattern =
			pattern_get(cache, meanings[i].pattern, &err);
		if (!pattern)
			fail_msg("%s: %s", meanings[i].sentence, err.text);
		enum pattern_answer answer = pattern_try(
			pattern, meanings[i].body, strlen(meanings[i].body));
		if (answer
			!= (meanings[i].matches ? PATTERN_MATCHES
						: PATTERN_DIFFERS))
			fail_msg("%s: answered %d", meanings[i].sentence,
				answer);
		pattern_drop(pattern);
	}
	pattern_cache_free(cache);
}

static void
test_bad_patterns_say_where(void **unused)
{
	(void)unused;
	static const struct {
		const char *pattern;
		const char *complaint;
	} rows[] = {
		{ "a(b",
			"not a regular expression: missing closing"
			" parenthesis, at offset 3" },
		{ "[a",
			"not a regular expression: missing terminating ] for"
			" character class, at offset 2" },
		{ "*",
			"not a regular expression: quantifier does not follow"
			" a repeatable item, at offset 0" },
		{ "\xff",
			"not a regular expression: UTF-8 error: illegal byte"
			" (0xfe or 0xff), at offset 0" },
	};
	struct pattern_cache *cache = pattern_cache_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err;
		assert_false(pattern_check(rows[i].pattern, NULL, &err));
		assert_string_equal(err.text, rows[i].complaint);
		assert_null(pattern_get(cache, rows[i].pattern, &err));
	}
	pattern_cache_free(cache);
}

static void
test_one_text_is_compiled_once(void **unused)
{
	(void)unused;
	struct err err;
	struct pattern_cache *cache = pattern_cache_new();
	struct pattern *first = pattern_get(cache, "a+", &err);
	struct pattern *second = pattern_get(cache, "a+", &err);
	assert_ptr_equal(first, second);
	pattern_drop(first);
	assert_int_equal(pattern_try(second, "aa", 2), PATTERN_MATCHES);
	pattern_drop(second);
	pattern_cache_free(cache);
}

static const struct {
	const char *pattern;
	const char *body;
	bool matches;
} wholes[] = {
	{ "abc", "abc", true },
	{ "abc", "abcd", false },
	{ "abc", "abc\n", false },
	{ "a|ab", "ab", true },
	{ "a+?", "aaa", true },
	{ "", "", true },
	{ "(?i)a # b", "a # b", true },
	{ "(?x) a # b", "a", true },
};

static void
test_the_whole_is_asked_for(void **unused)
{
	(void)unused;
	struct pattern_cache *cache = pattern_cache_new();
	for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
		struct err err;
		struct pattern *pattern =
			pattern_get(cache, wholes[i].pattern, &err);
		assert_non_null(pattern);
		enum pattern_answer answer = pattern_try_whole(
			pattern, wholes[i].body, strlen(wholes[i].body));
		if ((answer == PATTERN_MATCHES) != wholes[i].matches)
			fail_msg("\"%s\" and \"%s\"", wholes[i].pattern,
				wholes[i].body);
		pattern_drop(pattern);
	}
	pattern_cache_free(cache);
}

static void
test_a_catastrophe_ends(void **unused)
{
	(void)unused;
	struct err err;
	struct pattern_cache *cache = pattern_cache_new();
	struct pattern *pattern = pattern_get(cache, "(a|aa)+$", &err);
	const char *body = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
	assert_int_equal(
		pattern_try(pattern, body, strlen(body)), PATTERN_GAVE_UP);
	pattern_drop(pattern);
	pattern_cache_free(cache);
}

static void
test_an_honest_pattern_over_a_large_body(void **unused)
{
	(void)unused;
	static const char *const patterns[] = { ".*ok", "(.|\\n)*ok",
		"[\\s\\S]*ok$" };
	size_t size = (size_t)1024 * 1024;
	char *body = malloc(size);
	assert_non_null(body);
	memset(body, 'x', size);
	body[size - 2] = 'o';
	body[size - 1] = 'k';
	struct pattern_cache *cache = pattern_cache_new();
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct err err;
		struct pattern *pattern = pattern_get(cache, patterns[i], &err);
		assert_non_null(pattern);
		assert_int_equal(
			pattern_try(pattern, body, size), PATTERN_MATCHES);
		pattern_drop(pattern);
	}
	pattern_cache_free(cache);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_means_what_python_means),
		cmocka_unit_test(test_bad_patterns_say_where),
		cmocka_unit_test(test_one_text_is_compiled_once),
		cmocka_unit_test(test_the_whole_is_asked_for),
		cmocka_unit_test(test_a_catastrophe_ends),
		cmocka_unit_test(test_an_honest_pattern_over_a_large_body),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
