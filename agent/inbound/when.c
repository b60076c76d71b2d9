#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/str.h"
#include "agent/inbound/parts.h"
#include "probes/cookie_date.h"

enum {
	TEXT_SIZE = 64,
};

/* Seconds, or what is too large for that: milliseconds. */
static int64_t
of_number(double number)
{
	static const double least_ms = 1e11; /* in seconds the year 5138 */
	static const double most_ms = 253402300799000.; /* the year 9999 */
	double ms = number < least_ms ? number * 1000. : number;
	return number > 0 && ms <= most_ms ? (int64_t)(ms + 0.5) : 0;
}

/* 20240301T200000.490+0800 -> 2024-03-01T20:00:00.490+0800 */
static bool
widen(const char *text, char wide[static TEXT_SIZE])
{
	static const char shape[] = "00000000T000000";
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)text[i])
				    : text[i] != shape[i])
			return false;
	snprintf(wide, TEXT_SIZE, "%.4s-%.2s-%.2s%c%.2s:%.2s:%s", text,
		text + 4, text + 6, text[8], text + 9, text + 11, text + 13);
	return true;
}

/* As clock_read(), and in UTC when it does not say where. */
static bool
read_date(const char *text, int64_t *ms)
{
	char zoned[TEXT_SIZE + 1];
	if (clock_read(text, ms) || strlen(text) >= TEXT_SIZE)
		return clock_read(text, ms);
	snprintf(zoned, sizeof(zoned), "%sZ", text);
	return clock_read(zoned, ms);
}

int64_t
inbound_time(const char *text)
{
	double number;
	int64_t ms;
	int64_t seconds;
	char wide[TEXT_SIZE];
	size_t len = strlen(text);
	if (len == 0 || len >= TEXT_SIZE - 8)
		return 0;
	if (str_number(text, &number))
		return of_number(number);
	if (read_date(text, &ms) || (widen(text, wide) && read_date(wide, &ms)))
		return ms > 0 ? ms : 0;
	if (strchr(text, ',') && cookie_date_parse(text, len, &seconds))
		return seconds > 0 ? seconds * 1000 : 0;
	return 0;
}

int64_t
inbound_time_at(struct arena *arena, const json_t *json, const char *path)
{
	return inbound_time(inbound_text(arena, json, path));
}
