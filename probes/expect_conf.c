#include "probes/expect_conf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/pattern_translate.h"
#include "agent/base/str.h"
#include "agent/model/status.h"

static const struct conf_form forms[] = {
	{ "HTTP_STATUS", { "status_range" }, "The status of the answer." },
	{ "LATENCY", { "threshold" }, "How long the answer takes." },
	{ "REGEX", { "regex" }, "The body of the answer." },
	{ NULL, { NULL }, NULL },
};

/* Of each form. */
static const struct kind {
	enum expect_kind kind;
	enum status incident;
} kinds[] = {
	{ EXPECT_HTTP_STATUS, STATUS_PARTIAL_OUTAGE },
	{ EXPECT_LATENCY, STATUS_PERFORMANCE_ISSUES },
	{ EXPECT_REGEX, STATUS_PARTIAL_OUTAGE },
};

enum {
	RANGES_MAX = 64,
};

static const struct kind *
kind_of(const char *type)
{
	for (size_t i = 0; forms[i].type; i++)
		if (str_eq(type, forms[i].type))
			return &kinds[i];
	return NULL;
}

/* The names of incidents, in numbers of enum status. */
static const struct conf_choice incidents[] = {
	{ "PERFORMANCE", STATUS_PERFORMANCE_ISSUES },
	{ "PARTIAL", STATUS_PARTIAL_OUTAGE },
	{ "MAJOR", STATUS_MAJOR_OUTAGE },
	{ NULL, 0 },
};

static bool
parse_incident(const char *text, enum status *status)
{
	for (size_t i = 0; incidents[i].name; i++) {
		if (str_ieq(text, incidents[i].name)) {
			*status = (enum status)incidents[i].value;
			return true;
		}
	}
	return false;
}

/* The text up to `end`, with blanks around it, as an int. */
static bool
parse_status(const char *text, const char *end, int32_t *status)
{
	static const char blanks[] = " \t\r\n\f\v";
	text += strspn(text, blanks);
	while (end > text && strchr(blanks, end[-1]))
		end--;
	char digits[16];
	if (end <= text || (size_t)(end - text) >= sizeof(digits))
		return false;
	memcpy(digits, text, (size_t)(end - text));
	digits[end - text] = '\0';

	int64_t number;
	if (!str_int(digits, &number) || labs(number) > INT32_MAX / 2)
		return false;
	*status = (int32_t)number;
	return true;
}

/* 200, 200-300 without its end and whatever follows it, or 2xx. */
static bool
parse_range(const char *text, const char *end, struct expect_range *range)
{
	text += strspn(text, " ");
	if (end - text >= 3 && text[0] >= '1' && text[0] <= '9'
		&& strncasecmp(text + 1, "xx", 2) == 0
		&& text + 3 + strspn(text + 3, " ") >= end) {
		range->from = (text[0] - '0') * 100;
		range->to = range->from + 100;
		return true;
	}
	const char *dash = memchr(text, '-', (size_t)(end - text));
	if (!dash) {
		if (!parse_status(text, end, &range->from))
			return false;
		range->to = range->from + 1;
		return true;
	}
	const char *second = memchr(dash + 1, '-', (size_t)(end - dash - 1));
	return parse_status(text, dash, &range->from)
		&& parse_status(dash + 1, second ? second : end, &range->to);
}

struct ranges {
	struct expect_range items[RANGES_MAX];
	size_t count;
};

static bool
add_text(const char *text, struct ranges *ranges)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		if (ranges->count == RANGES_MAX
			|| !parse_range(text, text + len,
				&ranges->items[ranges->count]))
			return false;
		ranges->count++;
		if (text[len] == '\0')
			return true;
		text += len + 1;
	}
}

static bool
add_scalar(const struct conf_node *node, struct ranges *ranges)
{
	int64_t status;
	switch (node->kind) {
	case CONF_NODE_TEXT:
		return add_text(node->text, ranges);
	case CONF_NODE_INT:
		status = node->integer;
		break;
	case CONF_NODE_BOOL: /* so it was in the old tool */
		status = node->boolean;
		break;
	default:
		return false;
	}
	if (ranges->count == RANGES_MAX || status > INT32_MAX / 2
		|| status < -INT32_MAX / 2)
		return false;
	ranges->items[ranges->count++] = (struct expect_range){
		.from = (int32_t)status,
		.to = (int32_t)status + 1,
	};
	return true;
}

/* False with `*wrong` as the index of the item, or -1 when it is no list. */
static bool
parse_ranges(const struct conf_node *node, struct ranges *ranges, int *wrong)
{
	ranges->count = 0;
	*wrong = -1;
	if (!node)
		return false;
	if (node->kind != CONF_NODE_LIST)
		return add_scalar(node, ranges);
	for (size_t i = 0; i < node->count; i++) {
		if (!add_scalar(&node->items[i], ranges)) {
			*wrong = (int)i;
			return false;
		}
	}
	return node->count > 0;
}

static bool
seconds_of(const struct conf_node *node, double *seconds)
{
	int64_t ms;
	switch (node->kind) {
	case CONF_NODE_INT:
		*seconds = (double)node->integer;
		return true;
	case CONF_NODE_FLOAT:
		*seconds = node->number;
		return !isnan(*seconds);
	case CONF_NODE_BOOL: /* so it was in the old tool */
		*seconds = node->boolean;
		return true;
	case CONF_NODE_TEXT:
		if (str_number(node->text, seconds))
			return true;
		if (!duration_parse(node->text, &ms))
			return false;
		*seconds = (double)ms / 1000;
		return true;
	default:
		return false;
	}
}

static bool
parse_threshold(const struct conf_node *node, int64_t *us)
{
	static const double century = 3.2e9;
	double seconds;
	if (!node || !seconds_of(node, &seconds))
		return false;
	if (seconds > century)
		*us = INT64_MAX;
	else if (seconds < 0)
		*us = -1;
	else /* 0.0003 * 1e6 is a little below 300 */
		*us = (int64_t)(seconds * 1e6 + 0.001);
	return true;
}

static const char right_ranges[] = "a status such as 200, or a range such as"
				   " 200-300 (300 itself is not in it)";
static const char right_threshold[] = "a length of time such as 0.5 (seconds)"
				      " or 500ms";

static void
check_ranges(const struct expect_settings *settings, struct conf_reader *reader)
{
	static const char key[] = "status_range";
	struct ranges ranges;
	int wrong;
	if (!settings->status_range)
		conf_reject(reader, NULL,
			"HTTP_STATUS needs a status_range: %s", right_ranges);
	else if (!parse_ranges(settings->status_range, &ranges, &wrong)) {
		if (wrong >= 0)
			conf_reject_item(reader, key, (size_t)wrong, NULL,
				"expected %s", right_ranges);
		else
			conf_reject(reader, key, "expected %s", right_ranges);
	} else {
		for (size_t i = 0; i < ranges.count; i++)
			if (ranges.items[i].from >= ranges.items[i].to
				|| ranges.items[i].to <= 100
				|| ranges.items[i].from > 999)
				conf_warn(reader, key,
					"no answer has a status in the range"
					" from %d to before %d",
					ranges.items[i].from,
					ranges.items[i].to);
	}
}

static void
check_threshold(
	const struct expect_settings *settings, struct conf_reader *reader)
{
	int64_t us;
	if (!settings->threshold)
		conf_reject(reader, NULL, "LATENCY needs a threshold: %s",
			right_threshold);
	else if (!parse_threshold(settings->threshold, &us))
		conf_reject(
			reader, "threshold", "expected %s", right_threshold);
	else if (us < 0)
		conf_warn(reader, "threshold", "no answer is that fast");
}

static void
check_regex(const struct expect_settings *settings, struct conf_reader *reader)
{
	static const char key[] = "regex";
	struct err err;
	unsigned doubts;
	if (!settings->regex) {
		conf_reject(reader, NULL,
			"REGEX needs a regex, such as .*<body>.*");
		return;
	}
	if (!pattern_check(settings->regex, &doubts, &err)) {
		conf_reject(reader, key, "%s", err.text);
		return;
	}
	if (doubts & PATTERN_DOUBT_FLAGS)
		conf_warn(reader, key,
			"flags such as (?i) are for the pattern as a whole;"
			" write them at its start");
	if (doubts & PATTERN_DOUBT_POSIX)
		conf_warn(reader, key,
			"[:alpha:] and such are taken as classes, where"
			" cachet-url-monitor took their letters");
}

static void
check_incident(const struct expect_settings *settings, const struct kind *kind,
	struct conf_reader *reader)
{
	enum status incident;
	const char *fallback = kind->incident == STATUS_PARTIAL_OUTAGE
		? "PARTIAL"
		: "PERFORMANCE";
	if (!settings->incident)
		return;
	if (!parse_incident(settings->incident, &incident))
		conf_warn(reader, "incident",
			"expected PARTIAL, MAJOR or PERFORMANCE, not \"%s\";"
			" taken as %s",
			settings->incident, fallback);
	else if (settings->incident[strcspn(
			 settings->incident, "abcdefghijklmnopqrstuvwxyz")])
		conf_warn(reader, "incident",
			"write it in upper case: cachet-url-monitor took"
			" \"%s\" as %s",
			settings->incident, fallback);
}

static void
check(const void *section, struct conf_reader *reader)
{
	const struct expect_settings *settings = section;
	/* That it is missing was complained about already. */
	const struct kind *kind =
		settings->type ? kind_of(settings->type) : NULL;
	if (!kind) {
		if (settings->type)
			conf_reject(reader, "type",
				"Invalid type: %s; expected HTTP_STATUS,"
				" LATENCY or REGEX",
				settings->type);
		return;
	}
	check_incident(settings, kind, reader);
	/* Keys of another type are ignored, as they always were. */
	if (kind->kind == EXPECT_HTTP_STATUS)
		check_ranges(settings, reader);
	else if (kind->kind == EXPECT_LATENCY)
		check_threshold(settings, reader);
	else
		check_regex(settings, reader);
}

#define BLANKS "[ \\t\\r\\n\\f\\v]*"
#define STATUS BLANKS "[0-9]+" BLANKS
#define RANGE "(" STATUS "(-" STATUS "(-[^,]*)?)?| *[1-9][xX][xX] *)"

static const struct conf_shape range_shape = {
	.what = "200, 200-300 (300 itself is not in it), 2xx, or a list of"
		" such",
	.pattern = "^" RANGE "(," RANGE ")*$",
	.number = true,
	.list = true,
};

static const struct conf_shape threshold_shape = {
	.what = "a duration, such as 0.5 (seconds) or 500ms",
	.pattern = "^([0-9.]+(ms|s|m|h|d))+$|^[0-9.eE+-]+$",
	.number = true,
};

static const struct conf_field fields[] = {
	{ "type", CONF_STRING(struct expect_settings, type),
		.flags = CONF_REQUIRED | CONF_OF_OLD,
		.help = "What is looked at." },
	{ "incident", CONF_STRING(struct expect_settings, incident),
		.flags = CONF_OF_OLD, .choices = incidents,
		.otherwise = "PERFORMANCE for LATENCY, PARTIAL for the others",
		.help = "How bad it is when it is not met." },
	{ "status_range", CONF_TREE(struct expect_settings, status_range),
		.flags = CONF_OF_OLD, .shape = &range_shape,
		.help = "The statuses that are fine." },
	{ "threshold", CONF_TREE(struct expect_settings, threshold),
		.flags = CONF_OF_OLD, .shape = &threshold_shape,
		.help = "The longest time to the end of the headers." },
	{ "regex", CONF_STRING(struct expect_settings, regex),
		.flags = CONF_OF_OLD | CONF_BETTER_QUOTED,
		.help = "A pattern in Python's language that must match from"
			" the start of the body; a dot is any character." },
	{ 0 },
};

const struct conf_section expect_conf_section = {
	.name = "expectation",
	.size = sizeof(struct expect_settings),
	.fields = fields,
	.of_old = true,
	.check = check,
	.forms = forms,
};

bool
expect_conf_is_good(const struct expect_settings *settings, struct err *err)
{
	const struct kind *kind =
		settings->type ? kind_of(settings->type) : NULL;
	struct ranges ranges;
	int wrong;
	int64_t us;
	if (!kind)
		return err_set(err, "expected HTTP_STATUS, LATENCY or REGEX");
	if (kind->kind == EXPECT_REGEX)
		return settings->regex
			? pattern_check(settings->regex, NULL, err)
			: err_set(err, "expected a pattern");
	if (kind->kind == EXPECT_LATENCY)
		return parse_threshold(settings->threshold, &us)
			|| err_set(err, "expected %s", right_threshold);
	return parse_ranges(settings->status_range, &ranges, &wrong)
		|| err_set(err, "expected %s", right_ranges);
}

size_t
expect_conf_count(const struct conf_list *list)
{
	const struct expect_settings *items = list->items;
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct kind *kind = kind_of(items[i].type);
		struct ranges ranges;
		int wrong;
		if (kind->kind == EXPECT_HTTP_STATUS
			&& parse_ranges(items[i].status_range, &ranges, &wrong))
			count += ranges.count;
		else
			count++;
	}
	return count > 0 ? count : 1;
}

static size_t
compile_one(const struct expect_settings *settings,
	struct pattern_cache *patterns, struct expect_rule *rules)
{
	const struct kind *kind = kind_of(settings->type);
	enum status incident = kind->incident;
	if (settings->incident)
		parse_incident(settings->incident, &incident);
	*rules = (struct expect_rule){
		.kind = (uint8_t)kind->kind,
		.incident = (uint8_t)incident,
	};
	struct ranges ranges;
	struct err err;
	int wrong;
	switch (kind->kind) {
	case EXPECT_LATENCY:
		parse_threshold(settings->threshold, &rules->threshold_us);
		return 1;
	case EXPECT_REGEX:
		rules->pattern = pattern_get(patterns, settings->regex, &err);
		if (!rules->pattern)
			abort();
		return 1;
	default:
		break;
	}
	parse_ranges(settings->status_range, &ranges, &wrong);
	for (size_t i = 0; i < ranges.count; i++) {
		rules[i] = rules[0];
		if (i > 0)
			rules[i].kind = EXPECT_OR_STATUS;
		rules[i].range = ranges.items[i];
	}
	return ranges.count;
}

void
expect_conf_compile(const struct conf_list *list,
	struct pattern_cache *patterns, struct expect_rule *rules)
{
	const struct expect_settings *items = list->items;
	for (size_t i = 0; i < list->count; i++)
		rules += compile_one(&items[i], patterns, rules);
	if (list->count == 0)
		*rules = (struct expect_rule){
			.kind = EXPECT_HTTP_STATUS,
			.incident = STATUS_PARTIAL_OUTAGE,
			.range = { 200, 300 },
		};
}
