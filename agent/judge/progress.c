#include "agent/judge/progress.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)

static const int64_t growing_ms[] = {
	15 * SECOND_MS,
	MINUTE_MS,
	4 * MINUTE_MS,
	16 * MINUTE_MS,
};

enum {
	GROWING = sizeof(growing_ms) / sizeof(growing_ms[0]),
};

unsigned
progress_passed(int64_t ms)
{
	unsigned passed = 0;
	while (passed < GROWING && ms >= growing_ms[passed])
		passed++;
	return passed;
}

int64_t
progress_next(int64_t ms)
{
	unsigned passed = progress_passed(ms);
	return passed < GROWING ? growing_ms[passed] : -1;
}
