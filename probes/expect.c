#include "probes/expect.h"

#include <stdio.h>

#include "agent/base/buf.h"
#include "agent/base/pattern.h"
#include "agent/model/result.h"
#include "probes/probe.h"

enum {
	WANTED_MAX = 64 * 1024, /* as long as a pattern may be */
};

/* What one unmet rule has to say. */
struct complaint {
	enum status status;
	enum cause cause;
	char message[RESULT_MESSAGE_SIZE];
};

/* The ranges behind a status rule are its alternatives. */
static bool
is_status_met(const struct expect_rule *rule, const struct expect_rule *end,
	int status)
{
	do {
		if (status >= rule->range.from && status < rule->range.to)
			return true;
		rule++;
	} while (rule < end && rule->kind == EXPECT_OR_STATUS);
	return false;
}

static bool
is_latency_met(const struct expect_rule *rule, const struct expect_seen *seen)
{
	return seen->latency_us <= rule->threshold_us;
}

static bool
is_met(const struct expect_rule *rule, const struct expect_rule *end,
	const struct expect_seen *seen, struct complaint *complaint)
{
	size_t size = sizeof(complaint->message);
	switch ((enum expect_kind)rule->kind) {
	case EXPECT_HTTP_STATUS:
		complaint->cause = CAUSE_HTTP_STATUS;
		snprintf(complaint->message, size,
			"Unexpected HTTP status (%d)", seen->status);
		return is_status_met(rule, end, seen->status);
	case EXPECT_LATENCY:
		complaint->cause = CAUSE_LATENCY;
		snprintf(complaint->message, size,
			"Latency above threshold: %.4f seconds",
			(double)seen->latency_us / 1e6);
		return is_latency_met(rule, seen);
	case EXPECT_REGEX:
		break;
	case EXPECT_OR_STATUS:
		return true;
	}
	enum pattern_answer answer =
		pattern_try(rule->pattern, seen->body, seen->body_len);
	complaint->cause = CAUSE_REGEX;
	snprintf(complaint->message, size,
		"Regex did not match anything in the body%s",
		answer == PATTERN_GAVE_UP ? " (gave up: it takes too long)"
					  : "");
	return answer == PATTERN_MATCHES;
}

static void
say(struct result *result, const struct complaint *complaint)
{
	result->status = complaint->status;
	result->cause = complaint->cause;
	snprintf(result->message, sizeof(result->message), "%s",
		complaint->message);
}

void
expect_judge(const struct expect_rule *rules, size_t n,
	const struct expect_seen *seen, struct result *result)
{
	static const struct complaint late = {
		.status = STATUS_UNKNOWN,
		.cause = CAUSE_LAG,
		.message = "The agent was late itself, so the latency"
			   " was not judged",
	};
	struct complaint complaint = { .status = STATUS_OPERATIONAL };
	say(result, &complaint);
	bool is_void = false;
	for (size_t i = 0; i < n; i++) {
		const struct expect_rule *rule = &rules[i];
		if (rule->kind == EXPECT_LATENCY && seen->stalled) {
			is_void |= !is_latency_met(rule, seen);
			continue;
		}
		/* What cannot change the outcome need not be tried. */
		if (rule->incident <= result->status)
			continue;
		complaint.status = (enum status)rule->incident;
		if (!is_met(rule, rules + n, seen, &complaint))
			say(result, &complaint);
	}
	if (is_void && result->status == STATUS_OPERATIONAL)
		say(result, &late);
}

static const char *
type_of(const struct expect_rule *rule)
{
	static const char *const types[] = {
		[EXPECT_HTTP_STATUS] = "HTTP_STATUS",
		[EXPECT_LATENCY] = "LATENCY",
		[EXPECT_REGEX] = "REGEX",
	};
	return types[rule->kind];
}

/* In words: "200-300" would mean 299 to some, and 300 to others. */
static void
add_ranges(const struct expect_rule *rule, const struct expect_rule *end,
	struct buf *out)
{
	do {
		if (out->len > 0)
			buf_add_text(out, ", ");
		buf_printf(out, "%d", rule->range.from);
		if (rule->range.to != rule->range.from + 1)
			buf_printf(out, " to %d", rule->range.to - 1);
		rule++;
	} while (rule < end && rule->kind == EXPECT_OR_STATUS);
}

static void
add_wanted(const struct expect_rule *rule, const struct expect_rule *end,
	struct buf *out)
{
	if (rule->kind == EXPECT_HTTP_STATUS)
		add_ranges(rule, end, out);
	else if (rule->kind == EXPECT_REGEX)
		buf_add_text(out, pattern_text(rule->pattern));
	else if (rule->threshold_us == INT64_MAX)
		buf_add_text(out, "any");
	else
		buf_printf(out, "at most %.9g s",
			(double)rule->threshold_us / 1e6);
}

/* NULL when it can be judged. */
static const char *
why_unjudged(const struct expect_rule *rule, const struct expect_seen *seen)
{
	if (!seen)
		return "there was nothing to judge";
	if (rule->kind == EXPECT_LATENCY && seen->stalled
		&& !is_latency_met(rule, seen))
		return "the agent was late itself";
	return NULL;
}

static void
tell(const struct expect_rule *rule, const struct expect_rule *end,
	const struct expect_seen *seen, const struct probe_watch *watch)
{
	struct buf wanted;
	struct complaint complaint;
	buf_init(&wanted, WANTED_MAX);
	add_wanted(rule, end, &wanted);
	struct probe_finding finding = {
		.type = type_of(rule),
		.wanted = wanted.data,
		.incident = (enum status)rule->incident,
		.why = why_unjudged(rule, seen),
	};
	if (rule->kind == EXPECT_LATENCY)
		finding.limit_us = rule->threshold_us;
	if (finding.why) {
		finding.outcome = PROBE_UNJUDGED;
	} else if (is_met(rule, end, seen, &complaint)) {
		finding.why = "";
	} else {
		finding.outcome = PROBE_UNMET;
		finding.why = complaint.message;
	}
	watch->on_finding(watch->cookie, &finding);
	buf_finish(&wanted);
}

void
expect_each(const struct expect_rule *rules, size_t n,
	const struct expect_seen *seen, const struct probe_watch *watch)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].kind != EXPECT_OR_STATUS)
			tell(&rules[i], rules + n, seen, watch);
}

void
expect_finish(struct expect_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].kind == EXPECT_REGEX)
			pattern_drop(rules[i].pattern);
}
