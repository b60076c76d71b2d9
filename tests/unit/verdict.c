/*
 * A row is a sentence: with that many failures forgiven and that many good
 * results asked for, these results lead to these announcements.
 *
 *     U up, s slow, d down, D down badly, ? could not look
 *     b baseline, w worsened, e eased, r recovered, . nothing
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/judge/verdict.h"

static const struct row {
	const char *sentence;
	unsigned allowed_fails;
	unsigned recover_after;
	const char *seen;
	const char *announced;
} rows[] = {
	{ "good from the start is a baseline, once", 0, 1, "UUU", "b.." },
	{ "the first failure speaks", 0, 1, "UDU", "bwr" },
	{ "bad from the start speaks", 0, 1, "DU", "wr" },
	{ "one forgiven, second speaks", 1, 1, "UDDD", "b.w." },
	{ "two forgiven, third speaks", 2, 1, "UDDDD", "b..w." },
	{ "a success in between forgives again", 2, 1, "UDDUDDU", "b......" },
	{ "failures of different severity count together", 2, 1, "UsdD",
		"b..w" },
	{ "severity is followed once it spoke", 0, 1, "UsdDdsU", "bwwweer" },
	{ "the limit stays passed until recovery", 2, 1, "dddDs", "..wwe" },
	{ "could not look changes nothing", 1, 1, "UD?D", "b..w" },
	{ "could not look is no baseline", 0, 1, "??U", "..b" },
	{ "could not look is no recovery", 0, 1, "D?U", "w.r" },
	{ "two good ones to recover", 0, 2, "UUDUU", ".bw.r" },
	{ "a failure in between starts recovery anew", 0, 2, "DUDUU", "w...r" },
	{ "a held failure after one good one is not news", 1, 2, "DDUDUU",
		".w...r" },
	{ "recover_after of zero means one", 0, 0, "DU", "wr" },
};

static enum status
status_of(char letter)
{
	switch (letter) {
	case 'U':
		return STATUS_OPERATIONAL;
	case 's':
		return STATUS_PERFORMANCE_ISSUES;
	case 'd':
		return STATUS_PARTIAL_OUTAGE;
	case 'D':
		return STATUS_MAJOR_OUTAGE;
	default:
		return STATUS_UNKNOWN;
	}
}

static void
run(const struct row *row, char *announced)
{
	struct verdict_policy policy = { row->allowed_fails,
		row->recover_after };
	struct verdict_state state = { 0 };
	for (size_t i = 0; row->seen[i] != '\0'; i++) {
		struct verdict verdict =
			verdict_step(policy, state, status_of(row->seen[i]));
		announced[i] = ".bwer"[verdict.change];
		assert_int_equal(verdict.from, state.announced);
		assert_int_equal(verdict.to, verdict.next.announced);
		state = verdict.next;
	}
}

static void
test_rows(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char announced[32] = { 0 };
		run(&rows[i], announced);
		if (strcmp(announced, rows[i].announced) != 0)
			fail_msg("%s: %s gave %s, not %s", rows[i].sentence,
				rows[i].seen, announced, rows[i].announced);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
