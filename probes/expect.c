#include "probes/expect.h"

#include <stdio.h>

#include "agent/model/result.h"
#include "probes/pattern.h"

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

void
expect_finish(struct expect_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].kind == EXPECT_REGEX)
			pattern_drop(rules[i].pattern);
}
