#include "agent/model/status.h"

static const struct {
	const char *name;
	const char *words;
} statuses[STATUS_COUNT] = {
	[STATUS_UNKNOWN] = { "unknown", "unknown" },
	[STATUS_OPERATIONAL] = { "operational", "operational" },
	[STATUS_PERFORMANCE_ISSUES] = { "performance_issues",
		"performance issues" },
	[STATUS_PARTIAL_OUTAGE] = { "partial_outage", "partial outage" },
	[STATUS_MAJOR_OUTAGE] = { "major_outage", "major outage" },
};

const char *
status_name(enum status status)
{
	return statuses[status].name;
}

const char *
status_words(enum status status)
{
	return statuses[status].words;
}

bool
status_is_bad(enum status status)
{
	return status > STATUS_OPERATIONAL;
}
