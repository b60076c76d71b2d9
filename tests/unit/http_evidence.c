/* What look-ups tell of the name servers, and of the names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/http/resolver_evidence.h"
#include "agent/http/resolver_pace.h"

static void
test_what_is_dead(void **unused)
{
	(void)unused;
	/* A letter is a name; capitals: it was answered, small: it was not. */
	static const struct {
		const char *story; /* one look-up a second */
		int64_t wait_s;
		bool dead;
	} rows[] = {
		{ "", 0, false },
		{ "a", 0, true }, /* the only name */
		{ "A", 0, false },
		{ "aA", 0, false },
		{ "Aa", 0, false }, /* something was answered just now */
		{ "Aaaaaaaaaaaa", 0, true },
		{ "ab", 0, true },
		{ "aba", 0, true },
		{ "Bcb", 0, false },
		{ "Bcbcbcbcbcbc", 0, true },
		{ "Bccccccccccc", 0, false }, /* another was fine before */
		{ "abcD", 0, false },
		{ "ab", 9, true },
		{ "ab", 11, false }, /* long ago: who knows now */
		{ "Baaaaaaaaaaaa", 0, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct resolver_evidence evidence = { 0 };
		int64_t now = INT64_C(5000) * 1000000;
		for (const char *at = rows[i].story; *at; at++) {
			char name[2] = { (char)(*at | 0x20), '\0' };
			now += 1000000;
			resolver_evidence_asked(&evidence, name, now);
			if (*at & 0x20)
				resolver_evidence_failed(&evidence, name, now);
			else
				resolver_evidence_answered(&evidence, now);
		}
		now += rows[i].wait_s * 1000000;
		if (resolver_evidence_is_dead(&evidence, now) != rows[i].dead)
			fail_msg("%s and %d s", rows[i].story,
				(int)rows[i].wait_s);
	}
}

static void
test_what_is_slow(void **unused)
{
	(void)unused;
	struct resolver_pace *pace = calloc(1, sizeof(*pace));
	assert_non_null(pace);
	resolver_pace_note(pace, "a", true);
	resolver_pace_note(pace, "b", false);
	assert_true(resolver_pace_is_slow(pace, "a"));
	assert_false(resolver_pace_is_slow(pace, "b"));
	assert_false(resolver_pace_is_slow(pace, "c"));
	resolver_pace_note(pace, "a", false);
	assert_false(resolver_pace_is_slow(pace, "a"));
	free(pace);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_dead),
		cmocka_unit_test(test_what_is_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
