/*
 * Whether the name servers answer anybody: judged from what became of
 * look-ups.  Pure; resolver.h says what "dead" means.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** A name, by its hash, and when it was last met. */
struct resolver_evidence_name {
	uint64_t hash;
	int64_t at_us; /* 0: nothing stands here */
};

/** Zeroed to begin with.  Two names are as good as many. */
struct resolver_evidence {
	int64_t answered_us; /* 0: never */
	struct resolver_evidence_name asked[2];
	struct resolver_evidence_name failed[2];
};

/** A server was asked for it. */
void resolver_evidence_asked(
	struct resolver_evidence *evidence, const char *host, int64_t now);

/** A server answered, also that there is no such name. */
void resolver_evidence_answered(
	struct resolver_evidence *evidence, int64_t now);

/** The look-up timed out, was refused, or is unanswered for a whole try. */
void resolver_evidence_failed(
	struct resolver_evidence *evidence, const char *host, int64_t now);

bool resolver_evidence_is_dead(
	const struct resolver_evidence *evidence, int64_t now);
