#include "conf/digest.h"

#include <string.h>

#include "agent/base/str.h"
#include "conf/document.h"
#include "conf/reader.h"
#include "conf/zone.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define WEEK_MS (7.0 * 24 * 3600 * 1000)

/* Two digits below `end`. */
static bool
two_digits(const char *text, int64_t end, int64_t *number)
{
	char digits[3];
	str_copy(digits, sizeof(digits), text);
	return strspn(digits, "0123456789") == 2 && str_int(digits, number)
		&& *number < end;
}

bool
conf_digest_time(const char *text, int64_t *ms)
{
	int64_t hours;
	int64_t minutes;
	if (strlen(text) != 5 || text[2] != ':' || !two_digits(text, 24, &hours)
		|| !two_digits(text + 3, 60, &minutes))
		return false;
	*ms = hours * HOUR_MS + minutes * MINUTE_MS;
	return true;
}

static void
check(const void *section, struct conf_reader *reader)
{
	const struct conf_digest *digest = section;
	const char *const *times = digest->at.items;
	int64_t ms;
	if ((digest->every_ms > 0) == (digest->at.count > 0))
		conf_reject(reader, NULL,
			"needs either \"every: 30m\" or \"at: ['09:00']\"");
	if (digest->at.count > CONF_DIGEST_TIMES_MAX)
		conf_reject(reader, "at", "expected at most %d times",
			CONF_DIGEST_TIMES_MAX);
	for (size_t i = 0; i < digest->at.count; i++)
		if (!conf_digest_time(times[i], &ms))
			conf_reject(reader, "at",
				"expected times such as '09:00', in quotes, "
				"got %s",
				times[i]);
	if (digest->time_zone)
		conf_zone_check(digest->time_zone, reader);
}

static const struct conf_field fields[] = {
	{ "every", CONF_DURATION(struct conf_digest, every_ms, 1000, WEEK_MS),
		.otherwise = "at times",
		.help = "How often, counted from midnight." },
	{ "at", CONF_STRINGS(struct conf_digest, at),
		.otherwise = "every so often",
		.help = "At which times of each day, such as '09:00'." },
	{ "time_zone", CONF_STRING(struct conf_digest, time_zone),
		.fallback = "UTC", .shape = &conf_zone_shape,
		.help = "By which clocks: UTC, how far they are ahead of it"
			" (such as '+09:00'), or those of a place (such as"
			" Asia/Seoul), as they are put forward and back "
			"there." },
	{ "quiet", CONF_BOOL(struct conf_digest, quiet), .fallback = "false",
		.help = "Say nothing as long as all is well." },
	{ "report_to", CONF_STRINGS(struct conf_digest, report_to),
		.otherwise = "all reporters that tell digests",
		.help = "Who is told, by the names of reporters." },
	{ 0 },
};

const struct conf_section conf_digest_section = {
	.name = "digest",
	.size = sizeof(struct conf_digest),
	.fields = fields,
	.check = check,
};

const struct conf_chosen *
conf_reporter_called(const struct conf *conf, const char *name)
{
	const struct conf_chosen *reporters = conf->reporters.items;
	for (size_t i = 0; i < conf->reporters.count; i++) {
		const char *its = reporters[i].variant
			? conf_reporter_name(&reporters[i])
			: NULL;
		if (its && str_eq(its, name))
			return &reporters[i];
	}
	return NULL;
}

static void
check_reporter(const struct conf *conf, struct conf_reader *reader,
	size_t index, const char *name)
{
	const struct conf_chosen *reporter = conf_reporter_called(conf, name);
	if (!reporter)
		conf_reject_item(reader, "digests", index, "report_to",
			"no reporter is named \"%.80s\"; see \"reporters:\"",
			name);
	else if (!reporter->variant->digests)
		conf_reject_item(reader, "digests", index, "report_to",
			"\"%.80s\" is a %s, which tells no digests", name,
			reporter->variant->name);
}

void
conf_check_digests(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_digest *digests = conf->digests.items;
	for (size_t i = 0; i < conf->digests.count; i++) {
		const char *const *names = digests[i].report_to.items;
		for (size_t k = 0; k < digests[i].report_to.count; k++)
			check_reporter(conf, reader, i, names[k]);
	}
}
