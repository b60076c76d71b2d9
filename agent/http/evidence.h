/*
 * Whether the name servers answer anybody: judged from what became of
 * look-ups.  Pure; resolver.h says what "dead" means.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** A name, by its hash, and when it was last met. */
struct evidence_name {
	uint64_t hash;
	int64_t at_us; /* 0: nothing stands here */
};

/** Zeroed to begin with.  Two names are as good as many. */
struct evidence {
	int64_t answered_us; /* 0: never */
	struct evidence_name asked[2];
	struct evidence_name failed[2];
};

/** A server was asked for it. */
void evidence_asked(struct evidence *evidence, const char *host, int64_t now);

/** A server answered, also that there is no such name. */
void evidence_answered(struct evidence *evidence, int64_t now);

/** The look-up timed out, or was refused. */
void evidence_failed(struct evidence *evidence, const char *host, int64_t now);

bool evidence_is_dead(const struct evidence *evidence, int64_t now);
