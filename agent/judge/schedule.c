#include "agent/judge/schedule.h"

enum {
	SOON_US = 2 * 1000 * 1000,
	EACH_US = 2000, /* 500 a second */
};

int64_t
schedule_first(int64_t now_us, int64_t period_us, uint64_t hash, uint64_t n)
{
	int64_t window = (int64_t)n * EACH_US;
	if (window < SOON_US)
		window = SOON_US;
	if (window > period_us)
		window = period_us;
	/* One endpoint alone need not wait: there is nothing to spread. */
	if (n <= 1)
		return now_us;
	return now_us + (int64_t)(hash % (uint64_t)window);
}

int64_t
schedule_second(int64_t first_us, int64_t period_us, uint64_t hash)
{
	int64_t slot = (int64_t)(hash % (uint64_t)period_us);
	int64_t earliest = first_us + period_us / 2;
	int64_t periods = (earliest - slot) / period_us;
	int64_t due = periods * period_us + slot;
	while (due < earliest)
		due += period_us;
	return due;
}

int64_t
schedule_next(
	int64_t due_us, int64_t period_us, int64_t now_us, uint64_t *missed)
{
	int64_t next = due_us + period_us;
	if (next <= now_us) {
		int64_t late = (now_us - next) / period_us + 1;
		*missed += (uint64_t)late;
		next += late * period_us;
	}
	return next;
}
