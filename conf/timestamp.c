#include "conf/timestamp.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct moment {
	int year, month, day;
	int hour, minute, second, micros;
	bool has_zone;
	int zone_minutes;
};

/* From `least` to `most` digits; NULL when there are fewer. */
static const char *
read_digits(const char *at, int least, int most, int *number)
{
	int count = 0;
	for (*number = 0; count < most && isdigit((unsigned char)*at); count++)
		*number = *number * 10 + (*at++ - '0');
	return count >= least ? at : NULL;
}

static const char *
read_mark(const char *at, char mark)
{
	return at && *at == mark ? at + 1 : NULL;
}

/* Python keeps six digits of a fraction. */
static const char *
read_fraction(const char *at, int *micros)
{
	int unit = 100000;
	for (; isdigit((unsigned char)*at); at++, unit /= 10)
		*micros += (*at - '0') * unit;
	return at;
}

/* Z, or +h, -hh, +hh:mm. */
static const char *
read_zone(const char *at, struct moment *moment)
{
	int hours, minutes = 0;
	char sign = *at;
	moment->has_zone = true;
	if (sign == 'Z')
		return at + 1;
	at = read_digits(at + 1, 1, 2, &hours);
	if (at && *at == ':')
		at = read_digits(at + 1, 2, 2, &minutes);
	moment->zone_minutes = hours * 60 + minutes;
	if (sign == '-')
		moment->zone_minutes = -moment->zone_minutes;
	return at;
}

static const char *
after_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

static const char *
read_clock(const char *at, struct moment *moment)
{
	if (*at != 't' && *at != 'T' && after_blanks(at) == at)
		return NULL;
	at = *at == 't' || *at == 'T' ? at + 1 : after_blanks(at);
	at = read_mark(read_digits(at, 1, 2, &moment->hour), ':');
	at = at ? read_mark(read_digits(at, 2, 2, &moment->minute), ':') : NULL;
	at = at ? read_digits(at, 2, 2, &moment->second) : NULL;
	if (at && *at == '.')
		at = read_fraction(at + 1, &moment->micros);
	if (!at)
		return NULL;
	const char *zone = after_blanks(at);
	if (*zone == 'Z' || *zone == '+' || *zone == '-')
		return read_zone(zone, moment);
	return at;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static bool
was_there(const struct moment *moment)
{
	return moment->year >= 1 && moment->month >= 1 && moment->month <= 12
		&& moment->day >= 1
		&& moment->day <= days_in(moment->year, moment->month)
		&& moment->hour <= 23 && moment->minute <= 59
		&& moment->second <= 59 && moment->zone_minutes > -24 * 60
		&& moment->zone_minutes < 24 * 60;
}

static void
show(const struct moment *moment, char shown[static CONF_TIMESTAMP_SIZE])
{
	int len = snprintf(shown, CONF_TIMESTAMP_SIZE,
		"%04d-%02d-%02d %02d:%02d:%02d", moment->year, moment->month,
		moment->day, moment->hour, moment->minute, moment->second);
	size_t at = (size_t)len;
	if (moment->micros > 0)
		at += (size_t)snprintf(shown + at, CONF_TIMESTAMP_SIZE - at,
			".%06d", moment->micros);
	int zone = moment->zone_minutes;
	if (moment->has_zone)
		snprintf(shown + at, CONF_TIMESTAMP_SIZE - at, "%c%02d:%02d",
			zone < 0 ? '-' : '+', (zone < 0 ? -zone : zone) / 60,
			(zone < 0 ? -zone : zone) % 60);
}

bool
conf_timestamp_text(const char *text, char shown[static CONF_TIMESTAMP_SIZE])
{
	struct moment moment = { 0 };
	const char *at = read_mark(read_digits(text, 4, 4, &moment.year), '-');
	const char *month = at;
	at = at ? read_mark(read_digits(at, 1, 2, &moment.month), '-') : NULL;
	const char *day = at;
	at = at ? read_digits(at, 1, 2, &moment.day) : NULL;
	if (!at)
		return false;
	bool is_date = *at == '\0';
	if (is_date ? day - month != 3 || at - day != 2
		    : !(at = read_clock(at, &moment)) || *at != '\0')
		return false;
	if (!was_there(&moment))
		return false;
	show(&moment, shown);
	if (is_date)
		shown[strlen("2001-01-01")] = '\0';
	return true;
}
