/* A row reads: what Python means by this, PCRE2 writes like that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/pattern.h"
#include "agent/base/pattern_translate.h"

enum {
	ROOM = 4096,
	FLAGS = PATTERN_DOUBT_FLAGS,
	POSIX = PATTERN_DOUBT_POSIX,
};

static const struct {
	const char *sentence;
	const char *python;
	const char *pcre;
	unsigned doubts;
} rows[] = {
	{ "most stays as it is", "^a.*(b|c)+?[^d]\\w$", "^a.*(b|c)+?[^d]\\w$",
		0 },
	{ "the very end", "a\\Z", "a\\z", 0 },
	{ "not behind a backslash", "\\\\Z", "\\\\Z", 0 },
	{ "a vertical tab", "\\v[\\v]", "\\x0b[\\x{b}]", 0 },
	{ "by number", "\\u20AC\\U0001F600\\x41", "\\x{20ac}\\x{1f600}\\x{41}",
		0 },
	{ "by number in a class", "[\\u20ac-\\u20ad\\x41]",
		"[\\x{20ac}-\\x{20ad}\\x{41}]", 0 },
	{ "in octal", "\\0\\012\\377[\\1\\12]",
		"\\x{0}\\x{a}\\x{ff}[\\x{1}\\x{a}]", 0 },
	{ "a group by its number", "(a)\\1(b)\\22", "(a)\\g{1}(b)\\g{22}", 0 },
	{ "up to so many", "a{,3}?b{,}", "a{0,3}?b{0,}", 0 },
	{ "counts stay", "a{1}b{2,}c{3,4}", "a{1}b{2,}c{3,4}", 0 },
	{ "other braces are braces", "a{}{x}{1,2", "a\\{}\\{x}\\{1,2", 0 },
	{ "blanks make no count", "a{1, 2}", "a\\{1, 2}", 0 },
	{ "Unicode is meant anyway", "(?u)a(?u:b)", "(?#)a(?:b)", 0 },
	{ "flags in front", "(?im)a", "(?im)(?#)a", 0 },
	{ "a dot is a line end anyway", "(?s).", "(?#).", 0 },
	{ "flags behind the start", "a(?i)b", "(?i)a(?#)b", FLAGS },
	{ "flags in a later branch", "|(?m)b", "(?m)|(?#)b", FLAGS },
	{ "flags in a group", "((?i)b)", "(?i)((?#)b)", FLAGS },
	{ "flags behind a comment", "(?#c)(?i)b", "(?i)(?#)(?#)b", 0 },
	{ "flags behind flags", "(?i)(?m)b", "(?im)(?#)(?#)b", 0 },
	{ "flags in a class are letters", "[(?i)]", "[(?i)]", 0 },
	{ "flags of a part", "(?i-s:a)(?-i:b)", "(?i-s:a)(?-i:b)", 0 },
	{ "blanks that do not count", "(?x) a b # c\n*", "(?#)(?#)a(?#)b(?#)*",
		0 },
	{ "found out too late", "a b(?x)", "a(?#)b(?#)", FLAGS },
	{ "what was in a comment is none", "(?x)# (?i)\na", "(?#)(?#)a", 0 },
	{ "blanks that count", "(?x)[ #]\\ \\#", "(?#)[ #]\\ \\#", 0 },
	{ "blanks of a part", "(?x: a(?-x: b) c) d", "(?:(?#)a(?: b)(?#)c) d",
		0 },
	{ "a bracket right at the start", "[]a][^]a]", "[\\]a][^\\]a]", 0 },
	{ "a bracket in a class", "[[a]", "[\\[a]", 0 },
	{ "a hyphen at either end", "[-a][a-]", "[\\-a][a\\-]", 0 },
	{ "a hyphen as a range's end", "[--/]", "[\\--/]", 0 },
	{ "no class of POSIX", "[[:foo:]]", "[\\[\\:foo\\:]]", 0 },
	{ "a class of POSIX", "[[:^alpha:]x]", "[[:^alpha:]x]", POSIX },
	{ "a class alone is letters", "[:alpha:]", "[\\:alpha\\:]", 0 },
	{ "groups with names", "(?P<n>a)(?P=n)", "(?P<n>a)(?P=n)", 0 },
	{ "conditions by number and name", "(?(1)a|b)(?(R)a)",
		"(?(1)a|b)(?(<R>)a)", 0 },
	{ "what only PCRE2 knows", "\\h\\p{Lu}(?<n>a++)\\k<n>[\\p{Lu}\\h]",
		"\\h\\p{Lu}(?<n>a++)\\k<n>[\\p{Lu}\\h]", 0 },
	{ "letters of many bytes", "\xc3\xa9[\xc3\xa9-\xc3\xbc]",
		"\xc3\xa9[\xc3\xa9-\xc3\xbc]", 0 },
};

static void
test_python_becomes_pcre2(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err;
		struct buf out;
		unsigned doubts;
		buf_init(&out, ROOM);
		if (!pattern_translate(rows[i].python, &out, &doubts, &err))
			fail_msg("%s: %s", rows[i].sentence, err.text);
		if (strcmp(out.data, rows[i].pcre) != 0
			|| doubts != rows[i].doubts)
			fail_msg("%s: %s, %u", rows[i].sentence, out.data,
				doubts);
		buf_finish(&out);
	}
}

static const struct {
	const char *pattern;
	const char *why; /* behind "not a regular expression: " */
} mistakes[] = {
	{ "ab\\q", "bad escape \\q, at offset 2" },
	{ "[\\Z]", "bad escape \\Z, at offset 1" },
	{ "[\\8]", "bad escape \\8, at offset 1" },
	{ "\\Q", "bad escape \\Q, at offset 0" },
	{ "\\u12g4", "\\u needs 4 hexadecimal digits, at offset 0" },
	{ "\\x1", "\\x needs 2 hexadecimal digits, at offset 0" },
	{ "\\U00110000", "there is no character U+110000, at offset 0" },
	{ "a[\\ud800]",
		"U+D800 is half a character, and no text has it, at offset 2" },
	{ "\\400",
		"\\400 is outside of the range from 0 to \\377,"
		" at offset 0" },
	{ "\\N{DIGIT ONE}",
		"names of characters are not known; write \\uXXXX,"
		" at offset 0" },
	{ "x(?a)",
		"classes are of Unicode, so (?a) is not possible,"
		" at offset 3" },
	{ "(?iL)",
		"text has no locale, so (?L) is not possible,"
		" at offset 3" },
	{ "(?-u:a)",
		"all text is Unicode, so u cannot be turned off,"
		" at offset 3" },
	{ "(?-i)", "expected flags such as (?i) or (?i-s:...), at offset 4" },
	{ "(?q)", "expected flags such as (?i) or (?i-s:...), at offset 2" },
	{ "(?i-i:a)",
		"flags that are turned off must not be none, nor turned on as"
		" well, at offset 5" },
	{ "(?Px)",
		"unknown extension; expected (?P<name>...) or (?P=name),"
		" at offset 0" },
	{ "(?#a", "missing ) at the end of a comment, at offset 0" },
	{ "(*UTF)a", "nothing to repeat, at offset 1" },
	{ "[\\w-z]", "bad range \\w-z in a class, at offset 1" },
	{ "[a", "missing terminating ] for character class, at offset 2" },
	/* PCRE2 says where in its own words. */
	{ "\\Z\\u0041{,2})", "unmatched closing parenthesis, at offset 12" },
	{ "\\v{,2}*",
		"quantifier does not follow a repeatable item, at offset 6" },
	{ "(?i) a(", "missing closing parenthesis, at offset 7" },
	{ "a(?i){,2}{b-a}[b-a]",
		"range out of order in character class, at offset 14" },
};

static void
test_mistakes_are_where_they_were_written(void **unused)
{
	(void)unused;
	static const char prefix[] = "not a regular expression: ";
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct err err;
		const char *pattern = mistakes[i].pattern;
		if (pattern_check(pattern, NULL, &err))
			fail_msg("%s: is taken", pattern);
		assert_memory_equal(err.text, prefix, strlen(prefix));
		if (strcmp(err.text + strlen(prefix), mistakes[i].why) != 0)
			fail_msg("%s: %s", pattern, err.text);
	}
}

static void
test_depth_has_an_end(void **unused)
{
	(void)unused;
	struct err err;
	char pattern[1001];
	memset(pattern, '(', 500);
	memset(pattern + 500, ')', 500);
	pattern[1000] = '\0';
	assert_false(pattern_check(pattern, NULL, &err));
	assert_string_equal(err.text,
		"not a regular expression: parentheses are nested too deeply,"
		" at offset 251");
	memset(pattern, '(', 200);
	memset(pattern + 200, ')', 200);
	pattern[400] = '\0';
	assert_true(pattern_check(pattern, NULL, &err));
}

/* What grows most must still fit. */
static void
test_the_longest_fits(void **unused)
{
	(void)unused;
	static const char *const repeated[] = { "\\1", "a{,}", " \t", "[[[]",
		"\\0", "(?u)", "\\v", "[\\v]", "a{" };
	size_t most = (size_t)64 * 1024;
	char *pattern = mem_alloc(most + 1);
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		size_t step = strlen(repeated[i]);
		size_t len = 4;
		memcpy(pattern, "(?x)", len);
		for (; len + step <= most; len += step)
			memcpy(pattern + len, repeated[i], step);
		pattern[len] = '\0';
		struct err err;
		struct buf out;
		unsigned doubts;
		buf_init(&out,
			len * PATTERN_TRANSLATE_GROWTH
				+ PATTERN_TRANSLATE_HEAD);
		assert_true(pattern_translate(pattern, &out, &doubts, &err));
		assert_false(out.full);
		buf_finish(&out);
	}
	free(pattern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_python_becomes_pcre2),
		cmocka_unit_test(test_mistakes_are_where_they_were_written),
		cmocka_unit_test(test_depth_has_an_end),
		cmocka_unit_test(test_the_longest_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
