#include "agent/base/zone_rule.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "agent/base/clock.h"

enum {
	DAY = 24 * 3600,
	HOURS_MAX = 167, /* as zic(8) has it: POSIX stops at 24 */
	TWO = 2 * 3600, /* o'clock, when nothing is said */
};

/* Reading: each goes on where it ends, or is false. */

static bool
skip(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool
read_number(const char **at, int max, int *number)
{
	*number = 0;
	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); ++*at) {
		*number = *number * 10 + (**at - '0');
		if (*number > max)
			return false;
	}
	return true;
}

/* "CET", "<+0330>" */
static bool
read_name(const char **at)
{
	const char *begin = *at;
	if (skip(at, '<')) {
		const char *end = strchr(*at, '>');
		*at = end ? end + 1 : begin;
		return end != NULL;
	}
	while (isalpha((unsigned char)**at))
		++*at;
	return *at - begin >= 3;
}

/* "-3:30", "2", "+5:45:10" */
static bool
read_time(const char **at, int64_t *seconds)
{
	int parts[3] = { 0 };
	bool is_negative = skip(at, '-');
	if (!is_negative)
		skip(at, '+');
	if (!read_number(at, HOURS_MAX, &parts[0]))
		return false;
	for (size_t i = 1; i < 3 && skip(at, ':'); i++)
		if (!read_number(at, 59, &parts[i]))
			return false;
	*seconds = parts[0] * INT64_C(3600) + parts[1] * INT64_C(60) + parts[2];
	if (is_negative)
		*seconds = -*seconds;
	return true;
}

static bool
read_weekday(const char **at, struct zone_change *change)
{
	return read_number(at, 12, &change->month) && change->month > 0
		&& skip(at, '.') && read_number(at, 5, &change->week)
		&& change->week > 0 && skip(at, '.')
		&& read_number(at, 6, &change->day);
}

/* ",M10.5.0/3" */
static bool
read_change(const char **at, struct zone_change *change)
{
	bool good;
	*change = (struct zone_change){ .seconds = TWO };
	if (!skip(at, ','))
		return false;
	if (skip(at, 'M')) {
		good = read_weekday(at, change);
	} else if (skip(at, 'J')) {
		change->kind = ZONE_DAY_OF_365;
		good = read_number(at, 365, &change->day) && change->day > 0;
	} else {
		change->kind = ZONE_DAY;
		good = read_number(at, 365, &change->day);
	}
	return good && (!skip(at, '/') || read_time(at, &change->seconds));
}

bool
zone_rule_read(const char *text, struct zone_rule *rule)
{
	*rule = (struct zone_rule){ 0 };
	if (!read_name(&text) || !read_time(&text, &rule->standard))
		return false;
	rule->standard = -rule->standard; /* POSIX counts to the west */
	if (*text == '\0')
		return true;
	rule->has_summer = true;
	rule->summer = rule->standard + 3600;
	if (!read_name(&text))
		return false;
	if (*text != ',') {
		if (!read_time(&text, &rule->summer))
			return false;
		rule->summer = -rule->summer;
	}
	return read_change(&text, &rule->begins)
		&& read_change(&text, &rule->ends) && *text == '\0';
}

/* Years. */

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
weekday_of(int year, const struct zone_change *change)
{
	int64_t first = clock_days(year, change->month, 1);
	int64_t next = change->month == 12
		? clock_days(year + 1, 1, 1)
		: clock_days(year, change->month + 1, 1);
	int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970 began so */
	int64_t day = first + (change->day - weekday + 7) % 7
		+ 7 * (change->week - INT64_C(1));
	return day < next ? day : day - 7;
}

/* Seconds since 1970, by the clocks before it. */
static int64_t
change_in(int year, const struct zone_change *change)
{
	int64_t days = clock_days(year, 1, 1) + change->day;
	if (change->kind == ZONE_WEEKDAY)
		days = weekday_of(year, change);
	else if (change->kind == ZONE_DAY_OF_365)
		days -= is_leap(year) && change->day >= 60 ? 0 : 1;
	return days * DAY + change->seconds;
}

int64_t
zone_rule_ahead(const struct zone_rule *rule, int64_t at)
{
	time_t local = (time_t)(at + rule->standard);
	struct tm tm;
	if (!rule->has_summer || !gmtime_r(&local, &tm))
		return rule->standard;
	int year = tm.tm_year + 1900;
	int64_t begins = change_in(year, &rule->begins) - rule->standard;
	int64_t ends = change_in(year, &rule->ends) - rule->summer;
	bool is_summer = begins < ends ? begins <= at && at < ends
				       : at < ends || begins <= at;
	return is_summer ? rule->summer : rule->standard;
}
