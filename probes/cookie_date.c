#include "probes/cookie_date.h"

#include <ctype.h>
#include <strings.h>

#include "agent/base/clock.h"

/* What was found so far; -1 for what was not. */
struct parts {
	int hour, minute, second;
	int day;
	int month; /* from 1 */
	int year;
};

struct token {
	const char *at;
	size_t len;
};

static bool
is_delimiter(char c)
{
	return !isalnum((unsigned char)c) && c != ':'
		&& !((unsigned char)c & 0x80);
}

/* The digits at `*at`, from `least` to `most` of them. */
static bool
take_number(struct token *token, size_t least, size_t most, int *number)
{
	size_t n = 0;
	*number = 0;
	while (n < token->len && isdigit((unsigned char)token->at[n])) {
		if (n == most)
			return false;
		*number = *number * 10 + (token->at[n] - '0');
		n++;
	}
	token->at += n;
	token->len -= n;
	return n >= least;
}

static bool
take_colon(struct token *token)
{
	if (token->len == 0 || *token->at != ':')
		return false;
	token->at++;
	token->len--;
	return true;
}

static bool
read_time(struct token token, struct parts *parts)
{
	int hour;
	int minute;
	int second;
	if (!take_number(&token, 1, 2, &hour) || !take_colon(&token)
		|| !take_number(&token, 1, 2, &minute) || !take_colon(&token)
		|| !take_number(&token, 1, 2, &second))
		return false;
	parts->hour = hour;
	parts->minute = minute;
	parts->second = second;
	return true;
}

static bool
read_month(struct token token, struct parts *parts)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	if (token.len < 3)
		return false;
	for (int i = 0; i < 12; i++) {
		if (strncasecmp(token.at, names + (size_t)i * 3, 3) == 0) {
			parts->month = i + 1;
			return true;
		}
	}
	return false;
}

static bool
read_year(struct token token, struct parts *parts)
{
	int year;
	if (!take_number(&token, 2, 4, &year))
		return false;
	if (year < 70)
		year += 2000;
	else if (year < 100)
		year += 1900;
	parts->year = year;
	return true;
}

static void
read_token(struct token token, struct parts *parts)
{
	struct token rest = token;
	if (parts->hour < 0 && read_time(token, parts))
		return;
	int day;
	if (parts->day < 0 && take_number(&rest, 1, 2, &day)) {
		parts->day = day;
		return;
	}
	if (parts->month < 0 && read_month(token, parts))
		return;
	if (parts->year < 0)
		read_year(token, parts);
}

bool
cookie_date_parse(const char *text, size_t len, int64_t *seconds)
{
	struct parts parts = { -1, -1, -1, -1, -1, -1 };
	const char *end = text + len;
	while (text < end) {
		while (text < end && is_delimiter(*text))
			text++;
		struct token token = { text, 0 };
		while (text < end && !is_delimiter(*text))
			text++;
		token.len = (size_t)(text - token.at);
		if (token.len > 0)
			read_token(token, &parts);
	}
	if (parts.hour < 0 || parts.hour > 23 || parts.minute > 59
		|| parts.second > 59 || parts.day < 1 || parts.day > 31
		|| parts.month < 1 || parts.year < 1601)
		return false;
	int64_t days = clock_days(parts.year, parts.month, parts.day);
	int64_t minutes = (days * 24 + parts.hour) * 60 + parts.minute;
	*seconds = minutes * 60 + parts.second;
	return true;
}
