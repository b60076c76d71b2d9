#include "agent/base/clock.h"

#include <stdio.h>
#include <time.h>

struct moment
clock_now(void)
{
	return (struct moment){
		.mono_ms = clock_mono_us() / 1000,
		.wall_ms = clock_wall_ms(),
	};
}

int64_t
clock_wall_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_mono_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
clock_text(int64_t wall_ms, char text[static CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	int ms = (int)(wall_ms % 1000);
	if (ms < 0) {
		ms += 1000;
		seconds--;
	}
	struct tm tm;
	char date[24];
	if (!gmtime_r(&seconds, &tm)
		|| strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		snprintf(date, sizeof(date), "0000-00-00T00:00:00");
	snprintf(text, CLOCK_TEXT_SIZE, "%s.%03dZ", date, ms);
}
