#include "conf/zone.h"

#include <string.h>

#include "agent/base/str.h"

enum {
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	ZONE_MAX_MS = 14 * HOUR_MS,
};

static bool
two_digits(const char *text, int64_t *number)
{
	char digits[3];
	str_copy(digits, sizeof(digits), text);
	return strspn(digits, "0123456789") == 2 && str_int(digits, number);
}

bool
conf_zone(const char *text, int64_t *zone_ms)
{
	int64_t hours;
	int64_t minutes = 0;
	*zone_ms = 0;
	if (str_ieq(text, "UTC") || str_ieq(text, "Z"))
		return true;
	if ((*text != '+' && *text != '-') || !two_digits(text + 1, &hours))
		return false;
	const char *rest = text + 3;
	if (*rest == ':')
		rest++;
	if (*rest != '\0' || rest[-1] == ':')
		if (!two_digits(rest, &minutes) || rest[2] != '\0')
			return false;
	int64_t ms = hours * HOUR_MS + minutes * MINUTE_MS;
	if (minutes > 59 || ms > ZONE_MAX_MS)
		return false;
	*zone_ms = *text == '-' ? -ms : ms;
	return true;
}
