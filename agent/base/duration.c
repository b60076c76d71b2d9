#include "agent/base/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/str.h"

static const double LONGEST_MS = 100.0 * 366 * 24 * 3600 * 1000;

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	/* Longer names first: "ms" is not "m". */
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60000 },
	{ "h", 3600000 },
	{ "d", 86400000 },
};

static const struct unit *
unit_at(const char *text)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_starts(text, units[i].name))
			return &units[i];
	return NULL;
}

/* One "30s" of "1m30s"; NULL when there is none. */
static const char *
parse_step(const char *text, double *total_ms)
{
	size_t len = strspn(text, "0123456789.");
	char number[32];
	double value;
	if (len == 0 || len >= sizeof(number))
		return NULL;
	memcpy(number, text, len);
	number[len] = '\0';
	const struct unit *unit = unit_at(text + len);
	if (!unit || !str_number(number, &value))
		return NULL;
	*total_ms += value * (double)unit->ms;
	return text + len + strlen(unit->name);
}

bool
duration_parse(const char *text, int64_t *ms)
{
	double total = 0;
	double seconds;
	if (str_number(text, &seconds)) {
		total = seconds * 1000;
	} else {
		do {
			text = parse_step(text, &total);
			if (!text)
				return false;
		} while (*text != '\0');
	}
	if (total < 0 || total > LONGEST_MS)
		return false;
	*ms = (int64_t)(total + 0.5);
	return true;
}

void
duration_text(int64_t ms, char text[static DURATION_TEXT_SIZE])
{
	if (ms < 0)
		ms = 0;
	if (ms < 1000) {
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "ms", ms);
		return;
	}
	int64_t s = ms / 1000;
	if (s < 60)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "m %" PRId64 "s",
			s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "h %" PRId64 "m",
			s / 3600, s % 3600 / 60);
	else
		snprintf(text, DURATION_TEXT_SIZE, "%" PRId64 "d %" PRId64 "h",
			s / 86400, s % 86400 / 3600);
}
