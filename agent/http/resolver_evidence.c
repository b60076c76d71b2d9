#include "agent/http/resolver_evidence.h"

#include "agent/base/hash.h"

static const int64_t FRESH_US = INT64_C(10) * 1000 * 1000;

/* A name that was not asked for so long is no longer one of ours. */
static const int64_t OURS_US = INT64_C(600) * 1000 * 1000;

static void
note(struct resolver_evidence_name names[static 2], const char *host,
	int64_t now)
{
	uint64_t hash = hash_text(host);
	struct resolver_evidence_name *at =
		names[0].at_us <= names[1].at_us ? &names[0] : &names[1];
	for (int i = 0; i < 2; i++)
		if (names[i].at_us != 0 && names[i].hash == hash)
			at = &names[i];
	*at = (struct resolver_evidence_name){ .hash = hash, .at_us = now };
}

void
resolver_evidence_asked(
	struct resolver_evidence *evidence, const char *host, int64_t now)
{
	note(evidence->asked, host, now);
}

void
resolver_evidence_answered(struct resolver_evidence *evidence, int64_t now)
{
	evidence->answered_us = now;
}

void
resolver_evidence_failed(
	struct resolver_evidence *evidence, const char *host, int64_t now)
{
	note(evidence->failed, host, now);
}

static int
count_since(const struct resolver_evidence_name names[static 2], int64_t since)
{
	return (names[0].at_us > since) + (names[1].at_us > since);
}

bool
resolver_evidence_is_dead(const struct resolver_evidence *evidence, int64_t now)
{
	bool answered = evidence->answered_us != 0
		&& now - evidence->answered_us < FRESH_US;
	bool fresh = false;
	for (int i = 0; i < 2; i++)
		if (evidence->failed[i].at_us != 0
			&& now - evidence->failed[i].at_us < FRESH_US)
			fresh = true;
	if (answered || !fresh)
		return false;

	int failed = count_since(evidence->failed, evidence->answered_us);
	int64_t since = now > OURS_US ? now - OURS_US : 0;
	return failed > 1
		|| (failed == 1 && count_since(evidence->asked, since) <= 1);
}
