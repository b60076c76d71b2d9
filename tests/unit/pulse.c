#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/agent_pulse.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

static void
test_trouble(void **state)
{
	static const struct {
		const char *when;
		struct agent_pulse_signs signs;
		const char *trouble;
	} rows[] = {
		{ "all is well", { 0 }, NULL },
		{ "a disk that is full for half an hour",
			{ .store_ms = 30 * MINUTE }, NULL },
		{ "a store that does not come back",
			{ .store_ms = 61 * MINUTE },
			"nothing can be written to the state" },
		{ "a receiver with the longest timeout",
			{ .outbox_ms = 5 * MINUTE }, NULL },
		{ "requests without an end", { .outbox_ms = 16 * MINUTE },
			"requests to receivers do not end" },
		{ "a thread on a busy machine", { .workers_ms = 20 * SECOND },
			NULL },
		{ "a thread that is stuck", { .workers_ms = 61 * SECOND },
			"a thread that probes is stuck" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *trouble = agent_pulse_trouble(&rows[i].signs);
		if (!rows[i].trouble && trouble)
			fail_msg("%s: %s", rows[i].when, trouble);
		if (rows[i].trouble)
			assert_string_equal(trouble, rows[i].trouble);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
