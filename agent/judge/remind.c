#include "agent/judge/remind.h"

int64_t
remind_next(const struct remind *remind, int64_t ms)
{
	int64_t interval = remind->after_ms;
	int64_t next = interval;
	while (next <= ms && interval < remind->up_to_ms) {
		interval = interval > remind->up_to_ms / 2 ? remind->up_to_ms
							   : interval * 2;
		next += interval;
	}
	if (next <= ms)
		next += ((ms - next) / interval + 1) * interval;
	return next;
}
