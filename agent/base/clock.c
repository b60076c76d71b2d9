#include "agent/base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
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
clock_earlier(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
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

/* Reads `n` digits and steps over them. */
static bool
digits(const char **at, unsigned n, int *number)
{
	*number = 0;
	for (; n > 0; n--, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

static bool
letter(const char **at, const char *letters)
{
	if (**at == '\0' || !strchr(letters, **at))
		return false;
	(*at)++;
	return true;
}

int64_t
clock_days(int year, int month, int day)
{
	/* A year that begins in March has its leap day at its end. */
	year -= month <= 2;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return (int64_t)year * 365 + year / 4 - year / 100 + year / 400
		+ of_year - 719468;
}

static bool
offset(const char **at, int *minutes)
{
	*minutes = 0;
	if (letter(at, "Zz"))
		return true;
	int sign = **at == '-' ? -1 : 1;
	int hours;
	int rest;
	if (!letter(at, "+-") || !digits(at, 2, &hours))
		return false;
	letter(at, ":");
	if (!digits(at, 2, &rest) || hours > 23 || rest > 59)
		return false;
	*minutes = sign * (hours * 60 + rest);
	return true;
}

static int
fraction_ms(const char **at)
{
	int ms = 0;
	int worth = 100;
	for (; isdigit((unsigned char)**at); (*at)++, worth /= 10)
		ms += (**at - '0') * worth;
	return ms;
}

bool
clock_read(const char *text, int64_t *wall_ms)
{
	const char *at = text;
	int year;
	int month;
	int day;
	if (!digits(&at, 4, &year) || !letter(&at, "-")
		|| !digits(&at, 2, &month) || !letter(&at, "-")
		|| !digits(&at, 2, &day) || !letter(&at, "Tt "))
		return false;
	int hour;
	int minute;
	int second;
	if (!digits(&at, 2, &hour) || !letter(&at, ":")
		|| !digits(&at, 2, &minute) || !letter(&at, ":")
		|| !digits(&at, 2, &second))
		return false;
	int ms = letter(&at, ".") ? fraction_ms(&at) : 0;
	int minutes;
	if (!offset(&at, &minutes) || *at != '\0' || year < 1970 || month < 1
		|| month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59
		|| second > 60)
		return false;
	int64_t seconds = clock_days(year, month, day) * 86400
		+ ((int64_t)hour * 60 + minute - minutes) * 60 + second;
	*wall_ms = seconds * 1000 + ms;
	return true;
}
