/* Dates and lengths of time, in the many ways of writing them. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/base/clock.h"
#include "agent/base/duration.h"
#include "agent/base/str.h"
#include "agent/http/response.h"
#include "conf/timestamp.h"
#include "probes/cookie_date.h"
#include "tests/fuzz/fuzz.h"

#define DAY_MS INT64_C(86400000)
#define YEARS_10000_MS INT64_C(253402300800000)

static void
check_clock(const char *text)
{
	int64_t ms;
	int64_t again;
	char shown[CLOCK_TEXT_SIZE];
	if (!clock_read(text, &ms))
		return;
	assert(ms >= -DAY_MS && ms < YEARS_10000_MS + DAY_MS);
	clock_text(ms, shown);
	if (ms >= 0 && ms < YEARS_10000_MS)
		assert(clock_read(shown, &again) && again == ms);
}

/* RFC 9110's own way of writing a date. */
static void
write_date(int64_t seconds, char date[static 40])
{
	time_t at = (time_t)seconds;
	struct tm tm;
	assert(gmtime_r(&at, &tm));
	assert(strftime(date, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0);
}

static void
check_cookie_date(const char *text)
{
	int64_t seconds;
	int64_t again;
	char date[40];
	if (!cookie_date_parse(text, strlen(text), &seconds))
		return;
	write_date(seconds, date);
	if (seconds * 1000 < YEARS_10000_MS)
		assert(cookie_date_parse(date, strlen(date), &again)
			&& again == seconds);

	/* The reader of Retry-After has the same calendar. */
	char headers[80];
	snprintf(headers, sizeof(headers),
		"HTTP/1.1 503 No\r\nRetry-After: %s\r\n", date);
	const struct http_response response = { .headers = headers };
	if (seconds > 0 && seconds * 1000 < YEARS_10000_MS)
		assert(http_response_retry_after(
			       &response, (seconds - 60) * 1000)
			== 60000);
}

static void
check_duration(const char *text)
{
	int64_t ms;
	int64_t again;
	char shown[DURATION_TEXT_SIZE];
	char packed[DURATION_TEXT_SIZE];
	size_t len = 0;
	if (!duration_parse(text, &ms))
		return;
	assert(ms >= 0 && ms <= 36600 * DAY_MS);
	duration_text(ms, shown);
	for (const char *at = shown; *at != '\0'; at++)
		if (*at != ' ')
			packed[len++] = *at;
	packed[len] = '\0';
	assert(duration_parse(packed, &again));
	assert(again <= ms && ms - again < 3600000);
	duration_text(again, packed);
	assert(str_eq(packed, shown));
}

/* What is shown of a date of YAML's, is shown so again. */
static void
check_timestamp(const char *text)
{
	char once[CONF_TIMESTAMP_SIZE];
	char twice[CONF_TIMESTAMP_SIZE];
	if (conf_timestamp_text(text, once))
		assert(conf_timestamp_text(once, twice) && str_eq(once, twice));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	check_clock(parts.text);
	check_cookie_date(parts.text);
	check_duration(parts.text);
	check_timestamp(parts.text);
	fuzz_free(&parts);
	return 0;
}
