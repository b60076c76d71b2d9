/*
 * A row is a sentence: of so many endpoints, these were the last results, one
 * moment a second after the other, and so the agent said these.
 *
 *     u unseen, s seen, anything else: no result yet; a word is a moment
 *     B begun, E ended, . nothing; it says so after 3 s
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/judge/blind.h"

enum {
	AFTER_MS = 3000,
};

static const struct row {
	const char *sentence;
	bool told; /* by a former process */
	const char *results;
	const char *says;
} rows[] = {
	{ "good from the start is no news", false, "ss ss ss ss", "...." },
	{ "nobody looked yet", false, "-- -- -- -- --", "....." },
	{ "all unseen for long enough", false, "uu uu uu uu uu", "...B." },
	{ "the only one counts", false, "u u u u", "...B" },
	{ "half of them is not more than half", false, "us us us us us",
		"....." },
	{ "more than half of three", false, "uus uus uus uus", "...B" },
	{ "those without a result count as endpoints", false,
		"uu-- uu-- uu-- uu-- uu--", "....." },
	{ "more than half though some have none", false, "uuu- uuu- uuu- uuu-",
		"...B" },
	{ "one look in between begins it anew", false, "uu uu us uu uu uu uu",
		"......B" },
	{ "others in turn are still more than half", false,
		"uus usu suu uus usu", "...B." },
	{ "ended at once when half are seen", false, "uu uu uu uu us uu",
		"...BE." },
	{ "one of three is not enough to end it", false,
		"uuu uuu uuu uuu uus uss", "...B.E" },
	{ "told once for all its time", false, "u u u u u u u u s",
		"...B....E" },
	{ "and again the next time", false, "u u u u s u u u u", "...BE...B" },
	{ "a former process's goes on while nobody looked", true, "-- -- --",
		"..." },
	{ "a former process's goes on", true, "-- u- uu uu uu uu", "......" },
	{ "a former process's ends when half are seen", true, "-- s- uu",
		".E." },
	{ "a former process's does not end by one of three", true,
		"s-- su- suu uuu uus uss", ".....E" },
};

static struct blind_view
view_of(const char *results, size_t n)
{
	struct blind_view view = { .endpoints = n };
	for (size_t i = 0; i < n; i++) {
		view.unseen += results[i] == 'u';
		view.seen += results[i] == 's';
	}
	return view;
}

static void
run(const struct row *row, int64_t after_ms, char *says)
{
	struct blind_state state = { .told = row->told };
	int64_t now_ms = 1000000;
	int64_t due_ms = -1;
	for (const char *at = row->results; *at != '\0'; now_ms += 1000) {
		size_t n = strcspn(at, " ");
		struct blind_view view = view_of(at, n);
		struct blind blind = blind_step(after_ms, state, &view, now_ms);
		/* It is begun at the time that was asked for. */
		if (blind.change == BLIND_BEGUN)
			assert_int_equal(due_ms, now_ms);
		*says++ = ".BE"[blind.change];
		state = blind.next;
		due_ms = blind.due_ms;
		at += n + (at[n] == ' ');
	}
	*says = '\0';
}

static void
test_rows(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char says[32];
		run(&rows[i], AFTER_MS, says);
		if (strcmp(says, rows[i].says) != 0)
			fail_msg("%s: %s, not %s", rows[i].sentence, says,
				rows[i].says);
	}
}

/* With 0 none begins; one that was told before still ends. */
static void
test_never(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char says[32];
		run(&rows[i], 0, says);
		assert_null(strchr(says, 'B'));
		assert_int_equal(strchr(says, 'E') != NULL,
			rows[i].told && strchr(rows[i].says, 'E') != NULL);
	}
}

static void
test_nothing_to_look_at(void **unused)
{
	(void)unused;
	struct blind_view none = { 0 };
	struct blind_state told = { .told = true };
	assert_int_equal(
		blind_step(AFTER_MS, told, &none, 5).change, BLIND_ENDED);
	struct blind_state fresh = { 0 };
	assert_int_equal(
		blind_step(AFTER_MS, fresh, &none, 5).change, BLIND_SAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_nothing_to_look_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
